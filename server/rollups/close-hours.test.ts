import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { buildCustomer, moveSentinel } from '../../db/customer/build-customer.ts';
import type { DayRollupRow, MonitorRow, RollupRow } from '../../db/customer/rows.ts';
import { nextDueAt, shift } from '../../sentinel/protocol/schedule.ts';
import { giveTo } from '../assignments/choices.ts';
import { keepSkips } from '../assignments/keep-skips.ts';
import { noteSchedule } from '../assignments/schedules.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { monitor } from '../reports/monitors.ts';
import type { Period } from '../reports/shapes.ts';
import { adoptCalendar } from './adopt-calendar.ts';
import { calendarOf, usualBusinessHours } from './calendar.ts';
import { closeHours } from './close-hours.ts';
import { markDirtyBetween } from './dirty-hours.ts';
import { hourMs } from './hours.ts';
import { rollUpDirty } from './roll-up.ts';

const dayMs = 24 * hourMs;
/** A Friday; on the Sunday clocks are put forward in Europe. */
const start = Date.UTC(2026, 2, 27);
const now = start + 3 * dayMs + 30 * 60_000;
const period = { from: start, to: start + 3 * dayMs };
const everyMs = hourMs;

/** Two sentinels that run a monitor every hour, from the second day on. */
async function buildWorld(timeZone = 'UTC') {
  const customer = await buildCustomer();
  const { db } = customer;
  await adoptCalendar(db, { timeZone, businessHours: usualBusinessHours });
  const row = await customer.buildMonitor({ created_at: start, every_ms: everyMs });
  await noteSchedule(db, row.id, row, start);
  const sentinels = [
    await customer.buildSentinel({ enrolled_at: start + dayMs }),
    await customer.buildSentinel({ enrolled_at: start + dayMs }),
  ] as const;
  const dueTimes = (sentinel: { id: string }, from: number, to: number) => {
    const [all, shiftMs] = [[] as number[], shift({ everyMs }, row.id, sentinel.id)];
    for (let at = nextDueAt({ everyMs }, shiftMs, from - 1); at < to; at = nextDueAt({ everyMs }, shiftMs, at))
      all.push(at);
    return all;
  };
  return {
    ...customer,
    sentinels,
    monitorId: row.id,
    dueTimes,
    /** Runs at all times that are due, but those that `drop` picks. */
    async run(sentinel: { id: string; locationId: string }, drop: (at: number) => boolean = () => false) {
      const times = dueTimes(sentinel, start + dayMs, now).filter((at) => !drop(at));
      const runs = times.map((at, i) =>
        (i % 20 === 7 ? buildFailedRun : buildRun)({ monitorId: row.id, startedAt: at, dueAt: at }),
      );
      await ingest(db, sentinel, runs, now);
    },
    async counts() {
      const seen = await monitor(db, row.id, period, now);
      assert.ok(seen);
      return seen.counts;
    },
    hours: () => db<RollupRow>('rollups').orderBy(['hour', 'transaction_id', 'sentinel_id', 'location_id']),
    days: () => db<DayRollupRow>('day_rollups').orderBy(['scope', 'business', 'transaction_id', 'day', 'place']),
  };
}

const noonOf = (day: number) => start + day * dayMs + 12 * hourMs;
const isNight = (at: number) => at % dayMs < 6 * hourMs;

test('what was expected is the same figure before hours are closed, by the schedule, and after, by the rollups', async () => {
  await using world = await buildWorld();
  const { db, sentinels, monitorId } = world;
  await world.run(sentinels[0], isNight);
  const asleep = world.dueTimes(sentinels[1], noonOf(1), noonOf(2));
  await keepSkips(
    db,
    sentinels[1].id,
    [{ monitorId, reason: 'asleep', from: asleep[0] ?? 0, to: asleep.at(-1) ?? 0, count: asleep.length }],
    0,
    now,
  );
  await rollUpDirty(db);
  const before = await world.counts();
  assert.deepEqual([before.expected, before.skippedBy], [2 * 2 * 24, { asleep: 24 }]);
  assert.equal(before.lost, 2 * 6 + 2 * 24 - 24);
  await closeHours(db, now);
  assert.deepEqual(await world.counts(), before);
  assert.ok((await world.days()).length > 0);
  await db('rollups').delete();
  assert.deepEqual(await world.counts(), before, 'read from days alone');
});

test('a closed hour in which no run came has a row, where one was expected', async () => {
  await using world = await buildWorld();
  await closeHours(world.db, now);
  const rows = await world.hours();
  assert.equal(rows.length, 2 * 2 * 24);
  assert.ok(rows.every((row) => row.expected === 1 && row.passed === 0 && row.hour >= start + dayMs));
});

test('an hour is not closed before its runs had time to end and arrive, and then once', async () => {
  await using world = await buildWorld();
  const { timeout_ms } = await world
    .db<MonitorRow>('monitors')
    .first('timeout_ms')
    .then((row) => row ?? { timeout_ms: 0 });
  const settled = start + dayMs + hourMs + timeout_ms + 30_000;
  await closeHours(world.db, settled - 1);
  assert.equal((await world.hours()).length, 0);
  await Promise.all([closeHours(world.db, settled), closeHours(world.db, settled)]);
  assert.equal((await world.hours()).length, 2);
});

test('what is assigned later does not change what was expected before', async () => {
  await using world = await buildWorld();
  const { db, sentinels, monitorId } = world;
  await world.run(sentinels[0]);
  await rollUpDirty(db);
  await closeHours(db, now);
  const before = await world.counts();
  assert.equal(before.lost, 2 * 24);
  await giveTo(db, monitorId, [sentinels[0].id], now);
  const late = buildRun({ monitorId, startedAt: noonOf(2), dueAt: noonOf(2) });
  await ingest(db, sentinels[1], [late], now);
  await rollUpDirty(db);
  const after = await world.counts();
  assert.deepEqual([after.expected, after.lost, after.passed], [before.expected, before.lost - 1, before.passed + 1]);
});

test('runs and skips that are told weeks after their hour was closed are counted in it and in its day', async () => {
  await using world = await buildWorld();
  const { db, sentinels, monitorId } = world;
  await closeHours(db, now);
  assert.equal((await world.counts()).lost, 2 * 2 * 24);
  await world.run(sentinels[0]);
  const missed = world.dueTimes(sentinels[1], noonOf(1), noonOf(2));
  const span = {
    monitorId,
    reason: 'off',
    from: missed[0] ?? 0,
    to: missed.at(-1) ?? 0,
    count: missed.length,
  } as const;
  await keepSkips(db, sentinels[1].id, [span], 0, now + 21 * dayMs);
  await rollUpDirty(db);
  const { lost, skippedBy, passed, failed } = await world.counts();
  assert.deepEqual([passed + failed, skippedBy, lost], [2 * 24, { off: 24 }, 2 * 24 - 24]);
});

test('a skip whose time lies just beyond the hour in which it was told explains that one, however late it is told', async () => {
  await using world = await buildWorld();
  const { db, monitorId } = world;
  const noon = noonOf(1);
  const at = async (isIt: (shiftMs: number) => boolean) => {
    let id = randomUUID();
    while (!isIt(shift({ everyMs }, monitorId, id))) id = randomUUID();
    await world.buildSentinel({ id, enrolled_at: start });
    return id;
  };
  const [early, late] = [await at((ms) => ms < hourMs / 4), await at((ms) => ms > 0.75 * hourMs)];
  const tell = async (sentinelId: string, edge: number) => {
    const skip = { monitorId, reason: 'asleep', from: edge, to: edge, count: 1 } as const;
    await keepSkips(db, sentinelId, [skip], 0, now);
  };
  const told = async () =>
    (await world.hours()).filter((row) => row.told !== null).map(({ sentinel_id, hour }) => [sentinel_id, hour]);
  await tell(early, noon - 1);
  await closeHours(db, now);
  assert.deepEqual(await told(), [[early, noon]]);
  await tell(late, noon + 1);
  await tell(early, noon + hourMs - 1);
  await rollUpDirty(db);
  const expected = [
    [late, noon - hourMs],
    [early, noon],
    [early, noon + hourMs],
  ];
  assert.deepEqual(await told(), expected);
  assert.equal((await world.counts()).skippedBy.asleep, 3);
});

test('hours that are closed while a report is being read are not expected twice in it', async () => {
  await using world = await buildWorld();
  const { db } = world;
  await world.run(world.sentinels[0], isNight);
  await rollUpDirty(db);
  await closeHours(db, now);
  const counts = await world.counts();
  await db('closed_hours').update({ until: noonOf(1) }); // as the report had read it before
  assert.deepEqual(await world.counts(), counts);
});

test('a skip that leads beyond the calendar is passed over, and spoils no figure', async () => {
  await using world = await buildWorld();
  const { db, sentinels, monitorId } = world;
  const span = { monitorId, reason: 'off', from: -8.64e15, to: 8.64e15, count: 1 } as const;
  await keepSkips(db, sentinels[0].id, [span], -8.6e15, now);
  await closeHours(db, now);
  assert.equal((await world.counts()).lost, 2 * 2 * 24);
});

for (const zone of ['Europe/Amsterdam', 'Asia/Kolkata']) {
  test(`a full rebuild from the rows gives the same bytes, in ${zone}`, async () => {
    await using world = await buildWorld(zone);
    const { db, sentinels, monitorId } = world;
    await world.run(sentinels[0], isNight);
    await world.run(sentinels[1]);
    await rollUpDirty(db);
    await closeHours(db, now);
    const before = [await world.hours(), await world.days()];
    assert.ok(before.every((rows) => rows.length > 0));
    const rollUpAnew = async (period: Period) => {
      for (const { id } of sentinels) await markDirtyBetween(db, { monitor_id: monitorId, sentinel_id: id }, period);
      await rollUpDirty(db);
      assert.deepEqual([await world.hours(), await world.days()], before);
    };
    for (const table of ['rollups', 'day_rollups']) await db(table).delete();
    await rollUpAnew({ from: start, to: now });

    // A few, of one day, on both sides of midnight in UTC.
    const midnight = start + 2 * dayMs;
    await db('rollups')
      .where('hour', '>=', midnight - 2 * hourMs)
      .where('hour', '<', midnight + 2 * hourMs)
      .delete();
    await rollUpAnew({ from: midnight - 2 * hourMs, to: midnight + 2 * hourMs });
  });
}

test('where no monitor has a closed hour yet, all are asked for at once', async () => {
  await using world = await buildWorld();
  for (let i = 0; i < 3; i++) await world.buildMonitor();
  let asked = 0;
  world.db.on('query', ({ sql }) => {
    if (/^select .*closed_hours/.test(sql)) asked += 1;
  });
  await closeHours(world.db, 0);
  assert.equal(asked, 1);
});

test('another time zone has days of its own made of the same runs, also where hours begin at another minute', async () => {
  await using world = await buildWorld('Europe/Amsterdam');
  const { db, sentinels } = world;
  for (const sentinel of sentinels) await world.run(sentinel);
  await rollUpDirty(db);
  await closeHours(db, now);
  const daysOf = async () => {
    const rows = (await world.days()).filter(
      (row) => row.scope === 'all' && row.business === 0 && row.transaction_id === 0,
    );
    return rows.map((row) => [new Date(row.day).toISOString().slice(0, 16), row.passed + row.failed]);
  };
  // The night of the 29th lacks an hour.
  assert.deepEqual(await daysOf(), [
    ['2026-03-27T23:00', 2 * 23],
    ['2026-03-28T23:00', 2 * 23],
  ]);
  // Ended after each piece, it goes on where it was.
  const calendar = { timeZone: 'Asia/Kolkata', businessHours: usualBusinessHours };
  let pieces = 0;
  const once = () => {
    const ending = new AbortController();
    const progress = () => {
      pieces += 1;
      ending.abort();
    };
    return adoptCalendar(db, calendar, { signal: ending.signal, progress });
  };
  while (!(await once()));
  assert.deepEqual([pieces > 0, await calendarOf(db)], [true, calendar]);
  await rollUpDirty(db);
  await closeHours(db, now);
  assert.deepEqual((await daysOf()).at(-1), ['2026-03-28T18:30', 2 * 24]);
  assert.ok((await world.hours()).every((row) => row.hour % hourMs === hourMs / 2));

  const whole = await world.days();
  await adoptCalendar(db, { ...calendar, businessHours: 'sat 00:00-24:00' });
  await rollUpDirty(db);
  await closeHours(db, now);
  const again = await world.days();
  const allHours = (rows: typeof whole) => rows.filter((row) => row.business === 0);
  assert.deepEqual(allHours(again), allHours(whole));
  assert.deepEqual(
    [...new Set(again.flatMap((row) => (row.business === 1 ? [row.day] : [])))],
    [Date.UTC(2026, 2, 27, 18, 30)],
  );
});

test('of a sentinel that moved within an hour, each location is expected to have what was run there', async () => {
  await using world = await buildWorld();
  const { db, sentinels, dueTimes, monitorId } = world;
  const [first = 0] = dueTimes(sentinels[0], noonOf(2), noonOf(2) + hourMs);
  const second = noonOf(2) + hourMs - 1;
  const at = (startedAt: number) => [buildRun({ monitorId, startedAt, dueAt: startedAt, transactions: [] })];
  await ingest(db, sentinels[0], at(first), now);
  await moveSentinel(db, sentinels[0].id, 'elsewhere');
  await ingest(db, sentinels[0], at(second), now);
  await rollUpDirty(db);
  await closeHours(db, now);
  const rows = (await world.hours()).filter((row) => row.hour === noonOf(2) && row.sentinel_id === sentinels[0].id);
  const expected = new Map(rows.map((row) => [row.location_id, row.expected]));
  assert.deepEqual([expected.get(sentinels[0].locationId), expected.get('elsewhere')], [1, 0]);
});
