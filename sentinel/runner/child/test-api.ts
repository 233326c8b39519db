import { type Annotation, type Body, type Hook, type ModifierType, newSuite, type Suite, type Test } from './plan.ts';
import { skipStep, step } from './steps.ts';
import { runningTest } from './test-run.ts';

interface Details {
  tag?: string | string[];
  annotation?: Annotation | Annotation[];
}
// biome-ignore lint/suspicious/noExplicitAny: the shapes of these calls are Playwright's and are read at run time
type Loose = any;

/**
 * The `test` that a script imports: Playwright Test's members, declaring into `root`. `expect` is handed through.
 * What isn't here is refused when a script is published.
 */
export function testApi(root: Suite, expect: unknown): { test: Loose; mergeTests(...tests: Loose[]): Loose } {
  let suite = root;
  const extensionsOf = new WeakMap<object, Test['extensions']>();

  const declare = (extensions: Test['extensions'], annotations: Annotation[], only: boolean, args: Loose[]) => {
    const details: Details = args.length > 2 ? args[1] : {};
    suite.entries.push({
      kind: 'test',
      title: String(args[0]),
      suite,
      body: args.at(-1) as Body,
      place: new Error('test()'),
      extensions,
      annotations: [...annotations, details.annotation ?? []].flat(),
      tags: [details.tag ?? []].flat(),
      only,
    });
  };

  const declareIn = (child: Suite, args: Loose[]) => {
    const details: Details = args.length > 2 ? args[1] : {};
    child.annotations.push(...[details.annotation ?? []].flat());
    child.tags.push(...[details.tag ?? []].flat());
    suite.entries.push(child);
    const outer = suite;
    suite = child;
    try {
      if ((args.at(-1) as () => unknown)() instanceof Promise)
        throw new Error(`The describe "${child.title}" must not be async`);
    } finally {
      suite = outer;
    }
  };

  const group =
    (change: Partial<Suite>) =>
    (...args: Loose[]) => {
      const title = typeof args[0] === 'string' ? args[0] : '';
      declareIn({ ...newSuite(title, suite), ...structuredClone(change) }, args);
    };

  // skip, fixme, fail and slow are three things in one: a declaration, a rule for a describe, a word inside a test.
  const modifier =
    (extensions: Test['extensions'], type: ModifierType) =>
    (...args: Loose[]) => {
      const run = runningTest();
      const [first, reason] = args;
      if (run) run.modify(type, args);
      else if (typeof first === 'string' && typeof args.at(-1) === 'function')
        declare(extensions, [{ type }], false, args);
      else if (typeof first === 'function') suite.conditions.push({ type, holds: first, reason });
      else if (args.length === 0 || first)
        suite.annotations.push({ type, description: args.length === 1 && typeof first === 'string' ? first : reason });
    };

  const hook =
    (when: Hook['when']) =>
    (...args: Loose[]) => {
      suite.hooks.push({ when, body: args.at(-1) as Body });
    };

  const make = (extensions: Test['extensions']): Loose => {
    const test = Object.assign((...args: Loose[]) => declare(extensions, [], false, args), {
      expect,
      only: (...args: Loose[]) => declare(extensions, [], true, args),
      skip: modifier(extensions, 'skip'),
      fixme: modifier(extensions, 'fixme'),
      fail: Object.assign(modifier(extensions, 'fail'), {
        only: (...args: Loose[]) => declare(extensions, [{ type: 'fail' }], true, args),
      }),
      slow: modifier(extensions, 'slow'),
      describe: Object.assign(group({}), {
        only: group({ only: true }),
        skip: group({ annotations: [{ type: 'skip' }] }),
        fixme: group({ annotations: [{ type: 'fixme' }] }),
        serial: Object.assign(group({ serial: true }), { only: group({ serial: true, only: true }) }),
        parallel: Object.assign(group({}), { only: group({ only: true }) }),
        configure: ({ mode, timeout }: { mode?: string; timeout?: number }) => {
          if (mode !== undefined) suite.serial = mode === 'serial';
          if (timeout !== undefined) suite.timeoutMs = timeout;
        },
      }),
      use: (options: Record<string, unknown>) => {
        suite.uses.push({ options, place: new Error('test.use()') });
      },
      beforeAll: hook('beforeAll'),
      beforeEach: hook('beforeEach'),
      afterEach: hook('afterEach'),
      afterAll: hook('afterAll'),
      step: Object.assign(step, { skip: skipStep }),
      setTimeout: (ms: number) => {
        const run = runningTest();
        if (run) run.clock.set(ms);
        else suite.timeoutMs = ms;
      },
      info: () => {
        const run = runningTest();
        if (!run) throw new Error('test.info() can only be called while test is running');
        return run.info;
      },
      extend: (extension: Record<string, unknown>) => make([...extensions, extension]),
    });
    extensionsOf.set(test, extensions);
    return test;
  };

  const mergeTests = (...tests: Loose[]) => make([...new Set(tests.flatMap((t) => extensionsOf.get(t) ?? notATest()))]);

  return { test: make([]), mergeTests };
}

function notATest(): never {
  throw new Error('mergeTests() takes the "test" of each file.');
}
