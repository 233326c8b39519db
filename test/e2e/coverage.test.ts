import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { MonitorRow } from '../../db/customer/rows.ts';
import { buildAssignment } from '../../sentinel/build-assignment.ts';
import { buildHome } from '../../sentinel/build-home.ts';
import type { Assignment } from '../../sentinel/protocol/messages.ts';
import { Absences } from '../../sentinel/schedule/absences.ts';
import { SlotKeeper } from '../../sentinel/schedule/slot-keeper.ts';
import { openSeal } from '../../sentinel/seal.ts';
import { Memory } from '../../sentinel/spool/memory.ts';
import { Spool } from '../../sentinel/spool/spool.ts';
import { keepSkips } from '../../server/assignments/keep-skips.ts';
import { eras, noteSchedule, scheduleOf } from '../../server/assignments/schedules.ts';
import { buildRun } from '../../server/ingest/build-run.ts';
import { ingest } from '../../server/ingest/ingest.ts';
import { monitor } from '../../server/reports/monitors.ts';
import { dutiesIn } from '../../server/rollups/duties.ts';
import { rollUpDirty } from '../../server/rollups/roll-up.ts';

const minute = 60_000;
const start = Date.UTC(2026, 5, 10, 12);
/** From then on something is expected: so that the first run, which is of the latest time that was due, is too. */
const made = start - minute + 1;

/** The real schedule and spool of a sentinel, the real store and report of a server, and time as the test wants it. */
async function buildWorld(since = made) {
  const home = buildHome();
  const customer = await buildCustomer();
  const { db } = customer;
  const spool = new Spool({ file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
  const memory = new Memory(spool.file);
  const clocks = { now: start, uptime: 1_000_000 };
  const row = await customer.buildMonitor({ created_at: since });
  const sentinel = await customer.buildSentinel({ enrolled_at: since });
  await noteSchedule(db, row.id, row, since);
  let assignment: Assignment | undefined = assignmentOf(row, since);
  let present = row;
  let isPaused = false;
  const begin = () => {
    const absences = new Absences({ now: () => clocks.now, uptime: () => clocks.uptime });
    const mayRun = () => (isPaused ? ('paused' as const) : undefined);
    const settings = { sentinelId: sentinel.id, memory, absences, mayRun, clockOffsetMs: () => 0 };
    return { absences, slots: new SlotKeeper(settings) };
  };
  let { absences, slots } = begin();
  const world = {
    db,
    clocks,
    pause: (paused: boolean) => {
      isPaused = paused;
    },
    async change(columns: Partial<MonitorRow>) {
      clocks.now++;
      present = { ...present, ...columns };
      await noteSchedule(db, row.id, present, clocks.now);
      assignment = present.paused ? undefined : assignmentOf(present, clocks.now);
      if (!assignment) memory.keepOnly([]);
    },
    turn(ms: number, asleepMs = 0) {
      absences.leave(ms - asleepMs);
      clocks.now += ms;
      clocks.uptime += ms;
      absences.back();
      const assigned = assignment ? [assignment] : [];
      for (const due of slots.settle(assigned, clocks.now)) {
        slots.begun(due);
        const startedAt = clocks.now;
        const beyond = due.isBeyond ? { beyondSchedule: true as const } : {};
        spool.add(buildRun({ monitorId: row.id, dueAt: due.dueAt, startedAt, ...beyond, transactions: [] }), []);
      }
    },
    restart(offMs: number) {
      clocks.now += offMs;
      ({ absences, slots } = begin());
    },
    /** All that waits goes to the server, some of it twice. */
    async send() {
      const runs = spool.oldestRuns(1000, 1e9);
      for (const batch of [runs, runs.slice(0, 3)]) await ingest(db, sentinel, batch, clocks.now);
      spool.acknowledge(runs.map((run) => run.id));
      const skips = spool.unsentSkips(1000);
      for (const batch of [skips.slice(0, 2), skips]) await keepSkips(db, sentinel.id, batch, 0, clocks.now);
      spool.acknowledgeSkips(skips);
    },
    /** What was asked of the sentinel, and what was done of it or told: neither bounded by the other. */
    async reckon() {
      const watched = { monitor: row, eras: (await eras(db, [row.id]))(row), sentinels: [] };
      const period = { from: since, to: clocks.now + 1 };
      const dutyIn = await dutiesIn(db, watched, period, period.to);
      const { id, locationId } = sentinel;
      const enrolled = { id, location_id: locationId, enrolled_at: since, revoked_at: null };
      const duty = dutyIn(enrolled, period);
      const [done] = await db('runs').count({ count: '*' });
      const told = [...duty.skips.values()].reduce((a, b) => a + b, 0);
      return { asked: duty.expected + duty.requested, accounted: Number(done?.count) + told };
    },
    async counts() {
      await rollUpDirty(db);
      const later = clocks.now + 60 * minute;
      const found = await monitor(db, row.id, { from: start - minute, to: clocks.now + 1 }, later);
      assert.ok(found);
      return found.counts;
    },
    async [Symbol.asyncDispose]() {
      spool[Symbol.dispose]();
      home[Symbol.dispose]();
      await customer[Symbol.asyncDispose]();
    },
  };
  return world;
}

function assignmentOf(row: MonitorRow, scheduleSince: number): Assignment {
  return buildAssignment({ monitorId: row.id, schedule: scheduleOf(row), scheduleSince });
}

const plain = { cron: null, hours: null, time_zone: null, paused: 0 };
const schedule = fc.oneof(
  fc.integer({ min: 1, max: 20 }).map((n) => ({ ...plain, every_ms: n * minute })),
  fc.constantFrom(
    { ...plain, cron: '*/7 * * * *', time_zone: 'Europe/Amsterdam' },
    { ...plain, hours: 'mon-sun 08:00-17:00, mon-sun 22:00-02:00', time_zone: 'America/New_York' },
    { paused: 1 },
    { paused: 0 },
  ),
);
const ms = fc.integer({ min: 1, max: 90 * minute });
const step = fc.oneof(
  fc.record({ do: fc.constant('work' as const), ms: fc.integer({ min: 1, max: 3 * minute }) }),
  fc.record({ do: fc.constantFrom('sleep' as const, 'off' as const), ms }),
  fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const, 'send' as const) }),
  fc.record({ do: fc.constant('change' as const), schedule }),
);

test('through changes of the schedule, pauses, sleep and stops, what the server expects is done or skipped, and nothing lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await using world = await buildWorld();
      world.turn(0);
      for (const one of steps) {
        if (one.do === 'work') world.turn(one.ms);
        if (one.do === 'sleep') world.turn(one.ms, one.ms);
        if (one.do === 'off') world.restart(one.ms);
        if (one.do === 'pause' || one.do === 'resume') world.pause(one.do === 'pause');
        if (one.do === 'send') await world.send();
        if (one.do === 'change') {
          world.turn(1);
          await world.change(one.schedule);
          world.turn(0);
        }
      }
      world.turn(1);
      await world.send();
      const { expected, passed, skipped, lost } = await world.counts();
      assert.equal(lost, 0);
      assert.equal(expected, passed + skipped);
      const { asked, accounted } = await world.reckon();
      assert.equal(accounted, asked, 'a run or a skip that nothing asked for hides one that is lost');
    }),
    { numRuns: process.env.VEDETTE_LONG ? 300 : 8 },
  );
});

test('the first run of a new monitor, which comes before any is expected, hides no lost one', async () => {
  await using world = await buildWorld(start);
  world.turn(0);
  world.turn(5 * minute, 5 * minute);
  await world.send();
  const whole = await world.counts();
  assert.deepEqual([whole.passed, whole.skippedBy, whole.lost], [2, { asleep: 4 }, 0]);
  await world.db('skips').update({ count: 3 });
  const { lost } = await world.counts();
  assert.equal(lost, 1);
});

test('after a pause of the server’s the first time, which a pause of the device’s keeps from being run, hides no lost one', async () => {
  await using world = await buildWorld();
  world.turn(0);
  world.turn(10 * minute);
  await world.change({ paused: 1 });
  world.pause(true);
  await world.change({ paused: 0 });
  world.turn(0);
  world.turn(5 * minute);
  await world.send();
  const { asked, accounted } = await world.reckon();
  assert.equal(accounted, asked);
});

test('what a sentinel never told of is lost, and the reasons of the rest are named', async () => {
  await using world = await buildWorld();
  world.turn(0);
  world.turn(10 * minute, 10 * minute);
  world.restart(5 * minute);
  world.turn(0);
  await world.send();
  const told = await world.counts();
  assert.deepEqual([told.skippedBy, told.lost], [{ asleep: 9, off: 4 }, 0]);
  await world.db('skips').where({ reason: 'off' }).delete();
  const silent = await world.counts();
  assert.deepEqual([silent.skippedBy, silent.lost, silent.expected], [{ asleep: 9 }, 4, told.expected]);
});
