import type { FixtureDefinition } from './fixtures.ts';

/*
 * What a script declares when it is loaded: describes, tests, hooks, options. Nothing runs here.
 * The members are those of Playwright Test; their meaning is described at https://playwright.dev/docs/api/class-test.
 */

export type Body = (fixtures: Record<string, unknown>, info: unknown) => unknown;
type Condition = boolean | ((fixtures: Record<string, unknown>) => unknown) | undefined;

export interface Modifier {
  type: 'skip' | 'fixme' | 'fail' | 'slow';
  condition: Condition;
  reason: string | undefined;
}

export interface Hook {
  when: 'beforeAll' | 'beforeEach' | 'afterEach' | 'afterAll';
  body: Body;
  fixtures: readonly FixtureDefinition[];
}

export interface Suite {
  kind: 'suite';
  title: string;
  parent: Suite | undefined;
  entries: (Suite | Test)[];
  use: Record<string, unknown>;
  hooks: Hook[];
  modifiers: Modifier[];
  serial: boolean;
  only: boolean;
  timeoutMs: number | undefined;
}

export interface Test {
  kind: 'test';
  title: string;
  suite: Suite;
  body: Body;
  fixtures: readonly FixtureDefinition[];
  modifiers: Modifier[];
  annotations: { type: string; description?: string }[];
  tags: string[];
  only: boolean;
}

export function newSuite(title: string, parent: Suite | undefined): Suite {
  return {
    kind: 'suite',
    title,
    parent,
    entries: [],
    use: {},
    hooks: [],
    modifiers: [],
    serial: parent?.serial ?? false,
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
  return [
    ...lineage(test.suite)
      .map((s) => s.title)
      .filter((t) => t !== ''),
    test.title,
  ];
}

/** The tests to run, in the order of the file; if anything is marked `only`, just that. */
export function testsOf(root: Suite): Test[] {
  const all = collect(root, false);
  const only = all.filter((t) => t.only);
  return (only.length > 0 ? only : all).map((t) => t.test);
}

function collect(suite: Suite, only: boolean): { test: Test; only: boolean }[] {
  return suite.entries.flatMap((entry) =>
    entry.kind === 'suite' ? collect(entry, only || entry.only) : [{ test: entry, only: only || entry.only }],
  );
}

/**
 * Names of the outermost steps a test's text contains, in order: what it would have done, for telling what was not
 * reached. Only names written as plain strings are seen.
 */
export function stepNames(source: string): string[] {
  const names: string[] = [];
  const call = /\.step\(\s*(?:"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'|`((?:\\.|[^`\\$])*)`)/g;
  for (let match = call.exec(source); match; match = call.exec(source)) {
    const name = match[1] ?? match[2] ?? match[3] ?? '';
    names.push(name.replace(/\\(.)/g, '$1'));
    call.lastIndex = endOfCall(source, match.index + match[0].indexOf('(') + 1);
  }
  return names;
}

/** Index just after the bracket that closes a call whose arguments begin at `from`. */
function endOfCall(source: string, from: number): number {
  const token = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[()]/g;
  token.lastIndex = from;
  let depth = 1;
  for (let match = token.exec(source); match; match = token.exec(source)) {
    if (match[0] === '(') depth++;
    if (match[0] === ')' && --depth === 0) return token.lastIndex;
  }
  return source.length;
}
