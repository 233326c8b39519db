import { mkdirSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { configOf } from './full-config.ts';
import { type Annotation, type ModifierType, tagsOf, titlePath } from './plan.ts';
import { placeOf } from './source.ts';
import type { TestRun } from './test-run.ts';

export interface TestInfo {
  readonly titlePath: readonly string[];
  readonly annotations: Annotation[];
  /** What went wrong so far, as it was thrown. */
  readonly errors: unknown[];
  attach(name: string, what?: Attachment): Promise<void>;
}

/** What `test.info()` gives; https://playwright.dev/docs/api/class-testinfo. */
export function testInfo(run: TestRun): TestInfo {
  const { test, settings } = run;
  const modifier =
    (type: ModifierType) =>
    (...args: unknown[]) =>
      run.modify(type, args);
  const attachments: object[] = [];
  const { line, column } = placeOf(test.place) ?? { line: 0, column: 0 };
  const config = configOf(settings);
  return {
    title: test.title,
    titlePath: [settings.file, ...titlePath(test)],
    testId: [settings.file, ...titlePath(test)].join(' › '),
    ...{ file: settings.file, line, column, fn: test.body },
    tags: tagsOf(test),
    annotations: [],
    attachments,
    errors: [],
    retry: 0,
    repeatEachIndex: 0,
    workerIndex: 0,
    parallelIndex: 0,
    project: config.projects[0],
    config,
    ...{ snapshotDir: '', snapshotSuffix: '' },
    get error() {
      return this.errors[0];
    },
    get status() {
      return run.status;
    },
    get expectedStatus() {
      return run.expected;
    },
    get timeout() {
      return run.clock.test.timeoutMs;
    },
    get duration() {
      return Math.trunc(run.clock.test.usedMs);
    },
    outputDir: settings.scratch,
    outputPath: (...parts: string[]) => outputPath(settings.scratch, parts),
    attach: async (name: string, what: Attachment = {}) => {
      attachments.push(await attachment(name, what));
    },
    skip: modifier('skip'),
    fixme: modifier('fixme'),
    fail: modifier('fail'),
    slow: modifier('slow'),
    setTimeout: (ms: number) => run.clock.set(ms),
    snapshotPath: () => {
      throw new Error('test.info().snapshotPath() names a stored file, and a sentinel has none');
    },
  } as TestInfo;
}

interface Attachment {
  contentType?: string;
  path?: string;
  body?: unknown;
}

/** What is attached is checked and noted for the script itself; it stays on the sentinel, and goes with the scratch folder. */
async function attachment(name: string, what: Attachment): Promise<object> {
  if ((what.path === undefined) === (what.body === undefined))
    throw new Error('Exactly one of "path" and "body" must be specified');
  if (what.path !== undefined) await access(what.path);
  const contentType = typeof what.body === 'string' ? 'text/plain' : 'application/octet-stream';
  return { contentType, ...what, name };
}

function outputPath(folder: string, parts: readonly string[]): string {
  const path = join(folder, ...parts);
  if (relative(folder, path).startsWith('..')) throw new Error(`${path} lies outside the folder of the test`);
  mkdirSync(folder, { recursive: true });
  return path;
}
