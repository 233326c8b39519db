import { newSlot, type Slot } from './clock.ts';
import { parametersOf } from './parameters.ts';

/*
 * Fixtures as Playwright Test has them: named values a test asks for by destructuring its first parameter, each made by
 * a function that hands its value to `use` and cleans up after `use` returns. https://playwright.dev/docs/test-fixtures
 */

export interface Fixture {
  name: string;
  /** A plain value, or a function that makes it. */
  value: unknown;
  /** Made though nobody asks: for every test, or for hooks around tests too. */
  auto: boolean | 'all-hooks-included';
  option: boolean;
  /** Set from outside the script. */
  configured: boolean;
  /** Its own time, instead of that of who asks for it. */
  timeoutMs: number | undefined;
}

/** The fixtures of a test in the order they were declared: a later one of a name takes the place of the earlier, and may use it. */
export type Pool = readonly Fixture[];

/**
 * A pool with what an object of `test.extend` or `test.use` declares. An option that is set to undefined is again what it was
 * configured to be, or else by default.
 */
export function extended(pool: Pool, extension: Record<string, unknown>, isConfigured = false): Pool {
  const added = Object.entries(extension).map(([name, given]): Fixture => {
    const [value, options] = isTuple(given) ? given : [given, undefined];
    if (options?.scope === 'worker')
      throw new Error(`The fixture "${name}" has worker scope, which a sentinel does not have: leave the scope out.`);
    const earlier = pool.filter((fixture) => fixture.name === name);
    const before = earlier.at(-1);
    const auto = options?.auto ?? before?.auto ?? false;
    const option = options?.option ?? before?.option ?? false;
    const original = earlier.findLast((fixture) => fixture.configured) ?? earlier[0];
    return {
      name,
      value: value === undefined && before?.option ? original?.value : value,
      ...{ auto, option, configured: isConfigured },
      timeoutMs: options ? options.timeout : before?.timeoutMs,
    };
  });
  return [...pool, ...added];
}

/** A pool in which settings from outside the script take the place of what its options are by default. */
export function configured(pool: Pool, use: Record<string, unknown>): Pool {
  const settings = Object.entries(use).filter(([name]) => pool.some((f) => f.option && f.name === name));
  return extended(pool, Object.fromEntries(settings.map(([name, value]) => [name, [value, { option: true }]])), true);
}

/** Throws if a function asks for a fixture that isn't there, or one that in the end asks for itself. */
export function verify(pool: Pool, fn: unknown): void {
  for (const name of parametersOf(fn)) follow(pool, resolve(pool, name), []);
}

/** Whether a function asks for a fixture, itself or by another that it asks for; without a function, what is made anyway. */
export function asksFor(pool: Pool, name: string, fn: unknown): boolean {
  const made = pool.filter((fixture) => fixture.auto).map((fixture) => fixture.name);
  const asked = typeof fn === 'function' ? parametersOf(fn) : made;
  return asked.some((n) => leadsTo(pool, resolve(pool, n), name));
}

function leadsTo(pool: Pool, fixture: Fixture, name: string): boolean {
  return fixture.name === name || needs(pool, fixture).some((need) => leadsTo(pool, need, name));
}

function follow(pool: Pool, fixture: Fixture, way: readonly Fixture[]): void {
  const further = [...way, fixture];
  if (way.includes(fixture))
    throw new Error(`Fixtures form a circle: ${further.map(({ name }) => `"${name}"`).join(' → ')}.`);
  for (const need of needs(pool, fixture)) follow(pool, need, further);
}

function resolve(pool: Pool, name: string, below = pool.length): Fixture {
  const fixture = pool.findLast((f, i) => f.name === name && i < below);
  if (!fixture) throw new Error(`"${name}" is neither a fixture of this sentinel nor one of test.extend.`);
  return fixture;
}

function needs(pool: Pool, fixture: Fixture): Fixture[] {
  const names = typeof fixture.value === 'function' ? parametersOf(fixture.value) : [];
  return names.map((name) => resolve(pool, name, name === fixture.name ? pool.indexOf(fixture) : pool.length));
}

type Options = { auto?: Fixture['auto']; scope?: string; option?: boolean; timeout?: number };

/** A list whose second item is an object is a value with its options, whatever the object holds: so Playwright has it. */
function isTuple(given: unknown): given is [unknown, Options] {
  return Array.isArray(given) && typeof given[1] === 'object' && given[1] !== null;
}

/** Who keeps the time of fixtures and takes note of their errors. */
export interface Host {
  readonly info: unknown;
  within(slot: Slot, what: string, work: () => Promise<unknown>): Promise<void>;
  isUsedUp(slot: Slot): boolean;
}

/** A fixture that was made, or failed to be. */
interface Made {
  value: unknown;
  failed: boolean;
  /** The fixture's own time, for setting up and taking down together. */
  own: Slot | undefined;
  release(): void;
  /** Ends when the fixture's function has. */
  ended: Promise<void> | undefined;
}

/** The fixtures of one test: made when first asked for, taken down in the opposite order. */
export class Fixtures {
  private readonly made = new Map<Fixture, Made>();
  private readonly pool: Pool;
  private readonly host: Host;

  constructor(pool: Pool, host: Host) {
    this.pool = pool;
    this.host = host;
  }

  /** What a function asks for, beside those that are made anyway; none if one of them could not be made. */
  async parametersFor(
    fn: unknown,
    by: 'test' | 'hook around tests',
    slot: Slot,
  ): Promise<Record<string, unknown> | undefined> {
    const names = [...new Set(this.pool.map((fixture) => fixture.name))];
    for (const fixture of names.map((name) => resolve(this.pool, name))) {
      if (by === 'test' ? fixture.auto : fixture.auto === 'all-hooks-included') await this.get(fixture, slot);
    }
    const values: Record<string, unknown> = {};
    for (const name of parametersOf(fn)) {
      const { failed, value } = await this.get(resolve(this.pool, name), slot);
      if (failed) return undefined;
      values[name] = value;
    }
    return values;
  }

  /** Takes everything down, last made first; every teardown is tried, the first error is thrown. */
  async tearDown(slot: Slot): Promise<void> {
    const errors: unknown[] = [];
    for (const [fixture, made] of [...this.made].reverse()) {
      this.made.delete(fixture);
      const { ended, release, own = slot } = made;
      if (!ended || this.host.isUsedUp(own)) continue;
      const end = () => {
        release();
        return ended;
      };
      await this.host
        .within(own, `Taking down the fixture "${fixture.name}"`, end)
        .catch((e: unknown) => errors.push(e));
    }
    if (errors.length > 0) throw errors[0];
  }

  private async get(fixture: Fixture, slot: Slot): Promise<Made> {
    const before = this.made.get(fixture);
    if (before) return before;
    const values: Record<string, unknown> = {};
    let failed = false;
    for (const need of needs(this.pool, fixture)) {
      const made = await this.get(need, slot);
      failed ||= made.failed;
      values[need.name] = made.value;
    }
    const own = fixture.timeoutMs === undefined ? undefined : newSlot(fixture.timeoutMs);
    const made: Made = { value: fixture.value, failed, own, release: () => {}, ended: undefined };
    this.made.set(fixture, made);
    if (failed || typeof fixture.value !== 'function') return made;
    made.failed = true; // until it has handed its value over
    const what = `Setting up the fixture "${fixture.name}"`;
    await this.host.within(own ?? slot, what, () => begin(fixture, made, values, this.host.info));
    made.failed = false;
    return made;
  }
}

type FixtureFunction = (needs: object, use: (value: unknown) => Promise<void>, info: unknown) => unknown;

/** Runs a fixture's function up to the point where it hands its value over. */
function begin(fixture: Fixture, made: Made, values: object, info: unknown): Promise<void> {
  const handed = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let used = false;
  const use = (value: unknown) => {
    if (used) throw new Error(`The fixture "${fixture.name}" called use() twice.`);
    used = true;
    made.value = value;
    handed.resolve();
    return released.promise;
  };
  const whole = (async () => {
    await (fixture.value as FixtureFunction)(values, use, info);
    if (!used) throw new Error(`use() was not called in fixture "${fixture.name}"`);
  })();
  whole.catch((error: unknown) => handed.reject(error));
  return handed.promise.then(() => {
    made.release = released.resolve;
    made.ended = whole;
  });
}
