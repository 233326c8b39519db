import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadline } from './deadline.ts';

test('it aborts so long after the last renewal, and never once it is over', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const [late, over] = [new Deadline(100), new Deadline(100)];
  t.mock.timers.tick(99);
  late.renew();
  over[Symbol.dispose]();
  over.renew();
  t.mock.timers.tick(99);
  assert.equal(late.signal.aborted, false);
  t.mock.timers.tick(1);
  assert.equal(late.signal.reason?.name, 'TimeoutError');
  t.mock.timers.tick(1000);
  assert.equal(over.signal.aborted, false);
});
