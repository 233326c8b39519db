import type { Trust } from '../certs/pin.ts';
import { readConfig, writeConfig } from './config.ts';
import type { TrustStore } from './link/connection.ts';
import type { Problems } from './problems.ts';
import { pinSetOf } from './protocol/pin-set.ts';
import { Wake } from './wake.ts';

/** What this sentinel trusts, as its `config.json` has it: so that `repin` works beside a running sentinel. */
export class TrustKeeper implements TrustStore {
  /** Rings when there are new pins: the server waits to hear that they are here. */
  readonly news = new Wake();
  readonly #home: string;
  readonly #problems: Problems;
  readonly #log: (line: string) => void;
  #trust: Trust;

  /** Throws `ConfigFault`. */
  constructor(home: string, problems: Problems, log: (line: string) => void) {
    this.#home = home;
    this.#problems = problems;
    this.#log = log;
    this.#trust = this.read();
  }

  /** Which set of pins this is, for the server to know when all have the newest. */
  get pinSet(): string {
    return pinSetOf(this.#trust.pins);
  }

  read(): Trust {
    const { ca, pins } = readConfig(this.#home);
    this.#trust = { ca, pins: new Set(pins) };
    return this.#trust;
  }

  keep({ ca, pins }: Trust): void {
    const before = readConfig(this.#home);
    writeConfig(this.#home, { ...before, ca, pins: [...pins] });
    if (ca !== before.ca) this.#log('the server shows another authority, proved by a pin: it is trusted from now on');
    if (pinSetOf(pins) !== pinSetOf(before.pins)) this.#log(`the server has new pins: ${[...pins].join(', ')}`);
    this.#trust = { ca, pins };
  }

  /**
   * The new trust if the server's set of pins is another one, and undefined if not. A set must share a pin with the one
   * before, else a server's mistake would lock this sentinel out for good.
   */
  take(pins: readonly string[]): Trust | undefined {
    const { ca, pins: before } = this.#trust;
    const shared = pins.some((pin) => before.has(pin));
    this.#problems.set(
      'pins',
      shared ? undefined : 'the server named pins of which none is known here; they were not taken over',
    );
    if (!shared || pinSetOf(pins) === pinSetOf(before)) return undefined;
    this.keep({ ca, pins: new Set(pins) });
    this.news.ring();
    return this.#trust;
  }
}
