import { outcomeOf } from '../protocol/error-codes.ts';
import type { Outcome, RunError, TransactionResult } from '../protocol/messages.ts';
import type { GateFault } from './gate.ts';
import type { ChildError, TestEnd } from './messages.ts';

export interface Verdict {
  outcome: Outcome;
  reason?: string;
  error?: RunError;
  transactions: TransactionResult[];
}

/**
 * What a run comes to: errored before failed before passed; skipped if every test was. `ending` is the error that ended
 * the run as a whole, if one did. What the gate saw corrects what the page could only guess: a page behind a proxy can't
 * tell a name that doesn't resolve from a refused connection.
 */
export function verdict(
  tests: readonly TestEnd[],
  transactions: readonly TransactionResult[],
  ending: ChildError | undefined,
  faults: readonly GateFault[],
  mask: (text: string) => string,
): Verdict {
  const say = (error: ChildError): RunError => masked(corrected(error, faults), mask);
  const results = transactions.map((t) => (t.error ? withError(t, say(t.error)) : t));
  const errors = [
    ...(ending ? [ending] : []),
    ...tests.flatMap((t) => (t.outcome === 'failed' && t.error ? [t.error] : [])),
  ].map(say);
  const error = errors.find((e) => outcomeOf(e.code) === 'errored') ?? errors[0];
  if (error) return { outcome: outcomeOf(error.code), error, transactions: results };
  if (tests.length > 0 && tests.every((t) => t.outcome === 'skipped')) {
    return { outcome: 'skipped', reason: tests[0]?.reason ?? 'skipped by the script', transactions: results };
  }
  return { outcome: 'passed', transactions: results };
}

function withError(transaction: TransactionResult, error: RunError): TransactionResult {
  return { ...transaction, outcome: outcomeOf(error.code), error };
}

const guesses = new Set(['NAVIGATION', 'CONNECT', 'DNS', 'TLS']);

function corrected(error: ChildError, faults: readonly GateFault[]): ChildError {
  if (!guesses.has(error.code)) return error;
  const fault = faults.findLast((f) => hostsIn(error.message).includes(f.host));
  if (!fault) return error;
  const said = {
    HOST_DENIED: 'is not among the hosts this script may reach',
    DNS: 'could not be resolved',
    CONNECT: 'could not be reached',
  };
  return { ...error, code: fault.code, message: `${error.message}\n${fault.host} ${said[fault.code]}.` };
}

/** `host:port` of each address a message names. */
function hostsIn(message: string): string[] {
  return [...message.matchAll(/https?:\/\/[^\s"'`]+/g)].flatMap(([text]) => {
    if (!URL.canParse(text)) return [];
    const { hostname, port, protocol } = new URL(text);
    return [`${hostname.replace(/^\[|\]$/g, '')}:${port || (protocol === 'https:' ? 443 : 80)}`];
  });
}

function masked(error: ChildError, mask: (text: string) => string): RunError {
  return {
    code: error.code,
    message: mask(error.message),
    ...(error.location ? { location: error.location } : {}),
  };
}
