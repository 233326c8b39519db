import type { TransactionResult } from '../../sentinel/protocol/messages.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import type { DetailedResult, DetailedRunner } from '../../sentinel/runner/runner.ts';
import type { Due } from '../../sentinel/schedule/due.ts';
import { prepare } from '../../sentinel/schedule/prepare.ts';
import { unstarted } from '../../sentinel/schedule/unstarted.ts';
import { runHere } from '../../sentinel/try/run-here.ts';
import type { Trial } from './trials.ts';

/** Runs one trial as a sentinel would; what can't be begun, as for want of a secret, is a run that says so. */
export async function runTrial(
  runner: DetailedRunner,
  { assignment, statement, script }: Trial,
  secret: (name: string) => string | undefined,
  onTransaction: (transaction: TransactionResult) => void,
  signal: AbortSignal,
): Promise<DetailedResult> {
  const due: Due = { assignment, dueAt: Date.now() };
  const id = newRunId(due.dueAt);
  const prepared = prepare(due, id, {
    trusted: { ok: true, statement },
    bundle: () => ({ state: 'here', code: script.code }),
    secret,
    sandboxLevel: assignment.minSandboxLevel, // any will do: the run tells which it was
  });
  if (prepared.kind === 'ready') return runHere(runner, due, prepared.request, onTransaction, signal);
  if (prepared.kind === 'waiting') throw new Error('a script that is here was waited for');
  const { code, message } = prepared;
  const more = code === 'SECRET_MISSING' ? ', or here with a line NAME=value in the file .env' : '';
  const run = unstarted(due, id, due.dueAt, 0, { outcome: 'errored', code, message: message + more });
  return { run, files: [], tests: [] };
}
