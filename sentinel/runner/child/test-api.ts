import { definitions, type FixtureDefinition } from './fixtures.ts';
import { type Body, type Hook, type Modifier, newSuite, type Suite, type Test } from './plan.ts';
import { currentRun, Skip, skipStep, step } from './running.ts';

type Details = { tag?: string | string[]; annotation?: Test['annotations'] | Test['annotations'][number] };
// biome-ignore lint/suspicious/noExplicitAny: the shapes of these calls are Playwright's and are read at run time
type Loose = any;

/**
 * The `test` that a script imports: Playwright Test's members, declaring into `root`. `expect` is handed through.
 * What isn't here is refused when a script is published.
 */
export function testApi(root: Suite, expect: unknown): Loose {
  let suite = root;

  const inSuite = (child: Suite, body: () => unknown) => {
    suite.entries.push(child);
    const outer = suite;
    suite = child;
    try {
      const returned = body();
      if (returned instanceof Promise) throw new Error(`describe("${child.title}") must not be async`);
    } finally {
      suite = outer;
    }
  };

  const group =
    (change: (s: Suite) => void) =>
    (...args: Loose[]) => {
      const body = args.at(-1) as () => unknown;
      const child = newSuite(typeof args[0] === 'string' ? args[0] : '', suite);
      change(child);
      inSuite(child, body);
    };

  const modify = (type: Modifier['type'], condition: Loose, reason: string | undefined) => {
    const modifier: Modifier = { type, condition: condition === undefined ? true : condition, reason };
    suite.modifiers.push(modifier);
  };

  const make = (fixtures: readonly FixtureDefinition[]): Loose => {
    const declare =
      (change: (t: Test) => void) =>
      (title: string, ...rest: Loose[]) => {
        const details: Details = rest.length > 1 ? rest[0] : {};
        const test: Test = {
          kind: 'test',
          title,
          suite,
          body: rest.at(-1) as Body,
          fixtures,
          modifiers: [],
          annotations: [details.annotation ?? []].flat(),
          tags: [details.tag ?? []].flat(),
          only: false,
        };
        change(test);
        suite.entries.push(test);
      };
    const hook =
      (when: Hook['when']) =>
      (...args: Loose[]) => {
        suite.hooks.push({ when, body: args.at(-1) as Body, fixtures });
      };
    // skip, fixme, fail and slow are three things in one: a declaration, a rule for a describe, a word inside a test.
    const modifier =
      (type: Modifier['type']) =>
      (...args: Loose[]) => {
        if (typeof args[0] === 'string' && typeof args.at(-1) === 'function') {
          declare((t) => t.modifiers.push({ type, condition: true, reason: undefined }))(args[0], ...args.slice(1));
        } else if (isRunning()) applyModifier(type, args.length === 0 || args[0], args[1]);
        else modify(type, args[0], args[1]);
      };
    const test = declare(() => {});
    return Object.assign(test, {
      expect,
      only: declare((t) => {
        t.only = true;
      }),
      skip: modifier('skip'),
      fixme: modifier('fixme'),
      fail: modifier('fail'),
      slow: modifier('slow'),
      describe: Object.assign(
        group(() => {}),
        {
          only: group((s) => {
            s.only = true;
          }),
          skip: group((s) => s.modifiers.push({ type: 'skip', condition: true, reason: undefined })),
          fixme: group((s) => s.modifiers.push({ type: 'fixme', condition: true, reason: undefined })),
          serial: group((s) => {
            s.serial = true;
          }),
          configure: ({ mode, timeout }: { mode?: string; timeout?: number }) => {
            if (mode !== undefined) suite.serial = mode === 'serial';
            if (timeout !== undefined) suite.timeoutMs = timeout;
          },
        },
      ),
      use: (options: Record<string, unknown>) => Object.assign(suite.use, options),
      beforeAll: hook('beforeAll'),
      beforeEach: hook('beforeEach'),
      afterEach: hook('afterEach'),
      afterAll: hook('afterAll'),
      step: Object.assign(step, { skip: skipStep }),
      setTimeout: (ms: number) => {
        if (isRunning()) currentRun('test.setTimeout()').setTimeout(ms);
        else suite.timeoutMs = ms;
      },
      info: () => currentRun('test.info()').info,
      extend: (extension: Record<string, unknown>) => make([...fixtures, ...definitions(extension)]),
    });
  };

  return make([]);
}

/** Whether a test's body (and not the loading of the file) is what runs now. */
function isRunning(): boolean {
  try {
    currentRun('');
    return true;
  } catch {
    return false;
  }
}

/** What `test.skip(condition)` and its like do inside a test. */
export function applyModifier(type: Modifier['type'], condition: unknown, reason: string | undefined): void {
  if (!condition) return;
  const run = currentRun(`test.${type}()`);
  if (type === 'skip' || type === 'fixme') throw new Skip('test', reason);
  if (type === 'fail') run.expectFailure = true;
  if (type === 'slow') run.setTimeout(run.info.timeout * 3);
}
