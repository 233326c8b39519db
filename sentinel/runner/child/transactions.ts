import type { ChildError } from '../messages.ts';
import { nowUs, tell } from './channel.ts';

/** An outermost step that is under way. */
export interface Transaction {
  readonly number: number;
  /** The first soft assertion in it that failed. */
  softError: ChildError | undefined;
}

const open = new Map<Transaction, object>();
let count = 0;

/** Tells the sentinel that a transaction of a test begins. */
export function beginTransaction(test: object, name: string): Transaction {
  const transaction: Transaction = { number: ++count, softError: undefined };
  open.set(transaction, test);
  tell({ kind: 'step-begin', step: transaction.number, name, atUs: nowUs() });
  return transaction;
}

/** Tells the sentinel how it ended, once; gives whether that was now. */
export function endTransaction(
  transaction: Transaction,
  { error, skipped }: { error?: ChildError | undefined; skipped?: string | undefined },
): boolean {
  if (!open.delete(transaction)) return false;
  const how = { ...(error ? { error } : {}), ...(skipped === undefined ? {} : { skipped }) };
  tell({ kind: 'step-end', step: transaction.number, atUs: nowUs(), ...how });
  return true;
}

/** Ends what is open of a test, because its time is over. */
export function endTransactionsOf(test: object, error: ChildError): void {
  for (const [transaction, of] of open) if (of === test) endTransaction(transaction, { error });
}
