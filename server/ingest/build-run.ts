import type { Run, TransactionResult } from '../../sentinel/protocol/messages.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';

/** For tests: a run as a sentinel sends it, passed and with two transactions unless `values` says otherwise. */
export function buildRun(values: Partial<Run> & { monitorId: string }): Run {
  const startedAt = values.startedAt ?? Date.UTC(2026, 2, 1, 12);
  return {
    id: newRunId(startedAt),
    scriptSha256: 'ab'.repeat(32),
    scriptVersion: 1,
    dueAt: startedAt,
    startedAt,
    durationUs: 900_000,
    outcome: 'passed',
    transactions: [buildResult({ name: 'Open' }), buildResult({ name: 'Login', startUs: 400_000 })],
    evidence: [],
    sandboxLevel: 3,
    browser: 'Chromium 140',
    ...values,
  };
}

/** For tests: a run whose last transaction failed. */
export function buildFailedRun(values: Partial<Run> & { monitorId: string }): Run {
  const error = { code: 'ASSERTION', message: 'the heading Welcome was not there' } as const;
  const { responseUs: _, ...login } = buildResult({ name: 'Login', startUs: 400_000, outcome: 'failed', error });
  return buildRun({ outcome: 'failed', error, transactions: [buildResult({ name: 'Open' }), login], ...values });
}

export function buildResult(values: Partial<TransactionResult> & { name: string }): TransactionResult {
  return { outcome: 'passed', startUs: 0, durationUs: 400_000, responseUs: 250_000, ...values };
}
