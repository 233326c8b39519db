/*
 * What a script declares when it is loaded: describes, tests, hooks, options. Nothing runs here.
 * The words are those of Playwright Test; their meaning is described at https://playwright.dev/docs/api/class-test.
 */

export type Body = (fixtures: Record<string, unknown>, info: unknown) => unknown;

export type ModifierType = 'skip' | 'fixme' | 'fail' | 'slow';

export interface Annotation {
  type: string;
  description?: string | undefined;
}

/** `test.skip(({ browserName }) => …, reason)` in a describe: decided when its tests run. */
export interface Condition {
  type: ModifierType;
  holds: Body;
  reason: string | undefined;
}

export interface Hook {
  when: 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll';
  body: Body;
}

/** A call of `test.use`. */
export interface Use {
  options: Record<string, unknown>;
  /** Made where it was called. */
  place: Error;
}

export interface Suite {
  kind: 'suite';
  title: string;
  parent: Suite | undefined;
  entries: (Suite | Test)[];
  uses: Use[];
  hooks: Hook[];
  conditions: Condition[];
  annotations: Annotation[];
  tags: string[];
  serial: boolean;
  only: boolean;
  timeoutMs: number | undefined;
}

export interface Test {
  kind: 'test';
  title: string;
  suite: Suite;
  body: Body;
  /** Made where it was declared. */
  place: Error;
  /** Arguments of the `test.extend` calls that made its `test`, in order. */
  extensions: readonly Record<string, unknown>[];
  annotations: Annotation[];
  tags: string[];
  only: boolean;
}

export function newSuite(title: string, parent: Suite | undefined): Suite {
  return {
    kind: 'suite',
    title,
    parent,
    entries: [],
    uses: [],
    hooks: [],
    conditions: [],
    annotations: [],
    tags: [],
    serial: false,
    only: false,
    timeoutMs: undefined,
  };
}

/** The suites around a test or suite, outermost first. */
export function lineage(suite: Suite): Suite[] {
  return suite.parent ? [...lineage(suite.parent), suite] : [suite];
}

/** Titles of the describes around a test and its own. */
export function titlePath(test: Test): string[] {
  const around = lineage(test.suite).map((suite) => suite.title);
  return [...around.filter((title) => title !== ''), test.title];
}

/** Annotations declared for a test and for the describes around it. */
export function annotationsOf(test: Test): Annotation[] {
  return [...lineage(test.suite).flatMap((suite) => suite.annotations), ...test.annotations];
}

/** Tags in the titles of the describes around a test, with those declared for them, then its own. */
export function tagsOf(test: Test): string[] {
  const around = lineage(test.suite).flatMap((suite) => [suite.title, ...suite.tags]);
  const inTitles = [...around, test.title].join(' ').match(/@\S+/g) ?? [];
  return [...inTitles, ...test.tags];
}

/** The tests to run, in the order of the file; if anything is marked `only`, just that, and inside it just what is marked. */
export function testsOf(root: Suite): Test[] {
  return markedIn(root) ?? allIn(root);
}

function markedIn(suite: Suite): Test[] | undefined {
  const marked = suite.entries.map((entry) => {
    if (entry.kind === 'test') return entry.only ? [entry] : undefined;
    return markedIn(entry) ?? (entry.only ? allIn(entry) : undefined);
  });
  return marked.some((tests) => tests !== undefined) ? marked.flatMap((tests) => tests ?? []) : undefined;
}

function allIn(suite: Suite): Test[] {
  return suite.entries.flatMap((entry) => (entry.kind === 'test' ? [entry] : allIn(entry)));
}
