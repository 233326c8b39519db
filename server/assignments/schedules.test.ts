import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scheduleColumns } from './schedules.ts';

test('a cron expression that comes once in a generation has a shortest gap too', () => {
  const now = Date.UTC(2030, 10, 22);
  const seldom = { cron: '0 12 29 2 *', hours: 'tue 08:00-18:00' }; // 2028, then 2056
  assert.equal(scheduleColumns(seldom, now).every_ms, 86_400_000);
  assert.equal(scheduleColumns({ cron: '*/7 * * * *' }, now).every_ms, 4 * 60_000);
});
