import type { AssignmentKeeper } from '../link/assignments.ts';
import type { Scripts } from '../link/scripts.ts';
import type { Assignment } from '../protocol/messages.ts';
import { newRunId } from '../protocol/run-id.ts';
import type { Runner, RunRequest, RunResult } from '../runner/runner.ts';
import type { LocalRules } from '../settings/local-rules.ts';
import type { Memory } from '../spool/memory.ts';
import type { Vault } from '../vault.ts';
import type { Wake } from '../wake.ts';
import { Absences, type Clocks, deviceClocks } from './absences.ts';
import type { MayRun } from './allowed.ts';
import { choose, roomFor } from './choose.ts';
import { type Due, nextDue } from './due.ts';
import { type IdleProcessors, windowMs } from './idle-processors.ts';
import { Pictures } from './pictures.ts';
import { type Prepared, prepare } from './prepare.ts';
import { type Missed, Queue } from './queue.ts';
import { runConfirmed } from './run-confirmed.ts';
import type { Runners } from './runners.ts';
import { SlotKeeper } from './slot-keeper.ts';
import { SpareMemory } from './spare-memory.ts';
import { type StoreSettings, store } from './store.ts';
import { Trials } from './trials.ts';
import { type Ending, unstarted } from './unstarted.ts';

/** A look at the clock at least this often: it may have been set, or the device have slept. */
const longestWaitMs = 10_000;
/** So long before a run is due a runner is told: what it gets ready is there when the run begins, and disturbs none. */
const aheadMs = 3000;

export interface ScheduleSettings extends StoreSettings {
  sentinelId: string;
  keeper: Pick<AssignmentKeeper, 'current' | 'trials' | 'trust'>;
  scripts: Pick<Scripts, 'load'>;
  vault: Pick<Vault, 'secret'>;
  memory: Memory;
  /** Each does one run at a time. */
  runners: Pick<Runners, 'all' | 'sandboxLevel'>;
  processors: Pick<IdleProcessors, 'at' | 'begun'>;
  /** What the administrator of the device allows a run, and until when; left out, all. */
  rules?: Pick<LocalRules, 'narrowed' | 'going' | 'settings'>;
  /** Rung when there may be other work to do. */
  wake: Wake;
  /** Asked of each run that is due; left out, all may run. */
  mayRun?: MayRun;
  /** When this sentinel came into being, ms on its clock. */
  enrolledAt?: number;
  /** The device's own, unless a test has others. */
  clocks?: Clocks;
  /** The process's own, unless time is simulated: hours without work pass in no time there, and each would cost a collection. */
  spareMemory?: SpareMemory;
}

/**
 * Runs what is due, as many at a time as there are runners and idle processors for, until `signal` aborts. Runs that are
 * not over by then are recorded as skipped.
 */
export async function scheduleLoop(settings: ScheduleSettings, signal: AbortSignal): Promise<void> {
  const { problems, wake, clocks = deviceClocks, spareMemory = new SpareMemory() } = settings;
  const absences = new Absences(clocks);
  const schedule = new Schedule(settings, absences, signal);
  let failingSince: number | undefined;
  while (!signal.aborted) {
    try {
      if (absences.back()) schedule.forget();
      if (failingSince !== undefined) absences.hindered('storage', failingSince);
      await schedule.turn();
      failingSince = undefined;
      problems.set('schedule', undefined);
    } catch (error) {
      failingSince ??= clocks.now();
      problems.set('schedule', `no run could be started: ${error instanceof Error ? error.message : error}`);
    }
    const waitMs = schedule.untilNextTurn();
    spareMemory.turn(schedule.isIdle && waitMs === longestWaitMs);
    absences.leave(waitMs);
    await wake.wait(waitMs, signal);
  }
  await schedule.ended();
}

class Schedule {
  readonly #settings: ScheduleSettings;
  readonly #absences: Absences;
  readonly #slots: SlotKeeper;
  readonly #trials: Trials;
  readonly #pictures: Pictures;
  readonly #now: () => number;
  readonly #signal: AbortSignal;
  readonly #free: Runner[];
  /** Monitors whose run is going. */
  readonly #going = new Map<string, Promise<void>>();
  readonly #queue = new Queue();
  /** Runs that are being put into the spool; for more than an instant only when it takes nothing. */
  #storing = 0;
  #hasToldInterrupted = false;

  constructor(settings: ScheduleSettings, absences: Absences, signal: AbortSignal) {
    this.#settings = settings;
    this.#absences = absences;
    const clockOffsetMs = () => settings.clock.clockOffsetMs;
    this.#slots = new SlotKeeper({ ...settings, clockOffsetMs, absences });
    this.#trials = new Trials({ ...settings, clockOffsetMs });
    this.#pictures = new Pictures(settings.memory);
    this.#now = (settings.clocks ?? deviceClocks).now;
    this.#signal = signal;
    this.#free = [...settings.runners.all];
  }

  /** Begins what can begin, and reports what waited for too long. What can't be kept need not be measured. */
  async turn(): Promise<void> {
    if (this.#storing > 0) return this.forget();
    const { keeper, processors } = this.#settings;
    const now = this.#now();
    const assignments = keeper.current();
    if (!this.#hasToldInterrupted) await this.#tellInterrupted(assignments);
    this.#hasToldInterrupted = true;
    for (const missed of this.#queue.take(this.#slots.due(assignments, now))) await this.#report(missed);
    const overdue = [...(await this.#tried(now)), ...this.#slots.settle(assignments, now)];
    const idle = overdue.length === 0 ? 0 : processors.at(performance.now()); // to look costs more than all else of a turn
    const room = roomFor(this.#going.size, this.#most, idle);
    const { begin, wait } = choose(overdue, new Set(this.#going.keys()), room, (next) => this.#look(next));
    this.#queue.keep(wait);
    for (const { due, prepared } of begin) {
      this.#begun(due);
      if (prepared.kind === 'ready') this.#begin(due, prepared.request);
      else await this.#refuse(due, prepared);
    }
  }

  /** Trials that begin before all else: somebody waits for them. What may not run now is told at once. */
  async #tried(now: number): Promise<Due[]> {
    const { due, refused } = this.#trials.look(this.#settings.keeper.trials(), now);
    for (const { due: next, reason } of refused) {
      this.#trials.begun(next);
      await this.#record(next, { outcome: 'skipped', reason });
    }
    return due;
  }

  #begun(due: Due): void {
    if (due.trialId === undefined) this.#slots.begun(due);
    else this.#trials.begun(due);
  }

  /** Most runs at a time: the setting may allow fewer by now than there are runners. */
  get #most(): number {
    const { rules, runners } = this.#settings;
    return Math.min(runners.all.length, rules?.settings.concurrency ?? Number.POSITIVE_INFINITY);
  }

  /** Whether no run is going. */
  get isIdle(): boolean {
    return this.#going.size === 0;
  }

  /** What waited does so through no fault of anybody's. */
  forget(): void {
    this.#queue.keep([]);
  }

  /** Gets a runner ready for a run that is due soon, and says when to look again, ms. */
  untilNextTurn(): number {
    const { keeper, sentinelId } = this.#settings;
    const now = this.#now();
    const untilNext = nextDue(keeper.current(), sentinelId, now) - now;
    const untilRoom = this.#free.length > 0 && this.#queue.waitsForRoom() ? windowMs : longestWaitMs;
    if (untilNext <= aheadMs && this.#going.size === 0) this.#free.at(-1)?.prepare();
    const untilWork = untilNext <= aheadMs ? untilNext : untilNext - aheadMs;
    return Math.max(0, Math.min(longestWaitMs, untilWork, untilRoom));
  }

  async ended(): Promise<void> {
    await Promise.all(this.#going.values());
  }

  #look(next: Due): Prepared {
    const { keeper, scripts, vault, runners } = this.#settings;
    return prepare(next, newRunId(Date.now()), {
      trusted: keeper.trust(next.assignment),
      bundle: (sha256) => scripts.load(sha256),
      secret: (name) => vault.secret(name),
      sandboxLevel: runners.sandboxLevel,
    });
  }

  #begin(next: Due, asked: RunRequest): void {
    const { rules } = this.#settings;
    const allowed = rules ? rules.narrowed(asked) : asked;
    const takesPictures = next.trialId === undefined && this.#pictures.areDue(allowed, this.#now());
    const request: RunRequest = takesPictures ? { ...allowed, picturesWhenPassed: true } : allowed;
    const runner = this.#free.pop();
    if (!runner) throw new Error('a run was chosen and no runner is free');
    this.#settings.processors.begun(performance.now());
    const { clock } = this.#settings;
    let mark = clock.clockMark;
    const keep = async (result: RunResult) => {
      const isKept = await this.#keep(result, next, mark);
      mark = clock.clockMark; // of the one that confirms it, if there is one
      if (next.trialId === undefined) this.#pictures.ended(request, result.run.outcome, this.#now());
      return isKept;
    };
    const signal = rules ? AbortSignal.any([this.#signal, rules.going]) : this.#signal;
    const run = runConfirmed(runner, next, request, keep, signal).finally(async () => {
      await runner.rested();
      this.#free.push(runner);
      this.#going.delete(next.assignment.monitorId);
      this.#settings.wake.ring();
    });
    this.#going.set(next.assignment.monitorId, run);
  }

  /** What was going when the sentinel was ended is told as skipped: as a time of its schedule, or to who asked for it. */
  async #tellInterrupted(assignments: readonly Assignment[]): Promise<void> {
    const { memory, keeper } = this.#settings;
    const ended = { outcome: 'skipped', reason: endedReason } as const;
    const interrupted = memory.interruptedRequests();
    for (const due of this.#trials.interrupted(keeper.trials(), interrupted)) await this.#record(due, ended);
    for (const { monitorId, requestId, dueAt, isOfSchedule } of interrupted) {
      const assignment = assignments.find((one) => one.monitorId === monitorId);
      const asked = isOfSchedule ? { answersRequest: requestId } : { requestId };
      if (assignment) await this.#record({ assignment, dueAt, ...asked }, ended);
    }
    memory.tellInterrupted(); // times of a schedule that nobody asked for: those above are no longer going
  }

  async #refuse(next: Due, { code, message }: Extract<Prepared, { kind: 'refused' }>): Promise<void> {
    this.#settings.log(`${next.assignment.name}: ${message}`);
    await this.#record(next, { outcome: 'errored', code, message });
  }

  async #report({ due: waited, why }: Missed): Promise<void> {
    const { answersRequest: _, ...due } = waited; // who asked for a run now is answered by one that begins
    this.#slots.missed(due, why);
    if (why === 'own run') await this.#record(due, { outcome: 'skipped', reason: ownRunReason });
    if (why !== 'room') return;
    const message = overloadMessage(this.#most);
    this.#settings.log(`${due.assignment.name}: ${message}`);
    await this.#record(due, { outcome: 'errored', code: 'SENTINEL_OVERLOAD', message });
  }

  async #record(next: Due, ending: Ending): Promise<void> {
    const now = this.#now();
    await this.#keep(
      { run: unstarted(next, newRunId(now), now, 0, ending), files: [] },
      next,
      this.#settings.clock.clockMark,
    );
  }

  async #keep({ run, files }: RunResult, due: Due, mark: string): Promise<boolean> {
    const { requestId, answersRequest, trialId, isBeyond } = due;
    const begun = this.#now();
    this.#storing++;
    try {
      const told = {
        ...run,
        ...(requestId === undefined ? {} : { requestId }),
        ...(answersRequest === undefined ? {} : { answersRequest }),
        ...(isBeyond ? { beyondSchedule: true as const } : {}),
        ...(trialId === undefined ? {} : { trialId }),
      };
      return await store({ run: told, files }, mark, this.#settings, this.#signal);
    } finally {
      this.#storing--;
      this.#absences.hindered('storage', begun);
    }
  }
}

const endedReason = 'the sentinel was ended in the middle of it: ask again';
const ownRunReason = "the monitor's run before this one had not ended";

function overloadMessage(runners: number): string {
  const most = runners === 1 ? 'one run' : `${runners} runs`;
  return `The run was not started: until its next time came, this sentinel was at work on others (at most ${most} at a time, and only while a processor is idle). Give this sentinel fewer monitors or longer intervals.`;
}
