import assert from 'node:assert/strict';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { buildAssignment, buildTrial, bundle, customerId, scriptKey } from '../build-assignment.ts';
import { buildHome } from '../build-home.ts';
import { FakeRunner } from '../build-runner.ts';
import { Problems } from '../problems.ts';
import type { Assignment, Run, Trial } from '../protocol/messages.ts';
import type { SkipReason } from '../protocol/skip-reasons.ts';
import type { RunResult } from '../runner/runner.ts';
import { trustScript } from '../script-trust.ts';
import { openSeal } from '../seal.ts';
import { Memory } from '../spool/memory.ts';
import { Spool } from '../spool/spool.ts';
import { Wake } from '../wake.ts';
import { scheduleLoop } from './loop.ts';
import { SlotKeeper } from './slot-keeper.ts';

const everyMs = 1000;
const monitor = (name: string, wishes: Partial<Assignment> = {}) =>
  buildAssignment({ name, schedule: { everyMs }, ...wishes });

/** A schedule at work on a real spool, with runners whose runs last until the test ends them. */
function buildSchedule(
  assignments: Assignment[],
  runners: number,
  {
    withBundle = (): boolean => true,
    idle = 8,
    before = (_: Memory) => {},
    resting = Promise.resolve(),
    trials = [] as Trial[],
    mayRun = (): 'paused' | undefined => undefined,
    settings = {} as { concurrency?: number },
  } = {},
) {
  const home = buildHome();
  const spool = new Spool({ file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
  const memory = new Memory(spool.file);
  before(memory);
  const stop = new AbortController();
  const [news, wake] = [new Wake(), new Wake()];
  /** Monitors whose run is going, and how to end it. */
  const going = new Map<string, () => void>();
  const seen: string[][] = [];
  const answer = (request: { monitorId: string }, signal: AbortSignal) => {
    assert.ok(!going.has(request.monitorId), 'a monitor has two runs at a time');
    const { promise, resolve, reject } = Promise.withResolvers<Partial<RunResult>>();
    going.set(request.monitorId, () => resolve({}));
    signal.addEventListener('abort', () => reject(signal.reason));
    seen.push([...going.keys()]);
    news.ring();
    return promise.finally(() => going.delete(request.monitorId));
  };
  const running = scheduleLoop(
    {
      sentinelId: '99999999-2222-4333-8444-555555555555',
      keeper: {
        current: () => assignments,
        trials: () => trials,
        trust: (a) => trustScript(a, { keys: [scriptKey], customerId, highestVersion: () => 0 }),
      },
      scripts: { load: () => (withBundle() ? { state: 'here', code: bundle } : { state: 'missing' }) },
      vault: { secret: () => undefined },
      memory,
      runners: {
        all: Array.from({ length: runners }, () => Object.assign(new FakeRunner(answer), { resting })),
        sandboxLevel: 3,
      },
      problems: new Problems(),
      processors: { at: () => idle, begun: () => {} },
      wake,
      mayRun,
      rules: { narrowed: (request) => request, going: new AbortController().signal, settings },
      spool,
      clock: { clockOffsetMs: 0, clockMark: '', offsetAt: () => 0 },
      onStored: () => news.ring(),
      log: () => {},
    },
    stop.signal,
  );
  const stored = (): Run[] => spool.oldestRuns(1000, 1e9);
  const skipped = (monitorId: string, reason: SkipReason): number => {
    const spans = spool.unsentSkips(1000).filter((span) => span.monitorId === monitorId && span.reason === reason);
    return spans.reduce((sum, { count }) => sum + count, 0);
  };
  return {
    ...{ going, seen, stored, skipped, memory },
    async until(done: () => boolean): Promise<void> {
      while (!done()) await news.wait(100, stop.signal);
    },
    async stop(): Promise<void> {
      stop.abort();
      await running;
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      spool[Symbol.dispose]();
      home[Symbol.dispose]();
    },
  };
}

test('with one runner the second monitor waits; when its next time comes before it could begin, that is SENTINEL_OVERLOAD', async () => {
  const [a, b] = [monitor('a'), monitor('b')];
  await using schedule = buildSchedule([a, b], 1);
  await schedule.until(() => schedule.going.size === 1);
  const [first = ''] = schedule.going.keys();
  const other = [a, b].find(({ monitorId }) => monitorId !== first);
  const of = (monitorId = '') => schedule.stored().filter((run) => run.monitorId === monitorId);
  await schedule.until(() => of(other?.monitorId).length >= 2 && of(first).length >= 2);
  const overload = of(other?.monitorId);
  for (const { outcome, error, transactions } of overload)
    assert.deepEqual([outcome, error?.code, transactions], ['errored', 'SENTINEL_OVERLOAD', []]);
  const apart = (overload[1]?.dueAt ?? 0) - (overload[0]?.dueAt ?? 0);
  assert.ok(apart > 0 && apart % everyMs === 0, `each slot is told of, once: ${apart} ms apart`); // a busy machine may sleep over one
  for (const { outcome, reason } of of(first))
    assert.deepEqual([outcome, reason], ['skipped', "the monitor's run before this one had not ended"]);
  await schedule.until(() => {
    schedule.going.get(first)?.(); // on a busy machine it may be due again before the other is chosen
    return schedule.going.has(other?.monitorId ?? '');
  });
});

const seldom = (name: string) => monitor(name, { schedule: { everyMs: 600_000 } });

test('as many runs go at a time as there are runners, and the stop leaves a record of each', async () => {
  const runners = 2;
  const schedule = buildSchedule(['a', 'b', 'c'].map(seldom), runners);
  await schedule.until(() => schedule.going.size === runners);
  await schedule.stop();
  assert.ok(schedule.seen.every((going) => going.length <= runners));
  assert.deepEqual(
    schedule.stored().map(({ outcome, reason }) => [outcome, reason]),
    Array(runners).fill(['skipped', 'the sentinel was stopped']),
  );
  await schedule[Symbol.asyncDispose]();
});

test('where the setting allows fewer runs than there are runners, no more of them go at a time', async () => {
  const settings: { concurrency?: number } = {};
  await using schedule = buildSchedule(['a', 'b', 'c', 'd'].map(seldom), 2, { settings });
  await schedule.until(() => schedule.going.size === 2);
  settings.concurrency = 1;
  for (const end of schedule.going.values()) end();
  await schedule.until(() => schedule.stored().length === 2 && schedule.going.size > 0);
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  assert.equal(schedule.going.size, 1);
  for (const end of schedule.going.values()) end();
  await schedule.until(() => schedule.stored().length === 3 && schedule.going.size === 1);
});

test('a run is kept before its runner has put away what it used, and the next one begins after that', async () => {
  const resting = Promise.withResolvers<void>();
  await using schedule = buildSchedule([seldom('a'), seldom('b')], 1, { resting: resting.promise });
  try {
    await schedule.until(() => schedule.going.size === 1);
    for (const end of schedule.going.values()) end();
    await schedule.until(() => schedule.stored().length === 1);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    assert.equal(schedule.seen.length, 1);
  } finally {
    resting.resolve();
  }
  await schedule.until(() => schedule.seen.length === 2);
});

test('while no processor is idle, a second run does not begin beside the first', async () => {
  const [a, b] = [monitor('a'), monitor('b')];
  await using schedule = buildSchedule([a, b], 2, { idle: 0 });
  await schedule.until(() => schedule.stored().some((run) => run.error?.code === 'SENTINEL_OVERLOAD'));
  assert.ok(schedule.seen.every((going) => going.length === 1));
});

test('what waited while the device slept is not told as overload', async (t) => {
  const [a, b] = [monitor('a'), monitor('b')];
  await using schedule = buildSchedule([a, b], 1);
  await schedule.until(() => schedule.going.size === 1);
  const hours = 8 * 3_600_000;
  const [clock, uptime] = [Date.now.bind(Date), os.uptime.bind(os)];
  t.mock.method(Date, 'now', () => clock() + hours);
  t.mock.method(os, 'uptime', () => uptime() + hours / 1000);
  const woken = Date.now();
  await schedule.until(() => schedule.stored().length >= 2);
  assert.deepEqual(
    schedule.stored().filter((run) => run.dueAt < woken - everyMs),
    [],
  );
  for (const { monitorId } of [a, b]) assert.ok(schedule.skipped(monitorId, 'asleep') > hours / everyMs - 30);
});

test('a script that has not arrived is nobody’s overload, and it begins when it is there', async () => {
  let isHere = false;
  const late = monitor('late');
  await using schedule = buildSchedule([late, seldom('other')], 2, { withBundle: () => isHere });
  const since = Date.now();
  await schedule.until(() => Date.now() > since + 2 * everyMs);
  assert.deepEqual(schedule.stored(), []);
  assert.ok(schedule.skipped(late.monitorId, 'script') >= 1);
  isHere = true;
  await schedule.until(() => schedule.going.has(late.monitorId));
});

test('a run that somebody asked for and that the sentinel’s end cut off is told to who asked, once', async () => {
  const requestId = '77777777-2222-4333-8444-555555555555';
  const asked = monitor('Shop', { schedule: { everyMs: 86_400_000 }, runNow: { requestId, at: Date.now() } });
  const before = (memory: Memory) => memory.honour(asked.monitorId, requestId, 5000);
  await using schedule = buildSchedule([asked], 1, { before });
  await schedule.until(() => schedule.stored().length > 0);
  const [cut, ...others] = schedule.stored();
  assert.deepEqual([cut?.requestId, cut?.outcome, cut?.dueAt, others.length], [requestId, 'skipped', 5000, 0]);
  assert.match(cut?.reason ?? '', /was ended in the middle of it/);
});

test('a request that a run of the schedule was answering when the sentinel was ended is told with it, as one run', async () => {
  const requestId = '77777777-2222-4333-8444-555555555555';
  const asked = monitor('Shop', { schedule: { everyMs: 86_400_000 }, runNow: { requestId, at: Date.now() } });
  const dueAt = Date.now();
  const before = (memory: Memory) => {
    const settings = { sentinelId: '', memory, absences: { list: () => [] }, clockOffsetMs: () => 0 };
    new SlotKeeper(settings).begun({ assignment: asked, dueAt, answersRequest: requestId });
  };
  await using schedule = buildSchedule([asked], 1, { before });
  await schedule.until(() => schedule.stored().length > 0);
  await schedule.stop();
  const [cut, ...others] = schedule.stored();
  assert.deepEqual(
    [cut?.requestId, cut?.answersRequest, cut?.outcome, cut?.dueAt, others.length],
    [undefined, requestId, 'skipped', dueAt, 0],
  );
  assert.equal(schedule.skipped(asked.monitorId, 'off'), 0, 'it is told twice');
  assert.deepEqual(schedule.memory.interruptedRequests(), []);
});

test('a draft is tried once, before what is due, as a run that belongs to no monitor; one whose time is over is not', async () => {
  const draft = buildTrial();
  const tooLate = buildTrial({ until: Date.now() - 1 });
  await using schedule = buildSchedule([seldom('a')], 1, { trials: [tooLate, draft] });
  await schedule.until(() => schedule.going.size === 1);
  assert.deepEqual([...schedule.going.keys()], [draft.trialId]);
  schedule.going.get(draft.trialId)?.();
  await schedule.until(() => schedule.stored().length === 1);
  const [tried] = schedule.stored();
  assert.deepEqual([tried?.trialId, tried?.monitorId, tried?.outcome], [draft.trialId, draft.trialId, 'passed']);
  await schedule.until(() => schedule.going.size === 1);
  assert.ok(!schedule.going.has(draft.trialId), 'it is tried again');
});

test('a draft whose signature this sentinel does not trust is not run, and who tries it is told so', async () => {
  const draft = buildTrial();
  const forged = { ...draft, script: { ...draft.script, signature: 'AAAA' } };
  await using schedule = buildSchedule([], 1, { trials: [forged] });
  await schedule.until(() => schedule.stored().length > 0);
  const [told] = schedule.stored();
  assert.deepEqual([told?.trialId, told?.error?.code], [draft.trialId, 'SCRIPT_UNTRUSTED']);
  assert.match(told?.error?.message ?? '', /its signature does not match its statement/);
});

test('a trial that may not run here now, or was cut off by the sentinel’s end, is told at once and why', async () => {
  const draft = buildTrial();
  for (const [how, reason] of [
    [{ mayRun: () => 'paused' as const }, /paused by its administrator/],
    [
      { before: (memory: Memory) => memory.honour(draft.trialId, draft.trialId, 5000) },
      /was ended in the middle of it/,
    ],
  ] as const) {
    await using schedule = buildSchedule([], 1, { trials: [draft], ...how });
    await schedule.until(() => schedule.stored().length > 0);
    const [told, ...others] = schedule.stored();
    assert.deepEqual([told?.trialId, told?.outcome, others.length], [draft.trialId, 'skipped', 0]);
    assert.match(told?.reason ?? '', reason);
  }
});
