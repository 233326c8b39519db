import { type ErrorCode, outcomeOf } from '../protocol/error-codes.ts';
import type { TransactionResult } from '../protocol/messages.ts';
import { inTime } from './in-time.ts';
import type { ChildError, FromChild, TestEnd } from './messages.ts';
import { monotonicUs } from './monotonic.ts';
import { type Names, names } from './names.ts';
import type { Mark, PageTimes } from './pages/recorder.ts';
import { type Stopwatch, stopwatch } from './pages/stopwatch.ts';
import { cut } from './text.ts';

/** Where both clocks stood when the run began: the monotonic one in µs, that of the wall in ms. */
export interface Beginning {
  us: number;
  ms: number;
}

/** A test as it ended, or as it was cut off, with its transactions in the order they began. */
export interface TestResult extends TestEnd {
  transactions: TransactionResult[];
}

/** Hears of each transaction when it ends. */
export type Observe = (transaction: TransactionResult) => void;

/** What a run has come to so far, as its child told it and as its pages were seen. */
export interface Progress {
  readonly tests: readonly TestResult[];
  /** Calls to the browser that the child was waiting for when it last said. */
  readonly pendingCalls: number;
  /** Whether a test was under way. */
  readonly testOpen: boolean;
  /** Whether the script is being loaded, and has not come to its first test yet. */
  readonly isLoading: boolean;
  /** Name of the step that is under way, or of the test if none is. */
  readonly where: string | undefined;
  /** Name of the transaction that ended last, if it passed and none is under way; '' for a test without any as yet. */
  readonly passed: string | undefined;
  /** Whether the child told of more than any script has to tell. */
  readonly isTooMuch: boolean;
  take(message: FromChild): void;
  marked(mark: Mark): void;
  waited(pages: readonly PageTimes[]): void;
  arrived(pages: readonly PageTimes[], state: 'load' | 'domcontentloaded' | 'commit'): void;
  /** Ends what is open, because the run is over before the child could say so. */
  cut(error: ChildError, nowUs: number): void;
}

/** Of a title, a step's name or a reason. */
const longestName = 300;
/** Outermost steps and tests that are followed; a child that tells of more is no script any more. */
const mostSteps = 5000;
/** How far a browser's clock may lie from this process's, ms. */
const clocksApartMs = 100;

interface OpenStep {
  name: string;
  fromUs: number;
  watch: Stopwatch;
}

interface OpenTest extends OpenStep {
  title: string[];
  naming: Names;
  /** Names of the steps its text contains that have not begun. */
  notBegun: string[];
  steps: Map<number, OpenStep>;
  ended: TransactionResult[];
}

const unended: ChildError = { code: 'SCRIPT_ERROR', message: 'The script began a test before the last one had ended.' };

export function progress(began: Beginning, mask: (text: string) => string, observe: Observe): Progress {
  const tests: TestResult[] = [];
  const taken = new Map<string, number>();
  let test: OpenTest | undefined;
  let pendingCalls = 0;
  let isLoading = false;
  let begun = 0;

  const wallMs = (us: number) => began.ms + (us - began.us) / 1000;
  // Cut after the masking: half a secret would not be recognized.
  const shown = (text: string) => cut(mask(text), longestName);
  const watches = () => (test ? [test, ...test.steps.values()] : []);

  const add = (
    to: OpenTest,
    step: OpenStep,
    atUs: number,
    end: { error?: ChildError | undefined; skipped?: string | undefined },
  ) => {
    const outcome = end.error ? outcomeOf(end.error.code) : end.skipped === undefined ? 'passed' : 'skipped';
    const durationUs = Math.max(0, atUs - step.fromUs);
    const responseUs = outcome === 'passed' ? step.watch.responseUs() : undefined;
    const ended: TransactionResult = {
      name: step.name,
      outcome,
      startUs: Math.max(0, step.fromUs - began.us),
      durationUs,
      // Two clocks measured: where they differ by a hair, what the browser did still lies within the step.
      ...(responseUs === undefined ? {} : { responseUs: Math.min(responseUs, durationUs) }),
      ...(end.error ? { error: end.error } : {}),
      ...(end.skipped === undefined ? {} : { reason: end.skipped }),
    };
    to.ended.push(ended);
    observe(ended);
  };

  const beginTest = (message: Extract<FromChild, { kind: 'test-begin' }>) => {
    // Whatever had failed in it must not be lost.
    if (test) endTest(test, { title: test.title, outcome: 'failed', error: unended }, message.atUs);
    const title = message.title.map(shown);
    test = {
      title,
      name: title.join(' › '),
      fromUs: message.atUs,
      watch: stopwatch(),
      naming: names(message.onlyTest ? [] : title, taken),
      notBegun: message.steps.map(shown),
      steps: new Map(),
      ended: [],
    };
  };

  const beginStep = (to: OpenTest, message: Extract<FromChild, { kind: 'step-begin' }>) => {
    const name = shown(message.name);
    const expected = to.notBegun.indexOf(name);
    if (expected >= 0) to.notBegun.splice(expected, 1);
    to.steps.set(message.step, { name: to.naming.step(name), fromUs: message.atUs, watch: stopwatch() });
  };

  const endTest = (from: OpenTest, end: TestEnd, atUs: number) => {
    for (const step of from.steps.values()) add(from, step, atUs, { error: end.error });
    const reason = end.reason === undefined ? undefined : shown(end.reason);
    const skipped = end.outcome === 'skipped' ? (reason ?? 'skipped by the script') : 'NOT_REACHED';
    if (end.outcome !== 'passed') {
      begun += from.notBegun.length; // they are transactions too, and must not be without end
      for (const name of from.notBegun)
        add(from, { name: from.naming.step(name), fromUs: atUs, watch: stopwatch() }, atUs, { skipped });
    }
    // A test without steps is one transaction, named after the test.
    const itself = { ...from, name: from.naming.test(from.name) };
    if (from.ended.length === 0)
      add(from, itself, atUs, end.outcome === 'skipped' ? { skipped } : { error: end.error });
    const transactions = from.ended.toSorted((a, b) => a.startUs - b.startUs);
    tests.push({ ...end, ...(reason === undefined ? {} : { reason }), title: from.title, transactions });
    test = undefined;
  };

  return {
    tests,
    get pendingCalls() {
      return pendingCalls;
    },
    get testOpen() {
      return test !== undefined;
    },
    get isLoading() {
      return isLoading;
    },
    get where() {
      return [...(test?.steps.values() ?? [])].at(-1)?.name ?? test?.name;
    },
    get passed() {
      if (!test || test.steps.size > 0) return undefined;
      const last = test.ended.at(-1);
      if (!last) return '';
      return last.outcome === 'passed' ? last.name : undefined;
    },
    get isTooMuch() {
      return begun > mostSteps;
    },

    take(told) {
      const message = inTime(told, began.us, monotonicUs());
      if (message.kind === 'ready' || message.kind === 'test-begin') isLoading = message.kind === 'ready';
      if (message.kind === 'pending') pendingCalls = message.calls;
      if (message.kind === 'step-begin' || message.kind === 'test-begin') begun++;
      if (message.kind === 'test-begin') beginTest(message);
      if (!test) return;
      if (message.kind === 'step-begin') beginStep(test, message);
      if (message.kind === 'step-end') {
        const step = test.steps.get(message.step);
        test.steps.delete(message.step);
        const skipped = message.skipped === undefined ? undefined : shown(message.skipped);
        if (step) add(test, step, message.atUs, { error: message.error, skipped });
      }
      if (message.kind === 'answered')
        for (const { watch } of watches()) watch.arrived(wallMs(message.fromUs), wallMs(message.toUs));
      if (message.kind === 'test-end') endTest(test, message.test, message.atUs);
    },

    marked(mark) {
      for (const { watch } of watches())
        mark.kind === 'cause' ? watch.caused(mark.at, mark.changed) : watch.typed(mark.changed);
    },

    waited(pages) {
      const changed = Math.max(0, ...pages.map((page) => page.changed));
      for (const { watch } of watches()) watch.waited(changed);
    },

    arrived(pages, state) {
      const [latest] = pages.filter((page) => page.isTop).sort((a, b) => b.origin - a.origin);
      if (!latest) return;
      for (const { watch, fromUs } of watches()) {
        // An older document was not opened by this navigation, which then stayed in its document.
        if (latest.origin >= wallMs(fromUs) - clocksApartMs) watch.arrived(latest.origin, latest[state] || latest.now);
      }
    },

    cut(error, nowUs) {
      if (test) endTest(test, { title: test.title, outcome: 'failed', error }, nowUs);
    },
  };
}

/** The code that stands for a run cut off at its limit: who was it that didn't come to an end? */
export function limitCode(state: Pick<Progress, 'testOpen' | 'isLoading' | 'pendingCalls'>): ErrorCode {
  if (!state.testOpen) return state.isLoading ? 'SCRIPT_LIMIT' : 'SENTINEL_TIMEOUT';
  return state.pendingCalls > 0 ? 'TIMEOUT' : 'SCRIPT_LIMIT';
}
