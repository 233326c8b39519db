import { AsyncLocalStorage } from 'node:async_hooks';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { Chance, uuidOf } from './chance.ts';

/*
 * Time and chance of a simulation. They are replaced where every module gets them, in the globals of this thread, rather
 * than handed to each: so none can forget to ask for them. Code that runs in a `Being` of a world has that world's time;
 * all other code has the real one.
 */

/** When a simulated world begins, ms since 1970. */
export const beginning = Date.UTC(2026, 0, 5, 8);

/** A process in the world, with clocks of its own. Once it is dead, nothing that it waits for comes any more. */
export class Being {
  readonly world: World;
  readonly name: string;
  readonly bornAt: number;
  /** Its wall clock minus the true time, ms. */
  readonly skewMs: () => number;
  readonly #end = Promise.withResolvers<undefined>();
  isAlive = true;

  constructor(world: World, name: string, skewMs: () => number = () => 0) {
    this.world = world;
    this.name = name;
    this.skewMs = skewMs;
    this.bornAt = world.now;
  }

  /** Resolves when it is dead. */
  get ended(): Promise<undefined> {
    return this.#end.promise;
  }

  die(): void {
    this.isAlive = false;
    this.#end.resolve(undefined);
  }

  /** Does `work` as this process. */
  live<T>(work: () => T): T {
    return beings.run(this, work);
  }

  /** Does `work` after `ms`, if it is alive then. */
  later(ms: number, work: () => void): Timer {
    return this.world.plan(ms, () => {
      if (this.isAlive) this.live(work);
    });
  }
}

interface Timer {
  readonly at: number;
  work: (() => void) | undefined;
}

export class World {
  readonly chance: Chance;
  now = beginning;
  readonly #timers: Timer[] = [];
  #failure: Error | undefined;

  constructor(seed: number) {
    this.chance = new Chance(seed);
  }

  get elapsedMs(): number {
    return this.now - beginning;
  }

  plan(ms: number, work: () => void): Timer {
    const timer: Timer = { at: this.now + Math.max(1, Math.ceil(ms)), work };
    let place = this.#timers.length;
    while (place > 0 && (this.#timers[place - 1]?.at ?? 0) > timer.at) place--;
    this.#timers.splice(place, 0, timer);
    return timer;
  }

  /** Ends the simulation with a broken promise, however deep in code that catches what is thrown. */
  fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  /** Lets time pass until `done`, or for `ms`; tells whether it was done. Throws what `fail` was told. */
  async pass(ms: number, done: () => boolean = () => false): Promise<boolean> {
    const end = this.now + ms;
    for (;;) {
      await settled();
      if (this.#failure) throw this.#failure;
      if (done()) return true;
      const next = this.#timers[0];
      if (!next || next.at > end) break;
      this.#timers.shift();
      this.now = next.at;
      next.work?.();
    }
    this.now = end;
    return false;
  }
}

const beings = new AsyncLocalStorage<Being>();

/** Everything that can go on without time passing has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

replaceTime();
replaceChance();

function replaceTime(): void {
  const real = { now: Date.now, uptime: performance.now.bind(performance), setTimeout, clearTimeout };
  Date.now = () => {
    const being = beings.getStore();
    return being ? being.world.now + being.skewMs() : real.now();
  };
  performance.now = () => {
    const being = beings.getStore();
    return being ? being.world.now - being.bornAt : real.uptime();
  };
  const simulated = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    const being = beings.getStore();
    return being ? being.later(ms, () => work(...args)) : real.setTimeout(work, ms, ...args);
  };
  const cleared = (timer: Timer | NodeJS.Timeout | undefined) => {
    if (timer && 'work' in timer) timer.work = undefined;
    else real.clearTimeout(timer);
  };
  Object.assign(globalThis, { setTimeout: simulated, clearTimeout: cleared });
}

function replaceChance(): void {
  const real = { random: Math.random, bytes: crypto.randomBytes, uuid: crypto.randomUUID };
  Math.random = () => beings.getStore()?.world.chance.next() ?? real.random();
  const randomBytes = (length: number) => beings.getStore()?.world.chance.bytes(length) ?? real.bytes(length);
  const randomUUID = () => {
    const chance = beings.getStore()?.world.chance;
    return chance ? uuidOf(chance) : real.uuid();
  };
  Object.assign(crypto, { randomBytes, randomUUID });
  syncBuiltinESMExports();
}
