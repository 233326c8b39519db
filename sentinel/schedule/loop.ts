import type { AssignmentKeeper } from '../link/assignments.ts';
import type { Scripts } from '../link/scripts.ts';
import type { Problems } from '../problems.ts';
import { newRunId } from '../protocol/run-id.ts';
import type { Runner, RunResult } from '../runner/runner.ts';
import type { Memory } from '../spool/memory.ts';
import type { Spool } from '../spool/spool.ts';
import type { Vault } from '../vault.ts';
import { pause, type Wake } from '../wake.ts';
import { type Due, due, nextDueAt } from './due.ts';
import { prepare } from './prepare.ts';
import { runOnce } from './run-once.ts';
import { unstarted } from './unstarted.ts';

/** A look at the clock at least this often: it may have been set, or the device have slept. */
const longestWaitMs = 10_000;
/** Before the next look for a bundle that has not come yet, or the next try to store a run. */
const againMs = 1000;

export interface ScheduleSettings {
  sentinelId: string;
  keeper: Pick<AssignmentKeeper, 'current' | 'trust'>;
  scripts: Pick<Scripts, 'load'>;
  vault: Pick<Vault, 'secret'>;
  memory: Memory;
  spool: Spool;
  runner: Runner;
  problems: Problems;
  clockOffsetMs(): number | undefined;
  /** Rung when there may be other work to do. */
  wake: Wake;
  /** Told of each run that is safe in the spool. */
  onStored(): void;
  log(line: string): void;
}

/** Runs what is due, one after the other, until `signal` aborts. A run that is not over by then is recorded as skipped. */
export async function scheduleLoop(settings: ScheduleSettings, signal: AbortSignal): Promise<void> {
  const { keeper, memory, sentinelId, wake } = settings;
  while (!signal.aborted) {
    const now = Date.now();
    try {
      const overdue = due(keeper.current(), memory.lastDue(), sentinelId, now);
      if (await firstThatBegins(overdue, settings, signal)) continue;
      settings.problems.set('schedule', undefined);
    } catch (error) {
      settings.problems.set('schedule', `no run could be started: ${error instanceof Error ? error.message : error}`);
    }
    const untilNext = nextDueAt(keeper.current(), sentinelId, now) - Date.now();
    await wake.wait(Math.min(longestWaitMs, Math.max(0, untilNext)), signal);
  }
}

/** Does the first run of `overdue` that can begin; false if none can. */
async function firstThatBegins(
  overdue: readonly Due[],
  settings: ScheduleSettings,
  signal: AbortSignal,
): Promise<boolean> {
  for (const next of overdue) {
    const result = await attempt(next, settings, signal);
    if (!result) continue;
    await store(result, settings, signal);
    return true;
  }
  return false;
}

/** The result of a run, or of the refusal to start it; undefined if its script has not arrived yet. */
async function attempt(next: Due, settings: ScheduleSettings, signal: AbortSignal): Promise<RunResult | undefined> {
  const { keeper, scripts, vault, memory, runner, log } = settings;
  const id = newRunId(Date.now());
  const prepared = prepare(next, id, {
    trusted: keeper.trust(next.assignment),
    bundle: (sha256) => scripts.load(sha256),
    secret: (name) => vault.secret(name),
    sandboxLevel: runner.sandboxLevel,
  });
  if (prepared.kind === 'waiting') return undefined;
  memory.begun(next.assignment.monitorId, next.dueAt);
  if (prepared.kind === 'ready') return runOnce(runner, next, prepared.request, signal);
  log(`${next.assignment.name}: ${prepared.message}`);
  const { code, message } = prepared;
  return { run: unstarted(next, id, Date.now(), 0, { outcome: 'errored', code, message }), files: [] };
}

/** Puts a run into the spool. While that fails nothing else runs: what can't be kept need not be measured. */
async function store({ run, files }: RunResult, settings: ScheduleSettings, signal: AbortSignal): Promise<void> {
  const offset = settings.clockOffsetMs();
  const measured = offset === undefined ? run : { ...run, clockOffsetMs: offset };
  for (;;) {
    try {
      settings.spool.add(measured, files);
      settings.problems.set('spool', undefined);
      settings.onStored();
      return;
    } catch (error) {
      const why = `runs can't be stored: ${error instanceof Error ? error.message : error}. Free disk space or check the disk.`;
      settings.problems.set('spool', why);
      settings.log(why);
      if (signal.aborted) return; // the run is lost, and was never confirmed
      await pause(againMs, signal);
    }
  }
}
