import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutcomeName } from '../../db/customer/rows.ts';
import { graceMs } from '../rollups/coverage.ts';
import type { MonitorState } from './shapes.ts';
import { judgedRuns, recentSince, stateOf } from './state.ts';

const plain = { cron: null, hours: null, time_zone: null };
const monitor = { id: 'm', every_ms: 60_000, timeout_ms: 30_000, ...plain };
const now = Date.UTC(2026, 2, 1, 12);

/** Outcomes of one sentinel, newest first, a minute apart. */
function seen(sentinelId: string, outcomes: readonly OutcomeName[], age = 0) {
  return outcomes.map((outcome, i) => ({ sentinelId, outcome, startedAt: now - age - i * monitor.every_ms }));
}

function state(runs: ReturnType<typeof seen>): MonitorState {
  const judged = judgedRuns(monitor, runs, now);
  return stateOf(
    false,
    judged.map((run) => ({ ...run, slow: false })),
  );
}

const allowance = monitor.every_ms + monitor.timeout_ms + graceMs;
const table: [string, ReturnType<typeof seen>, MonitorState][] = [
  ['no run ever', [], 'noData'],
  ['the last run passed', seen('a', ['passed', 'failed']), 'up'],
  ['the last run failed', seen('a', ['failed', 'passed']), 'failing'],
  ['an errored run after a passed one', seen('a', ['errored', 'passed']), 'up'],
  ['an errored run after a failed one', seen('a', ['errored', 'failed', 'passed']), 'failing'],
  ['a skipped run after a failed one', seen('a', ['skipped', 'failed']), 'failing'],
  ['nothing but errored runs', seen('a', ['errored', 'errored', 'errored']), 'noData'],
  ['the last run is as old as it may be', seen('a', ['passed'], allowance), 'up'],
  ['the last expected run is missing', seen('a', ['passed'], allowance + 1), 'noData'],
  ['one of two sentinels fails', [...seen('a', ['passed']), ...seen('b', ['failed'])], 'failing'],
  ['a sentinel that failed has gone silent', [...seen('a', ['passed']), ...seen('b', ['failed'], allowance + 1)], 'up'],
];

for (const [what, runs, wanted] of table) {
  test(`${what}: ${wanted}`, () => assert.equal(state(runs), wanted));
}

test('a paused monitor is paused whatever its runs were', () => {
  assert.equal(stateOf(true, [{ outcome: 'failed', slow: false }]), 'paused');
});

test('a slow run that passed degrades, a failed one fails first', () => {
  assert.equal(stateOf(false, [{ outcome: 'passed', slow: true }]), 'degraded');
  assert.equal(
    stateOf(false, [
      { outcome: 'passed', slow: true },
      { outcome: 'failed', slow: false },
    ]),
    'failing',
  );
});

test('with hours or a cron expression a run is missing only when one was due', () => {
  const hour = 3_600_000;
  const office = { ...monitor, hours: 'mon-fri 08:00-18:00' };
  const daily = { ...monitor, every_ms: 24 * hour, cron: '0 6 * * mon-fri' };
  const friday = Date.UTC(2026, 1, 27);
  const judged = (watched: typeof monitor | typeof office | typeof daily, startedAt: number, at: number) =>
    judgedRuns(watched, [{ sentinelId: 'a', outcome: 'passed', startedAt }], at).length;
  assert.equal(judged(office, friday + 18 * hour - 1000, friday + 62 * hour), 1, 'at the weekend nothing is missing');
  assert.equal(judged(office, friday + 18 * hour - 1000, friday + 81 * hour), 0, 'on Monday morning it is');
  assert.equal(judged(daily, friday + 6 * hour + 59_000, friday + 77 * hour), 1);
  assert.equal(judged(daily, friday + 6 * hour + 59_000, friday + 79 * hour), 0);
  assert.ok(recentSince(office, friday + 62 * hour) < friday + 18 * hour);
  assert.ok(recentSince(daily, friday + 62 * hour) < friday + 6 * hour);
});
