import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { SpareMemory } from './spare-memory.ts';

test('memory is given back once after each time of work, when nothing was to be done for a while', () => {
  let given = 0;
  const memory = new SpareMemory(() => {
    given++;
  });
  const turns = [
    { isIdle: false, at: 0, given: 0 },
    { isIdle: true, at: 1000, given: 0 },
    { isIdle: true, at: 2000, given: 0 },
    { isIdle: true, at: 20_000, given: 1 },
    { isIdle: true, at: 90_000, given: 1 },
    { isIdle: false, at: 91_000, given: 1 },
    { isIdle: true, at: 92_000, given: 1 },
    { isIdle: true, at: 120_000, given: 2 },
  ];
  for (const turn of turns) {
    memory.turn(turn.isIdle, turn.at);
    assert.equal(given, turn.given, `at ${turn.at}`);
  }
});

test('what nobody needs any more is given back in a program that was started without flags', async () => {
  const memory = new SpareMemory();
  const gone = new WeakRef(Array.from({ length: 1000 }, (_, i) => i));
  memory.turn(true, 0);
  await setImmediate(); // until then a WeakRef holds what it was made of
  memory.turn(true, 60_000);
  assert.equal(gone.deref(), undefined);
});
