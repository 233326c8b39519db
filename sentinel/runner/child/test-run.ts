import type { ChildError } from '../messages.ts';
import { tell } from './channel.ts';
import { classify } from './classify.ts';
import { Clock, type Slot, StepTimeOver, TimeOver } from './clock.ts';
import { pictured } from './pictures.ts';
import {
  type Annotation,
  annotationsOf,
  type Hook,
  lineage,
  type ModifierType,
  type Suite,
  type Test,
} from './plan.ts';
import { type TestInfo, testInfo } from './test-info.ts';
import { keepTraces } from './traces.ts';
import { endTransactionsOf } from './transactions.ts';

/** Thrown by `test.skip()` to leave a test. */
export class TestSkip extends Error {}

export type Status = 'passed' | 'failed' | 'timedOut' | 'skipped';

/** The rules of a run that hold for every test. */
export interface TestSettings {
  /** Name of the author's file. */
  file: string;
  /** Folder for what tests write. */
  scratch: string;
  /** Time a test, or a hook around tests, may take unless the script says otherwise; ms. */
  timeoutMs: number;
  /** What the monitor sets of Playwright's `use`. */
  use: Record<string, unknown>;
  /** Whether the sentinel looks at the pages when a test has passed. */
  looksAtEnd?: boolean;
  /** Whether it takes a picture when a transaction has passed. */
  picturesWhenPassed?: boolean;
  /** Time an `expect` waits unless the script says otherwise; ms. Playwright's own if it is left out. */
  expectTimeoutMs?: number | undefined;
}

let running: TestRun | undefined;

/** The test under way; one runs at a time. */
export function runningTest(): TestRun | undefined {
  return running;
}

export function setRunning(run: TestRun | undefined): void {
  running = run;
}

/** One test under way: how it stands, what it is expected to come to, and its time. */
export class TestRun {
  readonly test: Test;
  readonly settings: TestSettings;
  readonly clock: Clock;
  readonly info: TestInfo;
  readonly errors: ChildError[] = [];
  status: Status = 'passed';
  expected: 'passed' | 'failed' | 'skipped' = 'passed';
  /** Why it was skipped, if it was. */
  skipReason: string | undefined;
  /** The hook that runs now, if one does. */
  hook: Hook['when'] | undefined;
  /** The describe whose `beforeAll` failed, if one did. */
  brokenSuite: Suite | undefined;
  /** What has gone wrong that the sentinel has not looked at. */
  private toBeSeen: { thrown: unknown } | undefined;
  /** What a step threw last, at which it has. */
  private seen: { thrown: unknown } | undefined;

  constructor(test: Test, settings: TestSettings) {
    this.test = test;
    this.settings = settings;
    this.clock = new Clock(
      lineage(test.suite).findLast((s) => s.timeoutMs !== undefined)?.timeoutMs ?? settings.timeoutMs,
    );
    this.info = testInfo(this);
    for (const annotation of annotationsOf(test)) this.annotate(annotation);
  }

  /** Takes an annotation on, with what it means for the test. */
  annotate(annotation: Annotation): void {
    this.info.annotations.push(annotation);
    const { type, description } = annotation;
    if (type === 'slow') this.clock.slow();
    if (type === 'fail' && this.expected !== 'skipped') this.expected = 'failed';
    if (type !== 'skip' && type !== 'fixme') return;
    this.expected = 'skipped';
    this.skipReason ??= description;
  }

  /** `test.skip()`, `test.fail()` and their like inside a test: with no condition, or a true one, they hold. */
  modify(type: ModifierType, args: readonly unknown[]): void {
    const [condition, reason] = args;
    if (typeof reason === 'function')
      throw new Error(`test.${type}() inside a test takes a condition and a reason, not a function.`);
    if (args.length > 0 && !condition) return;
    const description = args.length === 1 && typeof condition === 'string' ? condition : reason;
    this.annotate({ type, description: typeof description === 'string' ? description : undefined });
    if (type === 'skip' || type === 'fixme') throw new TestSkip(`Test is skipped: ${this.skipReason ?? ''}`);
  }

  /** Does a part of the test within a slot; what goes wrong becomes the test's, and is thrown on. */
  async within(slot: Slot, what: string, work: () => unknown): Promise<void> {
    try {
      await this.clock.within(slot, what, async () => {
        try {
          await work();
        } catch (error) {
          this.take(error);
          throw error;
        }
      });
    } catch (error) {
      if (isTimeOut(error)) this.take(error);
      throw error;
    } finally {
      await this.showFailing('end');
    }
  }

  isUsedUp(slot: Slot): boolean {
    return this.clock.isUsedUp(slot);
  }

  /** An error that nobody waited for fails the test that runs, and ends it. */
  interrupt(thrown: unknown): void {
    this.fail(thrown);
    this.clock.interrupt(thrown);
  }

  fail(thrown: unknown): void {
    if (running !== this) return; // left over from a test that is done
    if (this.status === 'passed' || this.status === 'skipped') this.status = isTimeOut(thrown) ? 'timedOut' : 'failed';
    this.errors.push(classify(thrown));
    this.info.errors.push(thrown instanceof Error ? thrown : { message: String(thrown), value: String(thrown) });
    if (this.expected === 'failed') return;
    keepTraces();
    this.toBeSeen = { thrown };
  }

  /** Lets the sentinel look at the pages where all went well so far, if that is wanted. */
  async showPassing(): Promise<void> {
    if (this.settings.looksAtEnd && this.status === 'passed') tell({ kind: 'passing' });
    await this.showEnded(); // a test without steps is a transaction
  }

  /** A transaction has ended, all its times are taken: time to look at it, if something went wrong or pictures are wanted. */
  async showEnded(): Promise<void> {
    await this.showFailing('soft assertion');
    if (this.settings.picturesWhenPassed && this.status === 'passed')
      await this.clock.outside(() => pictured({ kind: 'picture' }));
  }

  /** A step has thrown: the sentinel looks before the script cleans up, and forgets it if the script catches it. */
  async showThrown(thrown: unknown): Promise<void> {
    if (running !== this || this.status !== 'passed' || this.expected === 'failed') return;
    this.seen = { thrown };
    await this.clock.outside(() => pictured({ kind: 'failing', at: 'throwing step' }));
  }

  isFailure(): boolean {
    return this.status !== 'skipped' && this.status !== this.expected;
  }

  /** Lets the sentinel look at the pages as they are when something went wrong. */
  private async showFailing(where: 'soft assertion' | 'end'): Promise<void> {
    const { toBeSeen, seen } = this;
    if (!toBeSeen) return;
    this.toBeSeen = undefined;
    const at = where === 'end' && seen && seen.thrown === toBeSeen.thrown ? 'end by a step' : where;
    await this.clock.outside(() => pictured({ kind: 'failing', at }));
  }

  private take(thrown: unknown): void {
    if (thrown instanceof TestSkip) {
      if (this.status === 'passed') this.status = 'skipped';
      return;
    }
    if (isTimeOut(thrown)) endTransactionsOf(this, classify(thrown));
    this.fail(thrown);
  }
}

/** Whether an error is that the time of the test, or of a hook or fixture of its, is over. */
function isTimeOut(thrown: unknown): boolean {
  return thrown instanceof TimeOver && !(thrown instanceof StepTimeOver);
}
