import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurns, jsonInTurns } from './in-turns.ts';

test('others have their turn while a long list is gone through, and nothing of it is left out', async () => {
  const items = Array.from({ length: 1050 }, (_, i) => i);
  const seen: number[] = [];
  let turns = 0;
  const other = setInterval(() => turns++, 0);
  for await (const some of inTurns(items.values())) {
    seen.push(...some);
    for (const end = performance.now() + 12; performance.now() < end; ); // works without a pause
  }
  clearInterval(other);
  assert.deepEqual(seen, items);
  assert.ok(turns >= 10, `${turns} turns`);
});

test('an answer is written as JSON.stringify writes it, long lists at any place too', async () => {
  const many = Array.from({ length: 250 }, (_, i) => ({ i, text: `"${i}\n`, none: null, left: undefined }));
  const answers = [
    { a: 1, b: undefined, c: null, series: [{ name: 'é', points: many }, { points: [] }], next: null },
    { monitors: many, period: { from: -1, to: 1.5 } },
    [many, [], {}],
    { monitors: many.slice(0, 200) },
    { deep: { deeper: { deepest: { points: many } } } },
    'text',
    null,
  ];
  for (const answer of answers) assert.equal(await jsonInTurns(answer), JSON.stringify(answer));
});
