import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildError } from '../messages.ts';
import { ask, nowUs, tell } from './channel.ts';
import { classify } from './classify.ts';
import type { Test } from './plan.ts';

/** Thrown by `test.skip()` and `step.skip()` to leave what is skipped. */
export class Skip extends Error {
  readonly of: 'test' | 'step';
  constructor(of: 'test' | 'step', reason: string | undefined) {
    super(reason ?? 'skipped by the script');
    this.of = of;
  }
}

interface OpenStep {
  number: number;
  name: string;
  softError: ChildError | undefined;
}

/** What the test under way has done so far. One test runs at a time. */
export interface Running {
  test: Test;
  info: Record<string, unknown> & { errors: unknown[]; timeout: number };
  stepsBegun: string[];
  openSteps: Set<OpenStep>;
  softErrors: ChildError[];
  expectFailure: boolean;
  evidenceTaken: boolean;
  /** Sets the time the test may take from its beginning, in ms; 0 for no limit. */
  setTimeout(ms: number): void;
}

const inside = new AsyncLocalStorage<OpenStep>();
let running: Running | undefined;
let steps = 0;

export function setRunning(now: Running | undefined): void {
  running = now;
}

export function currentRun(what: string): Running {
  if (!running) throw new Error(`${what} can only be called while a test is running`);
  return running;
}

export interface StepOptions {
  timeout?: number;
}

/** `test.step`: an outermost step is a transaction, told to the sentinel as it begins and ends. */
export async function step<T>(
  name: string,
  body: (info: unknown) => T | Promise<T>,
  options: StepOptions = {},
): Promise<T> {
  const run = currentRun('test.step()');
  const info = {
    skip: (condition: unknown = true, reason?: string) => {
      if (condition) throw new Skip('step', reason);
    },
    attach: async () => {},
    titlePath: [name],
  };
  if (inside.getStore()) return within(name, options, () => body(info));
  const open: OpenStep = { number: ++steps, name, softError: undefined };
  run.stepsBegun.push(name);
  run.openSteps.add(open);
  tell({ kind: 'step-begin', step: open.number, name, atUs: nowUs() });
  try {
    const value = await inside.run(open, () => within(name, options, () => body(info)));
    endStep(run, open, open.softError);
    return value;
  } catch (error) {
    if (error instanceof Skip) {
      endStep(run, open, undefined, error.message);
      if (error.of === 'step') return undefined as T;
      throw error;
    }
    endStep(run, open, classify(error));
    await takeEvidence(run);
    throw error;
  }
}

/** `test.step.skip`: told as a skipped transaction, its body never runs. */
export function skipStep(name: string): void {
  const run = currentRun('test.step.skip()');
  if (inside.getStore()) return;
  run.stepsBegun.push(name);
  const number = ++steps;
  tell({ kind: 'step-begin', step: number, name, atUs: nowUs() });
  tell({ kind: 'step-end', step: number, atUs: nowUs(), skipped: 'skipped by the script' });
}

/** Ends every step that is still open, because the test's time is over. */
export function endOpenSteps(run: Running, error: ChildError): void {
  for (const open of run.openSteps) endStep(run, open, error);
}

/** Keeps a soft assertion's failure: the test goes on, and is failed in the end. */
export async function keepSoftError(thrown: unknown): Promise<void> {
  const run = currentRun('expect.soft()');
  const error = classify(thrown);
  run.softErrors.push(error);
  run.info.errors.push(thrown);
  const open = inside.getStore();
  if (open) open.softError ??= error;
  await takeEvidence(run);
}

/** Lets the sentinel look at the pages as they are when something first went wrong in a test. */
export async function takeEvidence(run: Running): Promise<void> {
  if (run.evidenceTaken || run.expectFailure) return;
  run.evidenceTaken = true;
  await ask({ kind: 'failing' });
}

function endStep(run: Running, open: OpenStep, error: ChildError | undefined, skipped?: string): void {
  if (!run.openSteps.delete(open)) return;
  tell({
    kind: 'step-end',
    step: open.number,
    atUs: nowUs(),
    ...(error ? { error } : {}),
    ...(skipped === undefined ? {} : { skipped }),
  });
}

async function within<T>(name: string, options: StepOptions, body: () => T | Promise<T>): Promise<T> {
  const limit = options.timeout;
  if (limit === undefined || limit <= 0) return body();
  const over = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => over.reject(new TimeOver(`The step "${name}" took longer than its ${limit} ms`)),
    limit,
  );
  try {
    return await Promise.race([body(), over.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** A limit that the script set for a test, hook or step has passed. */
export class TimeOver extends Error {
  readonly timeOver = true;
}
