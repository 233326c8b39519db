import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import { Refused } from '../http/refused.ts';
import { buildFailedRun, buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { adoptCalendar } from '../rollups/adopt-calendar.ts';
import { closeHours } from '../rollups/close-hours.ts';
import { hourMs } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { LocationsAnswer, WeekAnswer } from './compare-shapes.ts';
import { locations } from './locations.ts';
import { addMaintenance } from './maintenance.ts';
import { monitorAnswer, monitorsAnswer } from './monitors.ts';
import { dayMs } from './period.ts';
import { report } from './report.ts';
import { responseTimes } from './response-times.ts';
import { ResponseTimesAnswer } from './shapes.ts';
import { week } from './week.ts';

const minute = 60_000;
/** A Sunday. */
const now = Date.UTC(2026, 2, 8, 12, 30);

async function buildShop() {
  const world = await buildCustomer();
  const [first, second] = [await world.buildSentinel(), await world.buildSentinel()];
  const { id } = await world.buildMonitor({ thresholds: '{"Login":400000}', created_at: now - 9 * dayMs });
  const run = (ms: number, responseUs: number) =>
    buildRun({ monitorId: id, startedAt: now + ms, transactions: [buildResult({ name: 'Login', responseUs })] });
  const failed = buildFailedRun({ monitorId: id, startedAt: now - 5 * minute });
  await ingest(world.db, first, [run(-7 * dayMs, 100_000), run(-10 * minute, 300_000), failed], now);
  await ingest(world.db, second, [run(-2 * minute, 200_000)], now);
  await rollUpDirty(world.db);
  return { ...world, id, first, second };
}

test('hours of the week add up over weeks, in the customer’s zone, of one transaction or of whole runs', async () => {
  await using world = await buildShop();
  const { db, id } = world;
  const period = { from: now - 8 * dayMs, to: now };
  const ofLogin = WeekAnswer.parse(await week(db, id, period, 'Login', now));
  assert.deepEqual(
    ofLogin.hours.map(({ weekday, hour, passed, failed }) => [weekday, hour, passed, failed]),
    [[6, 12, 3, 1]],
  );
  assert.ok(Math.abs((ofLogin.hours[0]?.p95Us ?? 0) - 300_000) < 3_100);
  const whole = WeekAnswer.parse(await week(db, id, period, null, now));
  assert.deepEqual([whole.hours[0]?.availability, whole.transaction], [3 / 4, null]);
  await adoptCalendar(db, { timeZone: 'Asia/Tokyo', businessHours: 'mon-fri 08:00-18:00' });
  await rollUpDirty(db);
  assert.deepEqual(
    (await week(db, id, period, null, now))?.hours.map(({ weekday, hour }) => [weekday, hour]),
    [[6, 21]],
  );
  const ahead = await week(db, id, { ...period, to: now + 300 * dayMs }, null, now);
  assert.equal(ahead?.hours.length, 1, 'of a period that is not over what has been');
  const long = await week(db, id, { from: 0, to: now }, null, now);
  assert.ok(now - (long?.period.from ?? 0) < 57 * dayMs, 'of a long period the end');
});

test('locations are compared over any period, and what is not there is refused', async () => {
  await using world = await buildShop();
  const { db, id, first } = world;
  for (const days of [1, 8]) {
    const answer = LocationsAnswer.parse(await locations(db, id, { from: now - days * dayMs, to: now }, 'Login', now));
    const told = answer.locations.map((one) => [one.id === first.locationId, one.passed, one.failed]);
    assert.deepEqual(
      told.sort(),
      [
        [false, 1, 0],
        [true, days === 1 ? 1 : 2, 1],
      ],
      `${days} days`,
    );
  }
  assert.equal(await locations(db, 'nobody', { from: 0, to: now }, null, now), undefined);
  assert.equal(await week(db, 'nobody', { from: 0, to: now }, null, now), undefined);
  await assert.rejects(locations(db, id, { from: 0, to: now }, 'Logout', now), Refused);
});

test('a chart has thresholds, maintenance, whole runs, and single results of a short period alone', async () => {
  await using world = await buildShop();
  const { db, id } = world;
  const wish = { monitorId: id, from: now - hourMs, to: now - minute, reason: 'Release' };
  await addMaintenance(db, wish, { kind: 'user', id: 'a', name: 'alice' }, now);
  const short = ResponseTimesAnswer.parse(await responseTimes(db, id, { from: now - hourMs, to: now }, 'minute', now));
  const login = short.transactions.find((t) => t.name === 'Login');
  assert.deepEqual([login?.thresholdUs, login?.results.map((r) => r.responseUs).sort()], [400_000, [200_000, 300_000]]);
  assert.deepEqual(short.maintenance, [{ from: wish.from, to: wish.to, reason: 'Release' }]);
  assert.deepEqual(
    short.runs.map((r) => [r.at - now, r.passed, r.failed]).filter(([, passed = 0, failed = 0]) => passed + failed > 0),
    [
      [-10 * minute, 1, 0],
      [-5 * minute, 0, 1],
      [-2 * minute, 1, 0],
    ],
  );
  const today = await responseTimes(db, id, { from: now - hourMs, to: now + 9 * hourMs }, 'hour', now);
  assert.ok(
    today.runs.every(({ at }) => at < now),
    'nothing is lost that was not to come yet',
  );
  const long = await responseTimes(db, id, { from: now - 8 * dayMs, to: now - 7 * dayMs + 1 }, 'hour', now);
  assert.deepEqual([long.maintenance, long.transactions[0]?.results], [[], []]);
});

test('a short period of a month that is in the archive is told in whole hours, and not in half ones of another zone', async () => {
  await using world = await buildCustomer();
  const { db } = world;
  const six = now - 6.5 * hourMs;
  const sentinel = await world.buildSentinel({ enrolled_at: six });
  const { id } = await world.buildMonitor({ created_at: six, every_ms: 10 * minute });
  const runs = Array.from({ length: 18 }, (_, i) => buildRun({ monitorId: id, startedAt: six + i * 10 * minute }));
  await ingest(db, sentinel, runs, now);
  await rollUpDirty(db);
  await closeHours(db, now);
  const month: ArchiveMonthRow = {
    ...{ from_at: monthOf(now).from, part: 0, state: 'removed', attempt: 'a', folder: null },
    ...{ manifest: null, seal: null, closed_at: now, sealed_at: now, removed_at: now, verified_at: null, fault: null },
  };
  await db('archive_months').insert(month);
  for (const table of ['transaction_results', 'runs']) await db(table).delete();
  const asked = { from: six + hourMs / 2, to: six + 2.5 * hourMs };
  const period = { from: six, to: six + 3 * hourMs };
  const { monitor: one } = (await monitorAnswer(db, id, asked, now)) ?? {};
  const all = await monitorsAnswer(db, asked, now);
  for (const found of [one, ...all.monitors]) {
    assert.deepEqual([found?.coverage, found?.counts.passed, found?.counts.lost], [1, 18, 0]);
  }
  assert.deepEqual(all.period, period);
  const compared = await locations(db, id, asked, null, now);
  assert.deepEqual([compared?.period, compared?.locations.map(({ passed }) => passed)], [period, [18]]);
  const usual = { period, limit: 9, group: [], businessHours: false, maintenance: 'included' } as const;
  await assert.rejects(
    report(db, id, { ...usual, step: 'hour', timeZone: 'Asia/Kolkata' }, now),
    /timeZone: its hours begin at other minutes .* before 2026-04-01T00:00:00.000Z there are those alone/,
  );
  const tokyo = await report(db, id, { ...usual, step: 'hour', timeZone: 'Asia/Tokyo' }, now);
  assert.deepEqual(
    tokyo?.series[0]?.points.map(({ passed, coverage }) => [passed, coverage]),
    [
      [6, 1],
      [6, 1],
      [6, 1],
    ],
  );
});

test('single results are told whole or, where they are more than can be drawn, of no transaction', async () => {
  await using world = await buildCustomer();
  const { db } = world;
  const sentinel = await world.buildSentinel();
  const { id } = await world.buildMonitor({ created_at: now - dayMs });
  const transactions = Array.from({ length: 11 }, (_, i) => buildResult({ name: `Step ${i}` }));
  const runs = Array.from({ length: 1900 }, (_, i) =>
    buildRun({ monitorId: id, startedAt: now - 1 - i, transactions }),
  );
  const told = async (until: number) => {
    const { transactions: all } = await responseTimes(db, id, { from: now - until, to: now }, 'minute', now);
    return new Set(all.map(({ results }) => results.length));
  };
  await ingest(db, sentinel, runs, now);
  assert.deepEqual([await told(1800), await told(1900)], [new Set([1800]), new Set([0])]);
});
