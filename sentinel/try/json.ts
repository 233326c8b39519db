import { outcomeOf as blamed } from '../protocol/error-codes.ts';
import type { RunError } from '../protocol/messages.ts';
import type { DetailedResult } from '../runner/runner.ts';
import type { KeptEvidence } from './evidence-folder.ts';

/** A run as one object for programs: snake_case, milliseconds, null for what there is not. */
export function asJson({ run, tests }: DetailedResult, evidence: readonly KeptEvidence[]): object {
  return {
    outcome: run.outcome,
    tests: tests.map((test) => ({
      title: test.title,
      outcome: outcomeOf(test),
      transactions: test.transactions.map((transaction) => ({
        name: transaction.name,
        outcome: transaction.outcome,
        response_ms: ms(transaction.responseUs),
        duration_ms: ms(transaction.durationUs),
        error: errorOf(transaction.error),
      })),
      error: errorOf(test.error),
    })),
    evidence: evidence.map(({ kind, path, mediaType, bytes }) => ({ kind, path, media_type: mediaType, bytes })),
    sandbox_level: run.sandboxLevel ?? null,
    duration_ms: ms(run.durationUs),
    error: errorOf(run.error),
  };
}

/** A test knows that it failed; whether that was the application is in its error's code. */
function outcomeOf({ outcome, error }: DetailedResult['tests'][number]) {
  return outcome === 'failed' && error ? blamed(error.code) : outcome;
}

function errorOf(error: RunError | undefined) {
  return error ? { code: error.code, message: error.message, location: error.location ?? null } : null;
}

function ms(us: number | undefined): number | null {
  return us === undefined ? null : us / 1000;
}
