import type { TestEnd } from '../messages.ts';
import { nowUs, tell } from './channel.ts';
import { lineage, type Suite, type Test, testsOf, titlePath } from './plan.ts';
import { type Entered, needsBrowser, runTest, type Surroundings, verifyFixtures, verifyOptions } from './run-test.ts';
import { stepNames } from './step-names.ts';
import type { TestRun } from './test-run.ts';

/** Why a test was not run when one before it failed. */
const notReached = 'NOT_REACHED';

/**
 * Runs the tests of a file one after another. After a failure the file is loaded anew for the tests that follow, and the
 * browser's contexts are closed, as a fresh worker of Playwright Test would begin.
 */
export async function execute(load: () => Suite, around: Surroundings): Promise<void> {
  let tests = testsOf(load());
  const count = tests.length;
  const left = new Set<number>();
  let entered: Entered = new Map();
  verifyOptions(tests, around);
  for (const test of tests) verifyFixtures(test, around);
  // A browser that has to be started first takes its time before any transaction does.
  if (tests.some((test) => needsBrowser(test, around))) await around.browser();
  for (let i = 0; i < count; i++) {
    const test = tests[i];
    if (!test) throw new Error('The script declared fewer tests when it was loaded again after a failure.');
    const begin = { title: titlePath(test), onlyTest: count === 1, steps: stepNames(test.body) };
    tell({ kind: 'test-begin', ...begin, atUs: nowUs() });
    if (left.has(i)) {
      tell({ kind: 'test-end', test: { title: begin.title, outcome: 'skipped', reason: notReached }, atUs: nowUs() });
      continue;
    }
    const next = tests.find((_, index) => index > i && !left.has(index));
    const run = await runTest(test, next, entered, around);
    tell({ kind: 'test-end', test: endOf(run), atUs: nowUs() });
    if (!run.isFailure()) continue;
    const lost = lostWith(run);
    for (const [index, other] of tests.entries()) if (index > i && lost.some((s) => isIn(other, s))) left.add(index);
    if (!next) continue;
    entered = new Map();
    await around.closeContexts();
    tests = testsOf(load());
  }
}

/** The describes whose further tests are not run after a failure: the outermost serial one, and one that could not be set up. */
function lostWith(run: TestRun): Suite[] {
  const serial = lineage(run.test.suite).find((suite) => suite.serial);
  return [serial, run.brokenSuite].filter((suite) => suite !== undefined);
}

function isIn(test: Test, suite: Suite): boolean {
  return lineage(test.suite).includes(suite);
}

function endOf(run: TestRun): TestEnd {
  const title = titlePath(run.test);
  const [error] = run.errors;
  if (run.status === 'skipped') return { title, outcome: 'skipped', reason: run.skipReason || 'skipped by the script' };
  if (!run.isFailure()) return { title, outcome: 'passed' };
  const unmet = { code: 'ASSERTION', message: 'The test was expected to fail, but it passed.' } as const;
  return { title, outcome: 'failed', error: error ?? unmet };
}
