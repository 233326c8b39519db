import type { ErrorCode } from '../protocol/error-codes.ts';
import { type Run, ScriptStatement } from '../protocol/messages.ts';
import { sha256Hex } from '../protocol/statement.ts';
import type { Due } from './due.ts';

/** How a run ended that the runner did not bring to an end. */
export type Ending = { outcome: 'skipped'; reason: string } | { outcome: 'errored'; code: ErrorCode; message: string };

/** The record of a run without transactions: why it was not started, or not brought to its end. */
export function unstarted(
  { assignment, dueAt }: Due,
  id: string,
  startedAt: number,
  durationMs: number,
  ending: Ending,
): Run {
  return {
    id,
    monitorId: assignment.monitorId,
    ...scriptOf(assignment.script.statement),
    dueAt,
    startedAt,
    durationUs: Math.max(0, Math.round(durationMs * 1000)),
    transactions: [],
    evidence: [],
    ...outcomeOf(ending),
  };
}

function outcomeOf(ending: Ending): Pick<Run, 'outcome' | 'reason' | 'error'> {
  if (ending.outcome === 'skipped') return { outcome: 'skipped', reason: ending.reason.slice(0, 500) };
  return { outcome: 'errored', error: { code: ending.code, message: ending.message.slice(0, 4000) } };
}

/** What the statement says of itself, trusted or not; one that can't be read is named by its own hash. */
function scriptOf(statement: string): Pick<Run, 'scriptSha256' | 'scriptVersion'> {
  try {
    const { bundleSha256, version } = ScriptStatement.parse(JSON.parse(statement));
    return { scriptSha256: bundleSha256, scriptVersion: version };
  } catch {
    return { scriptSha256: sha256Hex(statement), scriptVersion: 1 };
  }
}
