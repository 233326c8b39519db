import assert from 'node:assert/strict';
import { test } from 'node:test';
import { handedOver, judge, type KeyHolder, turnedAway, type Verdict } from './key-holder.ts';

const speaker = (boot: string, before: string[] | 'known', address = '192.0.2.1') => ({ boot, before, address, at: 1 });

/** Asks one after the other; the verdicts, and who holds the key in the end. */
function asked(...boots: [string, string[] | 'known'][]): { verdicts: Verdict[]; holder: KeyHolder | undefined } {
  let holder: KeyHolder | undefined;
  const verdicts = boots.map(([boot, before]) => {
    const judged = judge(holder, speaker(boot, before));
    holder = judged.holder;
    return judged.verdict;
  });
  return { verdicts, holder };
}

test('who speaks first holds the key, and so does whoever knows it as an earlier start of itself', () => {
  const { verdicts, holder } = asked(['a', []], ['a', 'known'], ['b', ['a']], ['c', ['a', 'b']]);
  assert.deepEqual(verdicts, ['welcome', 'welcome', 'welcome', 'welcome']);
  assert.equal(holder?.boot, 'c');
});

test('whoever does not know the boot that spoke last is another machine, and parked at its first request', () => {
  const { verdicts, holder } = asked(['a', []], ['b', []], ['a', 'known'], ['b', []], ['c', ['b']]);
  assert.deepEqual(verdicts, ['welcome', 'parked', 'welcome', 'parked', 'parked']);
  assert.deepEqual(
    holder?.others.map((other) => other.boot),
    ['c'],
    'started again it is still one machine',
  );
});

test('what is still on its way from a boot that has ended is refused, and nobody is suspected', () => {
  const { verdicts, holder } = asked(['a', []], ['c', ['a', 'b']], ['b', ['a']], ['a', 'known'], ['c', 'known']);
  assert.deepEqual(verdicts, ['welcome', 'welcome', 'replaced', 'replaced', 'welcome']);
  assert.deepEqual(holder?.others, []);
});

test('a machine whose disk was copied while it ran starts anew, and is told from its copy', () => {
  const { verdicts } = asked(['a', []], ['copy', ['a']], ['a', 'known'], ['a2', ['a']], ['copy', 'known']);
  assert.deepEqual(verdicts, ['welcome', 'welcome', 'replaced', 'parked', 'welcome']);
});

test('a server that lost its latest data takes the machine for the same', () => {
  const { holder } = asked(['a', []]);
  const restored = judge(holder, speaker('d', 'known'));
  assert.equal(restored.verdict, 'replaced');
  assert.equal(judge(restored.holder, speaker('e', ['a', 'b', 'c', 'd'])).verdict, 'welcome');
});

test('the machine that an administrator chose goes on, and the others stay out however often they start', () => {
  const { holder } = asked(['a', []], ['b', []]);
  assert.ok(holder);
  const after = handedOver(holder, 'b', 2);
  assert.ok(after);
  assert.equal(judge(after, speaker('b', [])).verdict, 'welcome');
  const again = judge(after, speaker('a2', ['a']));
  assert.equal(again.verdict, 'parked');
  assert.deepEqual(
    again.holder?.others.map(({ boot, turnedAway: out }) => [boot, out]),
    [['a2', true]],
  );
  assert.equal(judge(again.holder, speaker('b2', ['b'])).verdict, 'welcome');
  assert.equal(handedOver(holder, 'c', 2), undefined);
});

test('of a whole pool with one identity all but one are parked, a thousand of them listed, and the others are no news each time', () => {
  let { holder } = asked(['a', []]);
  for (let i = 0; i < 1050; i++) holder = judge(holder, speaker(`copy-${i}`, [])).holder;
  assert.equal(holder?.others.length, 1000);
  const late = judge(holder, speaker('copy-1049', []));
  assert.deepEqual([late.verdict, late.holder === holder], ['parked', true]);
});

test('with the one that speaks confirmed, the other is no longer to be decided on', () => {
  const { holder } = asked(['a', []], ['b', []]);
  assert.ok(holder);
  const after = turnedAway(holder);
  assert.deepEqual(
    after.others.map((other) => other.turnedAway),
    [true],
  );
  assert.equal(judge(after, speaker('b2', ['b'])).holder?.others[0]?.turnedAway, true);
});
