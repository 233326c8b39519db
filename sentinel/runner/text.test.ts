import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { clean, cut } from './text.ts';

test('a text is cut where a character ends', () => {
  assert.equal(cut('ab😀c', 3), 'ab');
  assert.equal(cut('ab😀c', 4), 'ab😀');
  assert.equal(cut('abc', 3), 'abc');
});

test('what is kept of a long text keeps no more of it in memory', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heldMiB = () => {
    collect();
    return process.memoryUsage().heapUsed / 1024 / 1024;
  };
  const before = heldMiB();
  const kept = [1, 2, 3, 4].map((i) => clean(JSON.parse(`"${String(i).repeat(10_000_000)}"`) as string, 5000));
  assert.ok(heldMiB() - before < 10, `${heldMiB() - before} MiB`);
  assert.equal(kept.length, 4);
});
