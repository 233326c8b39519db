import { AsyncLocalStorage } from 'node:async_hooks';
import { classify } from './classify.ts';
import { Clock, newSlot, StepTimeOver } from './clock.ts';
import { pendingCalls } from './playwright.ts';
import { placeAtCaller } from './source.ts';
import { runningTest, type TestRun, TestSkip } from './test-run.ts';
import { beginTransaction, endTransaction, type Transaction } from './transactions.ts';

export interface StepOptions {
  timeout?: number;
  /** An error in the step is shown where the function around it was called. */
  box?: boolean;
}

type StepBody = (info: object) => unknown;

interface Inside {
  run: TestRun;
  transaction: Transaction;
  titlePath: readonly string[];
}

const inside = new AsyncLocalStorage<Inside>();

/** Thrown by `step.skip()` to leave a step. */
class StepSkip extends Error {}

/** `test.step`: an outermost step is a transaction. */
export async function step(title: string, body: StepBody, options: StepOptions = {}): Promise<unknown> {
  const around = inside.getStore();
  const run = runningTest();
  if (!run || (around && around.run !== run)) throw new Error('test.step() can only be called from a test that runs');
  const called = new Error('the step');
  const isWaitedFor = pendingCalls() > 0; // as within `toPass`, whose own time would pass while the sentinel looks
  const transaction = around?.transaction ?? beginTransaction(run, String(title));
  const titlePath = [...(around?.titlePath ?? run.info.titlePath), String(title)];
  try {
    const work = async () => body(stepInfo(run, titlePath));
    const value = await inside.run({ run, transaction, titlePath }, () => within(title, options.timeout, work));
    if (!around) {
      endTransaction(transaction, { error: transaction.softError });
      await run.showEnded();
    }
    return value;
  } catch (error) {
    if (options.box) placeAtCaller(error, called);
    if (!around && leave(run, transaction, error) && !isWaitedFor) await run.showThrown(error);
    if (error instanceof StepSkip) return undefined;
    throw error;
  }
}

/** `test.step.skip`: its body never runs. */
export function skipStep(title: string): Promise<unknown> {
  return step(title, () => {
    throw new StepSkip('skipped by the script');
  });
}

/** A soft assertion failed: the test goes on; it, and the step around, are failed in the end. */
export function failSoftly(run: TestRun, thrown: unknown): void {
  const around = inside.getStore();
  if (around?.run === run) around.transaction.softError ??= classify(thrown);
  run.fail(thrown);
}

/** Whether its error goes wrong for the test is not known yet: the script may catch it. Gives whether it was an error that ended it. */
function leave(run: TestRun, transaction: Transaction, thrown: unknown): boolean {
  const skipped = thrown instanceof StepSkip ? thrown.message : (run.skipReason ?? 'skipped by the script');
  const isSkip = thrown instanceof StepSkip || thrown instanceof TestSkip;
  return endTransaction(transaction, isSkip ? { skipped } : { error: classify(thrown) }) && !isSkip;
}

function within(title: string, timeoutMs: number | undefined, work: () => Promise<unknown>): Promise<unknown> {
  if (!timeoutMs) return work();
  return new Clock(timeoutMs, StepTimeOver).within(newSlot(timeoutMs), `The step "${title}"`, work);
}

/** What a step's body is given; https://playwright.dev/docs/api/class-teststepinfo. */
function stepInfo(run: TestRun, titlePath: readonly string[]): object {
  return {
    titlePath,
    attach: run.info.attach,
    skip: (...args: unknown[]) => {
      if (args.length > 0 && !args[0]) return;
      throw new StepSkip(typeof args[1] === 'string' ? args[1] : 'skipped by the script');
    },
  };
}
