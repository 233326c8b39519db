import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildAssignment } from '../build-assignment.ts';
import { buildHome } from '../build-home.ts';
import { buildRun } from '../build-run.ts';
import type { Assignment, Schedule, Skip } from '../protocol/messages.ts';
import { expectedRuns, shift } from '../protocol/schedule.ts';
import { openSeal } from '../seal.ts';
import { Memory } from '../spool/memory.ts';
import { Spool } from '../spool/spool.ts';
import { Absences } from './absences.ts';
import { SlotKeeper } from './slot-keeper.ts';

const sentinelId = '99999999-2222-4333-8444-555555555555';
const minute = 60_000;
const monitorId = '11111111-2222-4333-8444-555555555555';

/** A sentinel's schedule on a real spool, whose runs take no time, with clocks of the test's own. */
function buildKeeper(start: number) {
  const home = buildHome();
  const open = () => new Spool({ file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
  const clocks = { now: start, uptime: 1_000_000 };
  const runs: number[] = [];
  const answered: string[] = [];
  let spool = open();
  let hindrance: 'paused' | 'hours' | undefined;
  const begin = () => {
    const absences = new Absences({ now: () => clocks.now, uptime: () => clocks.uptime });
    const memory = new Memory(spool.file);
    memory.tellInterrupted();
    const settings = { sentinelId, memory, absences, mayRun: () => hindrance, clockOffsetMs: () => 0 };
    return { absences, memory, slots: new SlotKeeper(settings) };
  };
  let { absences, memory, slots } = begin();
  return {
    ...{ clocks, runs, answered },
    get memory() {
      return memory;
    },
    skips: (): Skip[] => spool.unsentSkips(10_000),
    acknowledge: (skips: Skip[]) => spool.acknowledgeSkips(skips),
    allow: (reason: typeof hindrance) => {
      hindrance = reason;
    },
    /** Goes on by `ms`, of which `asleepMs` at the end were slept through, and looks at the schedule. */
    turn(assignment: Assignment, ms: number, asleepMs = 0) {
      absences.leave(ms - asleepMs);
      clocks.now += ms;
      clocks.uptime += ms;
      absences.back();
      for (const due of slots.settle([assignment], clocks.now)) {
        slots.begun(due);
        spool.add(buildRun({ monitorId, dueAt: due.dueAt, ...(due.requestId && { requestId: due.requestId }) }), []);
        runs.push(due.dueAt);
        if (due.answersRequest !== undefined) answered.push(due.answersRequest);
      }
    },
    /** Looks at the schedule in vain so often, `ms` apart, since the disk can't be read. */
    hindered(times: number, ms: number) {
      const from = clocks.now;
      for (let i = 0; i < times; i++) {
        clocks.now += ms;
        absences.hindered('storage', from);
      }
    },
    /** And does not come to look at the schedule after it. */
    sleep(ms: number) {
      absences.leave(0);
      clocks.now += ms;
      clocks.uptime += ms;
      absences.back();
    },
    /** So much time passes on the spool's own clock. */
    live: (ms: number) =>
      spool.file.write((db) => db.prepare("UPDATE counts SET value = value + ? WHERE name = 'lived'").run(ms)),
    setClock(ms: number) {
      absences.leave(0);
      clocks.now += ms;
      absences.back();
    },
    /** Begins a run that never ends. */
    beginOnly(assignment: Assignment, ms: number) {
      clocks.now += ms;
      for (const due of slots.settle([assignment], clocks.now)) slots.begun(due);
    },
    restart(offMs: number) {
      spool[Symbol.dispose]();
      clocks.now += offMs;
      clocks.uptime = 5000;
      spool = open();
      ({ absences, memory, slots } = begin());
    },
    [Symbol.dispose]() {
      spool[Symbol.dispose]();
      home[Symbol.dispose]();
    },
  };
}

const watch = (schedule: Schedule = { everyMs: minute }, more: Partial<Assignment> = {}) =>
  buildAssignment({ monitorId, schedule, ...more });
const start = Date.UTC(2026, 5, 10, 12);

test('times that passed are told with the reason: asleep, off, paused, too busy', () => {
  using keeper = buildKeeper(start);
  const shop = watch();
  keeper.turn(shop, 0);
  keeper.turn(shop, 30 * minute, 30 * minute);
  keeper.restart(10 * minute);
  keeper.turn(shop, 0);
  keeper.allow('paused');
  for (let i = 0; i < 5; i++) keeper.turn(shop, minute);
  keeper.allow(undefined);
  keeper.turn(shop, 3 * minute);
  const told = keeper.skips().map(({ reason, count }) => [reason, count]);
  assert.deepEqual(told, [
    ['asleep', 29],
    ['off', 9],
    ['paused', 5],
    ['overload', 2],
  ]);
  assert.equal(keeper.runs.length, 4);
});

test('a pause is one span that grows, also after the server has the first part of it', () => {
  using keeper = buildKeeper(start);
  const shop = watch();
  keeper.turn(shop, 0);
  keeper.allow('hours');
  keeper.turn(shop, minute);
  const [early] = keeper.skips();
  assert.ok(early);
  keeper.acknowledge([early]);
  assert.deepEqual(keeper.skips(), []);
  keeper.turn(shop, minute);
  keeper.turn(shop, minute);
  assert.deepEqual(keeper.skips(), [{ ...early, to: early.from + 2 * minute, count: 3 }]);
  keeper.acknowledge([early]);
  assert.equal(keeper.skips().length, 1, 'a late acknowledgement of the first part takes nothing away');
  keeper.allow(undefined);
  keeper.turn(shop, minute);
  keeper.acknowledge(keeper.skips());
  assert.deepEqual(keeper.skips(), []);
});

test('a run that was going when the sentinel was killed is told, once', () => {
  using keeper = buildKeeper(start);
  const shop = watch();
  keeper.turn(shop, 0);
  keeper.beginOnly(shop, minute);
  keeper.restart(0);
  keeper.restart(0);
  const [cut] = keeper.skips();
  assert.deepEqual([cut?.reason, cut?.count, cut?.from], ['off', 1, (keeper.runs[0] ?? 0) + minute]);
});

test('a run that never began, since the disk said of its beginning that it was not written down, is told', () => {
  using keeper = buildKeeper(start);
  const shop = watch();
  keeper.turn(shop, 0);
  keeper.beginOnly(shop, minute);
  keeper.turn(shop, minute);
  const told = keeper.skips().map(({ reason, from, count }) => [reason, from, count]);
  assert.deepEqual(told, [['storage', (keeper.runs[0] ?? 0) + minute, 1]]);
  assert.equal(keeper.runs.length, 2);
});

test('a request to run now is honoured once, over a restart too, and not while nothing may run', () => {
  using keeper = buildKeeper(start);
  const request = { requestId: '77777777-2222-4333-8444-555555555555', at: start + 5000 };
  keeper.turn(watch(), 0);
  const asked = watch({ everyMs: minute }, { runNow: request });
  keeper.allow('paused');
  keeper.turn(asked, 5);
  assert.equal(keeper.runs.length, 1);
  keeper.allow(undefined);
  keeper.turn(asked, 5);
  assert.equal(keeper.runs.at(-1), request.at);
  keeper.restart(0);
  keeper.turn(asked, 5);
  assert.equal(keeper.runs.length, 2);
  assert.deepEqual(keeper.skips(), []);
  keeper.turn(watch({ everyMs: minute }, { runNow: { ...request, requestId: monitorId } }), 5);
  assert.equal(keeper.runs.length, 3);
});

test('a run of the schedule that begins anyway answers a request to run now, and says so', () => {
  using keeper = buildKeeper(start);
  const request = { requestId: '77777777-2222-4333-8444-555555555555', at: start + 5000 };
  keeper.turn(watch(), 0);
  keeper.sleep(minute);
  keeper.turn(watch({ everyMs: minute }, { runNow: request }), 0);
  assert.equal(keeper.runs.length, 2);
  assert.deepEqual(keeper.answered, [request.requestId]);
  keeper.turn(watch({ everyMs: minute }, { runNow: request }), 5);
  keeper.sleep(minute);
  keeper.turn(watch({ everyMs: minute }, { runNow: request }), 0);
  assert.deepEqual([keeper.runs.length, keeper.answered], [3, [request.requestId]], 'once');
});

test('what passed while the disk could not be read is told as that, however long it was', () => {
  using keeper = buildKeeper(start);
  const shop = watch();
  keeper.turn(shop, 0);
  keeper.sleep(10 * minute);
  keeper.hindered(1000, minute / 4);
  keeper.turn(shop, 0);
  const told = keeper.skips().map(({ reason, count }) => [reason, count]);
  assert.deepEqual(told, [
    ['asleep', 10],
    ['storage', 249],
  ]);
});

test('a clock that is set forward passes times that never were: nothing is told of them', () => {
  using keeper = buildKeeper(start);
  const shop = watch();
  keeper.turn(shop, 0);
  keeper.setClock(365 * 86_400_000);
  keeper.turn(shop, 0);
  assert.deepEqual([keeper.skips(), keeper.runs.length], [[], 2]);
});

test('what is assigned no more and comes back begins anew', () => {
  using keeper = buildKeeper(start);
  const shop = watch();
  keeper.turn(shop, 0);
  keeper.memory.keepOnly([]);
  keeper.turn(shop, 60 * minute);
  assert.deepEqual([keeper.skips(), keeper.runs.length], [[], 2]);
});

test('what goes and comes back within its interval runs no time twice, nor honours a request to run now twice', () => {
  using keeper = buildKeeper(start);
  const request = { requestId: '77777777-2222-4333-8444-555555555555', at: start + 5 };
  const hourly = { everyMs: 60 * minute };
  const asked = watch(hourly, { runNow: request });
  keeper.turn(watch(hourly), 0);
  keeper.turn(asked, 5);
  for (const ms of [1, 2]) {
    keeper.memory.keepOnly([]);
    keeper.restart(ms);
    keeper.memory.keepOnly([monitorId]);
    keeper.turn(asked, ms);
  }
  const [first = 0] = keeper.runs;
  assert.deepEqual(keeper.runs, [first, request.at]);
  keeper.turn(asked, 60 * minute);
  assert.deepEqual([keeper.skips(), keeper.runs], [[], [first, request.at, first + 60 * minute]]);
  keeper.memory.keepOnly([]);
  keeper.setClock(-365 * 86_400_000);
  keeper.turn(watch(hourly), 0);
  assert.equal(keeper.runs.length, 4, 'a clock that was set back does not silence it');
});

test('what is not assigned any more is forgotten after a day', () => {
  using keeper = buildKeeper(start);
  keeper.turn(watch({ everyMs: minute }, { runNow: { requestId: sentinelId, at: start } }), 0);
  keeper.memory.keepOnly([]);
  assert.deepEqual([keeper.memory.settled().size, keeper.memory.honoured().size], [1, 1]);
  keeper.live(86_400_001 + minute);
  keeper.memory.honour('another', 'another');
  keeper.memory.keepOnly([]);
  assert.deepEqual([keeper.memory.settled().size, [...keeper.memory.honoured().keys()]], [0, ['another']]);
});

const schedule = fc.oneof(
  fc.integer({ min: 1, max: 20 }).map((n) => ({ everyMs: n * minute })),
  fc.constantFrom(
    { everyMs: minute, cron: '*/7 * * * *', timeZone: 'Europe/Amsterdam' },
    { everyMs: 5 * minute, hours: 'mon-sun 08:00-17:00, mon-sun 22:00-02:00', timeZone: 'America/New_York' },
  ),
);
const ms = fc.integer({ min: 1, max: 90 * minute });
const history = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('work' as const), ms: fc.integer({ min: 1, max: 3 * minute }) }),
    fc.record({ do: fc.constantFrom('sleep' as const, 'off' as const), ms }),
    fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const, 'acknowledge' as const) }),
    fc.record({ do: fc.constant('change' as const), schedule }),
  ),
  { maxLength: 25 },
);

test('whatever happens, each time of the schedule is either run or told as skipped, exactly once', () => {
  fc.assert(
    fc.property(history, (steps) => {
      using keeper = buildKeeper(start);
      const atServer = new Map<number, number>();
      const send = () => {
        const skips = keeper.skips();
        for (const { from, count } of skips) atServer.set(from, Math.max(count, atServer.get(from) ?? 0));
        return skips;
      };
      let assignment = watch();
      keeper.turn(assignment, 0);
      const first = keeper.runs[0] ?? 0;
      const changes: { schedule: Schedule; from: number }[] = [{ schedule: assignment.schedule, from: first }];
      for (const step of steps) {
        if (step.do === 'work') keeper.turn(assignment, step.ms);
        if (step.do === 'sleep') keeper.turn(assignment, step.ms, step.ms);
        if (step.do === 'off') keeper.restart(step.ms);
        if (step.do === 'pause') keeper.allow('paused');
        if (step.do === 'resume') keeper.allow(undefined);
        if (step.do === 'acknowledge') keeper.acknowledge(send());
        if (step.do === 'change') {
          keeper.turn(assignment, 1);
          assignment = watch(step.schedule, { scheduleSince: keeper.clocks.now + 1 });
          changes.push({ schedule: step.schedule, from: keeper.clocks.now + 1 });
          keeper.clocks.now++;
        }
      }
      keeper.turn(assignment, 1);
      send();
      const until = keeper.clocks.now + 1;
      const expected = changes.reduce((sum, change, i) => {
        const shiftMs = shift(change.schedule, monitorId, sentinelId);
        return sum + expectedRuns(change.schedule, shiftMs, change.from, changes[i + 1]?.from ?? until);
      }, 0);
      const skipped = [...atServer.values()].reduce((a, b) => a + b, 0);
      assert.equal(keeper.runs.length + skipped, expected);
      assert.equal(new Set(keeper.runs).size, keeper.runs.length);
    }),
    { numRuns: process.env.VEDETTE_LONG ? 1000 : 15 },
  );
});
