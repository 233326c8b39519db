import { outcomeOf } from '../protocol/error-codes.ts';
import type { Outcome, RunError, TransactionResult } from '../protocol/messages.ts';
import { attributed, type Circumstances } from './attribution.ts';
import type { GateFault } from './gate/gate.ts';
import { hostsIn } from './gate/hosts.ts';
import type { ChildError } from './messages.ts';
import type { TestResult } from './progress.ts';
import { cut } from './text.ts';

export interface Verdict {
  outcome: Outcome;
  reason?: string;
  error?: RunError;
  transactions: TransactionResult[];
  tests: TestResult[];
}

const mostTransactions = 500;
const longestMessage = 4000;
const longestFile = 300;

/**
 * What a run comes to: errored before failed before passed; skipped if every test was. `ending` is the error that ended
 * the run as a whole, if one did. What the gate saw corrects what the page could only guess: a page behind a proxy can't
 * tell a name that doesn't resolve from a refused connection; and what was the sentinel's own trouble is laid at its door.
 */
export function verdict(
  told: readonly TestResult[],
  ending: ChildError | undefined,
  faults: readonly GateFault[],
  mask: (text: string) => string,
  at: Circumstances,
): Verdict {
  const say = (error: ChildError): RunError => masked(attributed(corrected(error, faults), at), mask);
  const tests = told.map((test) => said(test, say));
  const transactions = tests.flatMap((test) => test.transactions).slice(0, mostTransactions);
  const failures = tests.flatMap((test) => (test.outcome === 'failed' && test.error ? [test.error] : []));
  const errors = ending ? [say(ending), ...failures] : failures;
  const error = errors.find((e) => outcomeOf(e.code) === 'errored') ?? errors[0];
  if (error) return { outcome: outcomeOf(error.code), error, transactions, tests };
  if (tests.length > 0 && tests.every((test) => test.outcome === 'skipped'))
    return { outcome: 'skipped', reason: tests[0]?.reason ?? 'skipped by the script', transactions, tests };
  return { outcome: 'passed', transactions, tests };
}

function said({ error, ...test }: TestResult, say: (e: ChildError) => RunError) {
  const transactions = test.transactions.map((t) => (t.error ? withError(t, say(t.error)) : t));
  return { ...test, transactions, ...(error ? { error: say(error) } : {}) };
}

function withError(transaction: TransactionResult, error: RunError): TransactionResult {
  return { ...transaction, outcome: outcomeOf(error.code), error };
}

const guesses = new Set(['NAVIGATION', 'CONNECT', 'DNS', 'TLS']);
const meanings = {
  HOST_DENIED: 'is not among the hosts this script may reach',
  DNS: 'could not be resolved',
  CONNECT: 'could not be reached',
};

function corrected(error: ChildError, faults: readonly GateFault[]): ChildError {
  if (!guesses.has(error.code)) return error;
  const hosts = hostsIn(error.message);
  const fault = faults.findLast((f) => hosts.includes(f.host));
  if (!fault) return error;
  return { ...error, code: fault.code, message: `${fault.host} ${meanings[fault.code]}.\n${error.message}` };
}

function masked({ code, message, location }: ChildError, mask: (text: string) => string): RunError {
  // Cut after the masking: half a secret would not be recognized.
  const shown = (text: string, most: number) => cut(mask(text), most);
  const place = location && { location: { ...location, file: shown(location.file, longestFile) } };
  return { code, message: shown(message, longestMessage), ...place };
}
