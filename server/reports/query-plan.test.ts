import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { closeHours } from '../rollups/close-hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { failureGroupAnswer } from './failure-group.ts';
import { failures } from './failures.ts';
import { monitorList } from './monitors.ts';
import { overview } from './overview.ts';
import { dayMs } from './period.ts';
import { newestRuns } from './recent-runs.ts';
import { report } from './report.ts';
import { responseTimes } from './response-times.ts';
import { run } from './run.ts';
import { runs } from './runs.ts';

/*
 * Every statement that ingest, rollups and reports send is explained: a table that grows with the runs may be searched
 * by an index, never read from end to end.
 */

const now = Date.UTC(2026, 2, 1, 12, 30);
const growing = [
  'runs',
  'transaction_results',
  'rollups',
  'day_rollups',
  'skips',
  'requested_runs',
  'assignment_eras',
  'evidence',
  'transactions',
  'rejected_runs',
  'failure_hours',
  'failure_groups',
];

test('nothing on the way of a run reads a growing table from end to end', async () => {
  await using world = await buildCustomer();
  const { db } = world;
  const sentinel = await world.buildSentinel();
  const { id } = await world.buildMonitor({ thresholds: '{"Login":1}', created_at: now - 2 * dayMs });
  const sent = new Map<string, readonly unknown[]>();
  db.on('query', ({ sql, bindings }) => sent.set(sql, bindings ?? []));
  const failed = buildFailedRun({ monitorId: id, startedAt: now });
  const retry = buildRun({ monitorId: id, startedAt: now + 1, retryOf: failed.id, deniedHosts: ['ads.example:443'] });
  const batch = [buildRun({ monitorId: id, startedAt: now - 1 }), { ...failed, retriedBy: retry.id }, retry];
  await ingest(db, sentinel, [...batch, { ...failed, durationUs: 1 }], now);
  await rollUpDirty(db);
  await closeHours(db, now + dayMs);
  for (const days of [1, 30]) await monitorList(db, { from: now - days * dayMs, to: now + 1 }, now);
  await overview(db, now);
  for (const step of ['minute', 'hour'] as const)
    await responseTimes(db, id, { from: now - dayMs, to: now }, step, now);
  const asked = {
    period: { from: now - 30 * dayMs, to: now + dayMs },
    step: 'day',
    limit: 99,
    group: ['transaction'],
  } as const;
  await report(db, id, { ...asked, businessHours: true, maintenance: 'excluded' }, now + dayMs);
  await runs(db, id, { limit: 10, before: { at: now, id: failed.id }, outcome: 'failed' });
  await run(db, failed.id, String);
  const week = { from: now - 7 * dayMs, to: now + dayMs };
  const { groups } = await failures(db, { period: week, limit: 10 });
  await failureGroupAnswer(db, groups[0]?.id ?? 0, week, { limit: 10, before: { at: now, id: failed.id } });
  db.removeAllListeners('query');

  const queries = [...sent].filter(([sql]) => /^(select|update|delete|with)/i.test(sql));
  assert.ok(queries.length > 20, `${queries.length} statements were seen`);
  for (const [sql, bindings] of queries) {
    const plan: { detail: string }[] = await db.raw(`explain query plan ${sql}`, [...bindings] as string[]);
    // Of an index of which no more than the monitor is given all its runs are read.
    const read = plan.filter(({ detail }) => /^SCAN|runs_by_start \(monitor_id=\?\)/.test(detail));
    const scanned = read.flatMap(({ detail }) => tableOf(sql, /^S\w+ (\w+)/.exec(detail)?.[1]) ?? []);
    assert.deepEqual(
      scanned.filter((table) => growing.includes(table)),
      [],
      sql,
    );
  }
});

/** The table that a plan means by a name, which may be an alias. */
function tableOf(sql: string, name: string | undefined): string | undefined {
  return new RegExp(`\`(\\w+)\` as \`${name}\``).exec(sql)?.[1] ?? name;
}

test('the latest runs of a monitor are read in order from the index, and no further than they are shown', async () => {
  await using world = await buildCustomer();
  const sent: { sql: string; bindings?: string[] }[] = [];
  world.db.on('query', (query) => sent.push(query));
  await newestRuns(world.db, 'm', now, 40);
  const [{ sql, bindings = [] } = { sql: '' }] = sent;
  const plan: { detail: string }[] = await world.db.raw(`explain query plan ${sql}`, bindings);
  const details = plan.map(({ detail }) => detail);
  const byIndex = 'SEARCH runs USING COVERING INDEX runs_by_start (monitor_id=? AND outcome=? AND started_at<?)';
  const after = details.filter((_, i) => details[i - 1] === byIndex);
  assert.deepEqual(after, Array(4).fill('SCAN first'), 'what is sorted is what was found');
});
