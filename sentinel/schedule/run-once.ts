import type { Run } from '../protocol/messages.ts';
import type { Runner, RunRequest, RunResult } from '../runner/runner.ts';
import { type Clocks, deviceClocks, noticeableMs } from './absences.ts';
import type { Due } from './due.ts';
import { type Ending, unstarted } from './unstarted.ts';

/** What the runner gets beyond the run's own time to bring its evidence in. */
const graceMs = 30_000;
/** What it gets to end a run that was called off. */
const abortMs = 3000;

export const stoppedReason = 'the sentinel was stopped';

/** One run, always with a result: if the runner brings none, a record of that takes its place. */
export async function runOnce(
  runner: Runner,
  due: Due,
  request: RunRequest,
  signal: AbortSignal,
  clocks: Clocks = deviceClocks,
): Promise<RunResult> {
  const anchor = { now: clocks.now(), uptime: clocks.uptime() };
  const { run, files } = await result(runner, due, request, signal);
  // A clock that was set meanwhile: the offset that the run is told with is that of the clock as it is now.
  const setMs = Math.round(clocks.now() - anchor.now - (clocks.uptime() - anchor.uptime));
  const isSet = Math.abs(setMs) > noticeableMs;
  return { run: isSet ? { ...run, startedAt: run.startedAt + setMs } : run, files };
}

async function result(runner: Runner, due: Due, request: RunRequest, signal: AbortSignal): Promise<RunResult> {
  const [startedAt, started] = [Date.now(), performance.now()];
  const ended = (ending: Ending): RunResult => {
    const run: Run = unstarted(due, request.id, startedAt, performance.now() - started, ending);
    return { run: { ...run, sandboxLevel: runner.sandboxLevel }, files: [] };
  };
  using limit = limitOf(request.timeoutMs + graceMs, signal);
  try {
    const result = await Promise.race([runner.run(request, limit.signal), limit.unheeded]);
    if (!limit.signal.aborted) return result;
  } catch (error) {
    if (!limit.signal.aborted)
      return ended({ outcome: 'errored', code: 'SENTINEL_BROWSER', message: brokenRunner(error) });
  }
  if (signal.aborted) return ended({ outcome: 'skipped', reason: reasonOf(signal) });
  return ended({
    outcome: 'errored',
    code: 'SENTINEL_TIMEOUT',
    message: 'the run did not end in time and was called off',
  });
}

/** Who calls runs off for another reason than a stop says which. */
function reasonOf({ reason }: AbortSignal): string {
  return typeof reason === 'string' ? reason : stoppedReason;
}

function brokenRunner(error: unknown): string {
  return `the runner could not do the run: ${error instanceof Error ? error.message : error}`;
}

/** Aborts after `ms` or with `stop`; `unheeded` rejects some time after that, for a runner that goes on regardless. */
function limitOf(ms: number, stop: AbortSignal): { signal: AbortSignal; unheeded: Promise<never> } & Disposable {
  const controller = new AbortController();
  const { promise: unheeded, reject } = Promise.withResolvers<never>();
  let late: NodeJS.Timeout | undefined;
  const callOff = () => {
    controller.abort();
    late ??= setTimeout(() => reject(new Error('the runner did not stop')), abortMs);
  };
  const timer = setTimeout(callOff, ms);
  stop.addEventListener('abort', callOff);
  if (stop.aborted) callOff();
  const dispose = () => {
    clearTimeout(timer);
    clearTimeout(late);
    stop.removeEventListener('abort', callOff);
  };
  return { signal: controller.signal, unheeded, [Symbol.dispose]: dispose };
}
