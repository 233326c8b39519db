import { type ErrorCode, outcomeOf } from '../protocol/error-codes.ts';
import type { TransactionResult } from '../protocol/messages.ts';
import { transactionName } from '../protocol/transaction-name.ts';
import type { ChildError, FromChild, TestEnd } from './messages.ts';
import type { Mark, PageTimes } from './recorder.ts';
import { type Stopwatch, stopwatch } from './stopwatch.ts';

interface Open {
  name: string;
  fromUs: number;
  /** Wall clock at its beginning, ms: a navigation that began before isn't of this transaction. */
  fromMs: number;
  watch: Stopwatch;
}

/** What a run has come to so far, as its child told it and as its pages were seen. Times of the child count from `startUs`. */
export interface Progress {
  readonly transactions: readonly TransactionResult[];
  readonly tests: readonly TestEnd[];
  /** Calls to the browser that the child was waiting for when it last said. */
  readonly pendingCalls: number;
  /** Whether a test was under way. */
  readonly testOpen: boolean;
  take(message: FromChild): void;
  marked(mark: Mark): void;
  waited(pages: readonly PageTimes[]): void;
  arrived(pages: readonly PageTimes[], state: 'load' | 'domcontentloaded' | 'commit'): void;
  /** Ends what is open, because the run is over before the child could say so. */
  cut(error: ChildError, nowUs: number): void;
}

const mostTransactions = 500;

export function progress(startUs: number): Progress {
  const transactions: TransactionResult[] = [];
  const tests: TestEnd[] = [];
  const steps = new Map<number, Open>();
  const names = new Map<string, number>();
  let test: (Open & { title: string[]; onlyTest: boolean; steps: number }) | undefined;
  let pendingCalls = 0;

  const watches = () => [...steps.values(), ...(test ? [test] : [])];

  const nameOf = (step: string) => {
    const plain = transactionName(test?.title ?? [], step, test?.onlyTest ?? true, 0);
    const count = names.get(plain) ?? 0;
    names.set(plain, count + 1);
    return transactionName(test?.title ?? [], step, test?.onlyTest ?? true, count);
  };

  const add = (open: Open, atUs: number, end: { error?: ChildError | undefined; skipped?: string | undefined }) => {
    if (transactions.length >= mostTransactions) return;
    const outcome = end.error ? outcomeOf(end.error.code) : end.skipped === undefined ? 'passed' : 'skipped';
    const responseUs = outcome === 'passed' ? open.watch.responseUs() : undefined;
    transactions.push({
      name: open.name,
      outcome,
      startUs: Math.max(0, open.fromUs - startUs),
      durationUs: Math.max(0, atUs - open.fromUs),
      ...(responseUs === undefined ? {} : { responseUs }),
      ...(end.error ? { error: end.error } : {}),
      ...(end.skipped === undefined ? {} : { reason: end.skipped }),
    });
  };

  const open = (name: string, fromUs: number): Open => ({ name, fromUs, fromMs: Date.now(), watch: stopwatch() });

  const endTest = (end: TestEnd, notReached: readonly string[], atUs: number) => {
    tests.push(end);
    if (!test) return;
    const reached = test.steps > 0 || end.outcome === 'skipped';
    // A test without steps is one transaction, named after the test.
    if (!reached) add({ ...test, name: test.title.join(' › ') }, atUs, { error: end.error });
    for (const step of notReached) add(open(nameOf(step), atUs), atUs, { skipped: 'NOT_REACHED' });
    test = undefined;
  };

  return {
    transactions,
    tests,
    get pendingCalls() {
      return pendingCalls;
    },
    get testOpen() {
      return test !== undefined;
    },

    take(message) {
      if (message.kind === 'pending') pendingCalls = message.calls;
      if (message.kind === 'test-begin') {
        test = {
          ...open(message.title.at(-1) ?? '', message.atUs),
          title: message.title,
          onlyTest: message.onlyTest,
          steps: 0,
        };
      }
      if (message.kind === 'step-begin') {
        steps.set(message.step, open(nameOf(message.name), message.atUs));
        if (test) test.steps++;
      }
      if (message.kind === 'step-end') {
        const step = steps.get(message.step);
        steps.delete(message.step);
        if (step) add(step, message.atUs, message);
      }
      if (message.kind === 'test-end') endTest(message.test, message.notReached, message.atUs);
    },

    marked(mark) {
      for (const { watch } of watches())
        mark.kind === 'cause' ? watch.caused(mark.at, mark.changed) : watch.typed(mark.changed);
    },

    waited(pages) {
      const changed = Math.max(0, ...pages.map((p) => p.changed));
      for (const { watch } of watches()) watch.waited(changed);
    },

    arrived(pages, state) {
      const document = pages.reduce<PageTimes | undefined>((a, b) => (a && a.origin >= b.origin ? a : b), undefined);
      if (!document) return;
      for (const { watch, fromMs } of watches()) {
        // The clock here and the browser's differ by less than this; an older document was not opened by this call.
        if (document.origin >= fromMs - 50) watch.arrived(document.origin, document[state] || document.now);
      }
    },

    cut(error, nowUs) {
      for (const step of steps.values()) add(step, nowUs, { error });
      steps.clear();
      if (test) endTest({ title: test.title, outcome: 'failed', error }, [], nowUs);
    },
  };
}

/** The code that stands for a run cut off at its limit: who was it that didn't come to an end? */
export function limitCode(state: { testOpen: boolean; pendingCalls: number }): ErrorCode {
  if (!state.testOpen) return 'SENTINEL_TIMEOUT';
  return state.pendingCalls > 0 ? 'TIMEOUT' : 'SCRIPT_LIMIT';
}
