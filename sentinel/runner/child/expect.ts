import { ask } from './channel.ts';
import { keepSoftError } from './running.ts';

type Fn = (...args: unknown[]) => unknown;
type Expect = Fn & Record<string, unknown>;

/** Playwright's matchers that compare with stored files; there are none on a sentinel. */
const needFiles = new Set(['toHaveScreenshot', 'toMatchSnapshot']);

/**
 * Playwright's own `expect`, with what it leaves to its runner: soft assertions, and a word to the sentinel whenever a
 * wait was satisfied, because that is when a response time ends.
 */
export function wrapExpect(base: Expect, soft = false): Expect {
  const call: Fn = (...args) => wrapMatchers(base(...args), soft);
  const own: Record<string, unknown> = {
    soft: Object.assign((...args: unknown[]) => wrapMatchers(base(...args), true), {
      poll: (...args: unknown[]) => wrapMatchers(method(base, 'poll')(...args), true),
    }),
    poll: (...args: unknown[]) => wrapMatchers(method(base, 'poll')(...args), soft),
    configure: ({ soft: wantsSoft, ...rest }: { soft?: boolean }) =>
      wrapExpect(method(base, 'configure')(rest) as Expect, wantsSoft ?? soft),
    extend: (matchers: unknown) => wrapExpect(method(base, 'extend')(matchers) as Expect, soft),
  };
  return new Proxy(call as Expect, {
    get: (_, name) => (typeof name === 'string' && name in own ? own[name] : Reflect.get(base, name)),
  });
}

function method(base: Expect, name: string): Fn {
  return (base[name] as Fn).bind(base);
}

function wrapMatchers(matchers: unknown, soft: boolean): unknown {
  return new Proxy(matchers as object, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name === 'not' || name === 'resolves' || name === 'rejects') return wrapMatchers(value, soft);
      if (typeof value !== 'function') return value;
      if (needFiles.has(String(name))) {
        return () => {
          throw new Error(`expect().${String(name)}() compares with stored files, which a sentinel does not have`);
        };
      }
      return (...args: unknown[]) => run(() => Reflect.apply(value, target, args), soft);
    },
  });
}

function run(matcher: () => unknown, soft: boolean): unknown {
  let result: unknown;
  try {
    result = matcher();
  } catch (error) {
    if (!soft) throw error;
    void keepSoftError(error);
    return undefined;
  }
  if (!(result instanceof Promise)) return result;
  return result.then(
    async (value: unknown) => {
      await ask({ kind: 'waited' });
      return value;
    },
    async (error: unknown) => {
      if (!soft) throw error;
      await keepSoftError(error);
    },
  );
}
