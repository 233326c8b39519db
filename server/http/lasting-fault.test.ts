import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LastingFault } from './lasting-fault.ts';

test('a fault that lasts is told of when it begins, once a minute, and when it is over', () => {
  const told: unknown[] = [];
  const tell = (what: { times: number }, message: string) => void told.push([what.times, message]);
  let now = 0;
  const fault = new LastingFault({ error: tell as never, info: tell as never }, 'no registry', () => now);
  fault.over();
  for (; now < 100_000; now += 500) fault.met(new Error('gone'));
  fault.over();
  fault.over();
  fault.met(new Error('gone again'));
  assert.deepEqual(told, [
    [1, 'no registry'],
    [121, 'no registry'],
    [200, 'it is over: no registry'],
    [1, 'no registry'],
  ]);
});
