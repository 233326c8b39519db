import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { ArchiveMonthRow, RollupRow } from '../../db/customer/rows.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { nextDueAt, shift } from '../../sentinel/protocol/schedule.ts';
import { buildFailedRun, buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { failures } from '../reports/failures.ts';
import { addMaintenance } from '../reports/maintenance.ts';
import { type ReportQuestion, report } from '../reports/report.ts';
import { responseTimes } from '../reports/response-times.ts';
import { week } from '../reports/week.ts';
import { adoptCalendar } from './adopt-calendar.ts';
import { usualBusinessHours } from './calendar.ts';
import { closeHours } from './close-hours.ts';
import { markDirtyBetween } from './dirty-hours.ts';
import { forgetHours, hoursMayGoUntil } from './forget-hours.ts';
import { hourMs } from './hours.ts';
import { hoursFrom } from './kept-hours.ts';
import { localDay } from './local-hours.ts';
import { rollUpDirty } from './roll-up.ts';

const dayMs = 24 * hourMs;
const actor = { kind: 'user', name: 'alice' } as const;
/** Clocks go back on the 25th in Amsterdam. */
const october = Date.UTC(2026, 9, 1);
const november = Date.UTC(2026, 10, 1);
const now = november + 3 * dayMs;
const everyMs = 3 * hourMs;

/** Two sentinels run Login every 3 hours for six days of October, some of it in maintenance; its rows are in the archive. */
async function buildWorld(timeZone: string) {
  const customer = await buildCustomer();
  const { db } = customer;
  await adoptCalendar(db, { timeZone, businessHours: usualBusinessHours });
  const start = localDay(Date.UTC(2026, 9, 22, 12), timeZone).from;
  const period = { from: start, to: localDay(start + 5.5 * dayMs, timeZone).to };
  const { id: monitorId } = await customer.buildMonitor({ created_at: start, every_ms: everyMs });
  const sentinels = [await customer.buildSentinel({ name: 'a' }), await customer.buildSentinel({ name: 'b' })];
  for (const sentinel of sentinels) {
    const runs: Run[] = [];
    const shiftMs = shift({ everyMs }, monitorId, sentinel.id);
    const next = (after: number) => nextDueAt({ everyMs }, shiftMs, after);
    for (let at = next(start), i = 0; at < period.to; at = next(at), i++) {
      const transactions = [buildResult({ name: 'Login', responseUs: 1000 * (i + 1) })];
      const make = i % 7 === 5 ? buildFailedRun : buildRun;
      runs.push(make({ monitorId, startedAt: at, dueAt: at, ...(make === buildRun && { transactions }) }));
    }
    await ingest(db, sentinel, runs, period.to);
  }
  const at = (day: number, hour: number) => start + day * dayMs + hour * hourMs;
  await addMaintenance(db, { from: at(1, 8), to: at(1, 13), reason: 'release' }, actor, now);
  await addMaintenance(db, { from: at(2, -1), to: at(3, 3), reason: 'move' }, actor, now);
  await rollUpDirty(db);
  await closeHours(db, now);
  const month: ArchiveMonthRow = {
    ...{ from_at: october, part: 0, state: 'removed', attempt: 'a', folder: null, manifest: null, seal: null },
    ...{ closed_at: now, sealed_at: now, removed_at: now, verified_at: null, fault: null },
  };
  await db('archive_months').insert(month);
  const usual = { period, limit: 1000, group: [], businessHours: false, maintenance: 'included' } as const;
  const ask = (question: Partial<ReportQuestion>) => report(db, monitorId, { ...usual, step: 'day', ...question }, now);
  return {
    ...{ ...customer, monitorId, sentinel: sentinels[0], start, period, ask },
    /** Of the time in which there were runs. */
    hours: async () => Number((await db<RollupRow>('rollups').where('hour', '<', period.to).count({ n: '*' }))[0]?.n),
    /** Every kind of report that days can tell. */
    async all() {
      const told = [];
      for (const step of ['day', 'week', 'month'] as const)
        for (const group of [[], ['transaction', 'location'], ['sentinel']] as const)
          for (const businessHours of [false, true])
            for (const maintenance of ['included', 'excluded'] as const)
              told.push(await ask({ step, group: [...group], businessHours, maintenance }));
      return told;
    },
  };
}

for (const timeZone of ['Europe/Amsterdam', 'Asia/Kolkata']) {
  test(`reports are the same when hours are gone, in days of ${timeZone}`, async () => {
    await using world = await buildWorld(timeZone);
    const { db, monitorId, period } = world;
    const before = await world.all();
    assert.ok(
      (before[1]?.series[0]?.points.length ?? 0) < (before[0]?.series[0]?.points.length ?? 0),
      'a day is left out',
    );
    assert.equal(await forgetHours(db, period.to), 6);
    assert.deepEqual([await world.hours(), await hoursFrom(db, monitorId)], [0, period.to]);
    await markDirtyBetween(db, { monitor_id: monitorId, sentinel_id: world.sentinel?.id ?? '' }, period);
    await rollUpDirty(db);
    await db('closed_hours').delete();
    await closeHours(db, now);
    assert.deepEqual(await world.all(), before, 'also where somebody would make them anew of what is left');
    const chart = await responseTimes(db, monitorId, period, 'hour', now);
    assert.deepEqual([chart.step, chart.runs.length], ['day', 6]);
    assert.deepEqual((await week(db, monitorId, period, null, now))?.hours, []);
    await assert.rejects(world.ask({ timeZone: 'America/New_York' }), /days of/);
    const wish = { from: world.start, to: period.to, reason: 'later' };
    await assert.rejects(addMaintenance(db, wish, actor, now), /figures by the day alone/);
  });
}

const sums = async (world: Awaited<ReturnType<typeof buildWorld>>, question: Partial<ReportQuestion> = {}) =>
  (await world.ask({ step: 'month', ...question }))?.series.map(({ points }) =>
    points.reduce((sum, point) => sum + point.passed + point.failed, 0),
  );

test('a run that comes when its hours are gone is added to its day, wherever it is told of', async () => {
  await using world = await buildWorld('Europe/Amsterdam');
  const { db, monitorId, sentinel, start } = world;
  assert.ok(sentinel);
  await forgetHours(db, world.period.to);
  const [runsBefore = 0] = (await sums(world)) ?? [];
  const before = await world.ask({ businessHours: true, maintenance: 'excluded' });
  // On a Friday: at 9 there is maintenance, at 15 there is none, at 22 there is no business.
  const times = [9, 15, 22].map((hour) => start + dayMs + hour * hourMs + 77);
  const late = { monitorId, startedAt: start + dayMs + 2 * hourMs };
  const runs = [...times.map((startedAt) => buildRun({ monitorId, startedAt })), buildFailedRun(late)];
  const answers = await ingest(db, sentinel, runs, now);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['stored', 'stored', 'stored', 'stored'],
  );
  await rollUpDirty(db);
  await closeHours(db, now);
  assert.equal(await world.hours(), 0);
  const [total = 0] = (await sums(world)) ?? [];
  assert.equal(total, runsBefore + 4);
  assert.equal(
    (await sums(world, { group: ['sentinel'] }))?.reduce((sum, n) => sum + n),
    total,
  );
  const [kind] = (await failures(db, { period: { from: late.startedAt, to: late.startedAt + 1 }, limit: 9 })).groups;
  assert.deepEqual([kind?.count, kind?.lastAt], [1, late.startedAt]);
  const after = await world.ask({ businessHours: true, maintenance: 'excluded' });
  const passed = (told: typeof after) => told?.series[0]?.points.map((point) => point.passed);
  assert.deepEqual(
    passed(after),
    passed(before)?.map((n, i) => (i === 1 ? n + 1 : n)),
  );
});

test('when the zone is changed after, nothing is lost of days whose hours are gone, nor counted twice', async () => {
  await using world = await buildWorld('Europe/Amsterdam');
  const { db, monitorId, start, period } = world;
  await forgetHours(db, start + 3.5 * dayMs);
  const kept = await hoursFrom(db, monitorId);
  assert.equal(kept, localDay(start + 3 * dayMs, 'Europe/Amsterdam').from);
  const whole = { from: october, to: november };
  const before = await sums(world, { period: whole });
  assert.ok((before?.[0] ?? 0) > 90);
  for (const timeZone of ['UTC', 'Asia/Kolkata', 'America/New_York', 'Pacific/Auckland']) {
    assert.ok(await adoptCalendar(db, { timeZone, businessHours: usualBusinessHours }));
    await rollUpDirty(db);
    await closeHours(db, now);
    assert.deepEqual(await sums(world, { period: whole }), before, timeZone);
    assert.equal(await hoursFrom(db, monitorId), kept);
  }
  await forgetHours(db, period.to + dayMs);
  assert.equal(await world.hours(), 0);
  assert.deepEqual(await sums(world, { period: whole }), before);
});

test('hours stay where their day is not whole, where their month is live, and by clocks that are off', async () => {
  await using world = await buildWorld('UTC');
  const { db, monitorId, sentinel, start, period } = world;
  const count = await world.hours();
  const mark = { monitor_id: monitorId, sentinel_id: sentinel?.id ?? '' };
  await markDirtyBetween(db, mark, { from: start + dayMs + 1, to: start + dayMs + 1 });
  assert.equal(await forgetHours(db, period.to), 1, 'the second day is still to be made anew');
  assert.ok((await world.hours()) < count);
  await rollUpDirty(db);
  await db('closed_hours').update({ until: start + 2 * dayMs + hourMs });
  assert.equal(await forgetHours(db, period.to), 1, 'the third day is not closed');
  assert.ok(sentinel);
  await ingest(db, sentinel, [buildRun({ monitorId, startedAt: now - hourMs })], now);
  const until = (months: number, at = now) => hoursMayGoUntil(db, at, months);
  assert.deepEqual([await until(1), await until(0)], [october, november]);
  assert.equal(await until(24, now + 3650 * dayMs), Date.UTC(2024, 10, 1), 'a clock that is ten years ahead');
  await db('archive_months').update({ state: 'sealed' });
  assert.equal(await until(0), 0, 'its rows are still here');
});
