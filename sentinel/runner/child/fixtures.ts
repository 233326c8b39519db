/*
 * Fixtures as Playwright Test has them: named values a test asks for by destructuring its first parameter, each made by
 * a function that hands its value to `use` and cleans up after `use` returns. https://playwright.dev/docs/test-fixtures
 */

type FixtureFunction = (
  needs: Record<string, unknown>,
  use: (value: unknown) => Promise<void>,
  info: unknown,
) => unknown;

export interface FixtureDefinition {
  name: string;
  /** A plain value, or a function that makes it. */
  value: unknown;
  auto: boolean;
  option: boolean;
}

/** Reads the argument of `test.extend`. */
export function definitions(extension: Record<string, unknown>): FixtureDefinition[] {
  return Object.entries(extension).map(([name, given]) => {
    const [value, options] = isTuple(given) ? given : [given, {}];
    if (options.scope === 'worker')
      throw new Error(`The fixture "${name}" has worker scope, which is not supported: use test scope.`);
    return { name, value, auto: options.auto === true, option: options.option === true };
  });
}

function isTuple(given: unknown): given is [unknown, { auto?: boolean; option?: boolean; scope?: string }] {
  if (!Array.isArray(given) || given.length !== 2) return false;
  const options: unknown = given[1];
  return (
    typeof options === 'object' &&
    options !== null &&
    ['auto', 'scope', 'option', 'timeout', 'box', 'title'].some((k) => k in options)
  );
}

/** Names a function destructures from its first parameter, as Playwright reads them: from the function's text. */
export function wanted(fn: unknown): string[] {
  if (typeof fn !== 'function') return [];
  const text = fn
    .toString()
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/[^\n]*/g, '');
  const match = /^(?:async\s+)?(?:function)?\s*\*?\s*[\w$]*\s*\(?\s*\{/.exec(text);
  if (!match) return [];
  let depth = 1;
  let end = match[0].length;
  while (end < text.length && depth > 0) {
    if ('{[('.includes(text[end] ?? '')) depth++;
    if ('}])'.includes(text[end] ?? '')) depth--;
    end++;
  }
  return splitTop(text.slice(match[0].length, end - 1))
    .map((part) => (/^[\w$]+/.exec(part.trim()) ?? [''])[0])
    .filter((n) => n !== '');
}

function splitTop(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if ('{[('.includes(character)) depth++;
    if ('}])'.includes(character)) depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}

/** Values of one test, made when first asked for and taken down in the opposite order. */
export class FixtureScope {
  private readonly made = new Map<FixtureDefinition | string, unknown>();
  private readonly teardowns: (() => Promise<void>)[] = [];
  private readonly known: readonly FixtureDefinition[];
  private readonly info: unknown;

  /** `known`: built-in ones first; a later definition of the same name overrides and may use the earlier one. */
  constructor(known: readonly FixtureDefinition[], info: unknown) {
    this.known = known;
    this.info = info;
  }

  async values(names: readonly string[]): Promise<Record<string, unknown>> {
    const values: Record<string, unknown> = {};
    for (const name of names) values[name] = await this.get(name, this.known.length);
    return values;
  }

  async startAuto(): Promise<void> {
    for (const definition of this.known) if (definition.auto) await this.get(definition.name, this.known.length);
  }

  /** Takes everything down, last made first; every teardown is tried, the first error is thrown. */
  async close(): Promise<void> {
    const errors: unknown[] = [];
    for (const teardown of this.teardowns.splice(0).reverse()) await teardown().catch((e: unknown) => errors.push(e));
    if (errors.length > 0) throw errors[0];
  }

  private async get(name: string, below: number): Promise<unknown> {
    const index = this.known.findLastIndex((d, i) => i < below && d.name === name);
    const definition = this.known[index];
    if (!definition)
      throw new Error(
        `The test asks for "${name}", which is neither a fixture of this sentinel nor one of test.extend.`,
      );
    if (this.made.has(definition)) return this.made.get(definition);
    const value = typeof definition.value === 'function' ? await this.make(definition, index) : definition.value;
    this.made.set(definition, value);
    return value;
  }

  private async make(definition: FixtureDefinition, index: number): Promise<unknown> {
    const fn = definition.value as FixtureFunction;
    const needs: Record<string, unknown> = {};
    for (const name of wanted(fn))
      needs[name] = await this.get(name, name === definition.name ? index : this.known.length);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const handed = Promise.withResolvers<unknown>();
    let used = false;
    const hand = (value: unknown) => {
      used = true;
      handed.resolve(value);
      return released;
    };
    const whole = Promise.resolve()
      .then(() => fn(needs, hand, this.info))
      .then(() => {
        if (!used) throw new Error(`The fixture "${definition.name}" ended without calling use().`);
      });
    whole.catch((error: unknown) => handed.reject(error));
    this.teardowns.push(async () => {
      release();
      await whole;
    });
    try {
      return await handed.promise;
    } catch (error) {
      this.teardowns.pop();
      throw error;
    }
  }
}
