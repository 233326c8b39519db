import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { DayRollupRow } from '../../db/customer/rows.ts';
import { nextDueAt, shift } from '../../sentinel/protocol/schedule.ts';
import { giveTo } from '../assignments/choices.ts';
import { keepSkips } from '../assignments/keep-skips.ts';
import { buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { gather } from '../reports/gather.ts';
import type { Period } from '../reports/shapes.ts';
import { subjectOf } from '../reports/subject.ts';
import { adoptCalendar } from './adopt-calendar.ts';
import { usualBusinessHours } from './calendar.ts';
import { closeHours } from './close-hours.ts';
import { expectedOf } from './coverage.ts';
import { hourMs } from './hours.ts';
import { rollUpDirty } from './roll-up.ts';

const minuteMs = 60_000;
const start = Date.UTC(2026, 0, 5);
const after = (hours: number) => start + hours * hourMs;

/** Sentinels that were there from the first day on, and a monitor that all have. */
async function buildWorld(sentinels: number, everyMs = hourMs) {
  const customer = await buildCustomer();
  const { db } = customer;
  const { id: monitorId } = await customer.buildMonitor({ created_at: start, every_ms: everyMs });
  const all = await Promise.all(
    Array.from({ length: sentinels }, () => customer.buildSentinel({ enrolled_at: start })),
  );
  const ids = all.map(({ id }) => id);
  const due = (id: string, period: Period) =>
    expectedOf(
      { id: monitorId, eras: [{ from: start, schedule: { everyMs }, paused: false }] },
      { id, enrolled_at: start, revoked_at: null },
      period,
    );
  return {
    ...{ ...customer, monitorId, sentinels: all, ids, due },
    give: (to: readonly string[], at: number) => giveTo(db, monitorId, to, at),
    /** Of each sentinel, as a report of these steps tells it. */
    async counts({ from, to }: Period, now: number, stepMs = hourMs) {
      const subject = await subjectOf(db, monitorId);
      assert.ok(subject);
      const bounds = Array.from({ length: (to - from) / stepMs + 1 }, (_, i) => from + i * stepMs);
      const series = await gather(db, { ...subject, bounds, by: 'sentinel', transactionIds: [0], now });
      return ids.map((id) => {
        const tallies = series.filter(({ place }) => place === id).flatMap((one) => [...one.tallies.values()]);
        const counts = tallies.map((tally) => tally.counts());
        const sum = (of: 'expected' | 'lost') => counts.reduce((total, one) => total + one[of], 0);
        return { expected: sum('expected'), lost: sum('lost') };
      });
    },
    async adopt(timeZone: string, now: number) {
      await adoptCalendar(db, { timeZone, businessHours: usualBusinessHours });
      await rollUpDirty(db);
      await closeHours(db, now);
    },
    /** A run at each time that was due. */
    async run(index: number, { from, to }: Period) {
      const [sentinel, id] = [all[index], ids[index] ?? ''];
      assert.ok(sentinel);
      const [times, shiftMs] = [[] as number[], shift({ everyMs }, monitorId, id)];
      for (let at = nextDueAt({ everyMs }, shiftMs, from - 1); at < to; at = nextDueAt({ everyMs }, shiftMs, at))
        times.push(at);
      const runs = times.map((at) => buildRun({ monitorId, startedAt: at, dueAt: at, transactions: [] }));
      await ingest(db, sentinel, runs, to);
    },
    async coverage() {
      const rows = await db<DayRollupRow>('day_rollups').where({ scope: 'all', business: 0, transaction_id: 0 });
      const [done, lost] = rows.reduce(([d, l], row) => [d + row.passed, l + row.lost], [0, 0]);
      return { done, lost };
    },
  };
}

test('another time zone finds in days long past what was expected then, though the monitor was given to more since', async () => {
  await using world = await buildWorld(4);
  const { ids, give } = world;
  const [june, end] = [after(2 * 24), after(3 * 24)];
  await give(ids.slice(0, 2), start);
  await give(ids, june);
  for (const i of [0, 1]) await world.run(i, { from: start, to: end });
  for (const i of [2, 3]) await world.run(i, { from: june, to: end });
  await world.adopt('UTC', end + hourMs);
  const everyRun = { done: 2 * 2 * 24 + 4 * 24, lost: 0 };
  assert.deepEqual(await world.coverage(), everyRun);
  for (const zone of ['America/New_York', 'Asia/Kathmandu']) {
    await world.adopt(zone, end + hourMs);
    const { done, lost } = await world.coverage(); // of whole days
    assert.deepEqual([done > 2 * 2 * 24, lost], [true, 0], zone);
  }
});

test('a sentinel is expected to run a monitor from the instant on at which it was given it, in hours not closed too, by the minute and ever after', async () => {
  await using world = await buildWorld(2, minuteMs);
  const { ids, give, due } = world;
  const [given, hour] = [after(10) + 50 * minuteMs, { from: after(10), to: after(11) }];
  await give(ids.slice(0, 1), start);
  await give(ids, given);
  const [settled, closed] = [after(11) + 2 * minuteMs, after(12)];
  const own = due(ids[1] ?? '', { from: given, to: after(11) });
  assert.ok(own > 8 && own < 12);
  const expected = async (now: number, stepMs: number) =>
    (await world.counts(hour, now, stepMs)).map((one) => one.expected);
  for (const stepMs of [hourMs, minuteMs]) assert.deepEqual(await expected(settled, stepMs), [60, own]);
  await closeHours(world.db, closed);
  await give(ids.slice(0, 1), closed);
  for (const stepMs of [hourMs, minuteMs]) assert.deepEqual(await expected(closed, stepMs), [60, own], `${stepMs}`);
});

test('hours that nobody closed for a weekend are closed by who had the monitor then', async () => {
  await using world = await buildWorld(3);
  const { ids, give, counts } = world;
  const monday = after(3 * 24);
  await give(ids.slice(1), monday);
  await closeHours(world.db, monday + hourMs);
  const all = await counts({ from: start, to: monday }, monday + hourMs);
  assert.deepEqual(
    all.map((one) => one.expected),
    [72, 72, 72],
  );
  await closeHours(world.db, monday + 3 * hourMs);
  const later = await counts({ from: monday, to: after(3 * 24 + 2) }, monday + 3 * hourMs);
  assert.deepEqual(
    later.map((one) => one.expected),
    [0, 2, 2],
  );
});

test('of a monitor that was taken away and given again nothing is expected between, and a skip told there explains nothing', async () => {
  await using world = await buildWorld(2);
  const { ids, give, db, monitorId } = world;
  const [gone = '', other = ''] = ids;
  await give([other], after(24));
  await give([other, gone], after(48));
  const span = { monitorId, reason: 'off', from: after(25), to: after(47), count: 22 } as const;
  await keepSkips(db, gone, [span], 0, after(72));
  const expected = [
    { expected: 48, lost: 48 },
    { expected: 72, lost: 72 },
  ];
  const days = { from: start, to: after(72) };
  assert.deepEqual(await world.counts(days, after(73)), expected);
  await closeHours(db, after(73));
  assert.deepEqual(await world.counts(days, after(73)), expected);
  await world.adopt('Asia/Kathmandu', after(73));
  assert.deepEqual(await world.counts({ from: after(24), to: after(60) }, after(73), hourMs / 4), [
    { expected: 12, lost: 12 },
    { expected: 36, lost: 36 },
  ]);
});

test('a clock that is set back, and changes within a millisecond, let nothing be expected twice', async () => {
  await using world = await buildWorld(2);
  const { ids, give } = world;
  const [one = '', other = ''] = ids;
  for (const to of [[one], [other], [], [one], [one, other]]) await give(to, after(10));
  await give([other], after(5));
  await give([one, other], after(4));
  await give([], after(10));
  await closeHours(world.db, after(25));
  const day = await world.counts({ from: start, to: after(24) }, after(25));
  assert.ok(
    day.every(({ expected }) => expected <= 24 && expected >= 18),
    JSON.stringify(day),
  );
  assert.equal(day[1]?.expected, 24);
});

test('a monitor of which nobody wrote down who runs it, as a server of an older version, is expected of those that have it now', async () => {
  await using world = await buildWorld(2);
  const { ids, due, give, counts, db } = world;
  const [period, now] = [{ from: after(0), to: after(24) }, after(48)];
  const expected = async () => (await counts(period, now)).map((one) => one.expected);
  const own = ids.map((id) => due(id, period));
  const forget = () => db('assignment_eras').delete();
  await forget();
  assert.deepEqual(await expected(), own);
  await give(ids.slice(0, 1), after(0));
  await forget();
  assert.deepEqual(await expected(), [own[0], 0]);
  await give(ids.slice(1), after(12));
  const half = due(ids[1] ?? '', { from: after(12), to: after(24) });
  assert.deepEqual(await expected(), [due(ids[0] ?? '', { from: after(0), to: after(12) }), half]);
});
