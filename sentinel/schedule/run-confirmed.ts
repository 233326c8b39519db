import { newRunId } from '../protocol/run-id.ts';
import type { Runner, RunRequest, RunResult } from '../runner/runner.ts';
import type { Due } from './due.ts';
import { runOnce } from './run-once.ts';

/**
 * One run, and where the monitor asks for it a second one at once if the application failed. `keep` makes a run durable
 * and says whether it could: the first is kept, with the id of the second, before the second begins, so that a kill in
 * between loses nothing. What that means for counting is with `Run.retriedBy`.
 */
export async function runConfirmed(
  runner: Runner,
  due: Due,
  request: RunRequest,
  keep: (result: RunResult) => Promise<boolean>,
  signal: AbortSignal,
): Promise<void> {
  const first = await runOnce(runner, due, request, signal);
  if (!due.assignment.confirmFailures || first.run.outcome !== 'failed' || signal.aborted) {
    await keep(first);
    return;
  }
  const id = newRunId(Date.now());
  const isKept = await keep({ ...first, run: { ...first.run, retriedBy: id } });
  if (!isKept || signal.aborted) return;
  const second = await runOnce(runner, due, { ...request, id }, signal);
  await keep({ ...second, run: { ...second.run, retryOf: request.id } });
}
