import { nowUs, tell } from './channel.ts';
import { packages } from './packages.ts';
import { countPending, waitedInVain } from './playwright.ts';
import { failSoftly } from './steps.ts';
import type { TestRun } from './test-run.ts';

/*
 * Playwright's own `expect`, run the way Playwright Test runs it: it asks the test under way for its time and tells it of
 * every assertion. That side of it is not public (`setExpectConfig`), so the compatibility tests watch over it.
 */

interface Library {
  expect: unknown;
  mergeExpects: unknown;
  expectConfig(): object;
  setExpectConfig(config: object): void;
}

const library = packages.matchers as Library;
const alone = library.expectConfig();

export const { expect, mergeExpects } = library;

/** Lets assertions from now on be those of a test, or of none. */
export function expectIn(run: TestRun | undefined): void {
  library.setExpectConfig(run ? { ...alone, testInfo: host(run), timeout: run.settings.expectTimeoutMs } : alone);
}

/** What `expect` uses of a test. A new one for each test: by that, polls left over from another know that they are. */
function host(run: TestRun): object {
  return {
    _addStep: () => assertion(run),
    _deadline: () => ({ deadline: run.clock.deadline(), timeout: run.clock.test.timeoutMs }),
    _resolveSnapshotPaths: () => {
      throw new Error('This assertion compares with a stored file, and a sentinel has none.');
    },
  };
}

/** An assertion under way. One that takes time is a wait: when it is satisfied, a response time may end. */
function assertion(run: TestRun): object {
  let [isWait, isDone] = [false, false];
  const beganUs = nowUs();
  queueMicrotask(() => {
    if (isDone) return;
    isWait = true;
    countPending(1);
  });
  return {
    complete({ error, softError }: { error?: unknown; softError?: unknown }) {
      isDone = true;
      if (isWait) {
        countPending(-1);
        waitedInVain(error, beganUs);
      }
      if (softError !== undefined) failSoftly(run, softError);
      else if (isWait && error === undefined) tell({ kind: 'waited' });
    },
  };
}
