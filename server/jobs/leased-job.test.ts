import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import { leasedJob } from './leased-job.ts';

test('a turn that takes as long as several should is followed by one, not by all that were missed', async (t: TestContext) => {
  const log = pino({ level: 'silent' });
  t.mock.timers.enable({ apis: ['setInterval'] });
  const lease = Object.assign(new EventEmitter<{ gained: [] }>(), { fence: 1, outrunBy() {} });
  const first = Promise.withResolvers<void>();
  let begun = 0;
  const job = leasedJob(
    { log } as Parameters<typeof leasedJob>[0],
    lease,
    { everyMs: 1000, failed: 'so it was' },
    async () => {
      begun += 1;
      await first.promise;
    },
  );
  for (let n = 0; n < 5; n++) {
    t.mock.timers.tick(1000);
    await setImmediate();
  }
  assert.equal(begun, 1);
  first.resolve();
  await setImmediate();
  assert.equal(begun, 2);
  t.mock.timers.tick(1000);
  await setImmediate();
  assert.equal(begun, 3);
  await job.stop();
});
