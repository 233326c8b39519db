import { sourceOf } from '../http/source-of.ts';

/** Wrong codes that a source, and all together, may try at once, and how many more each minute. */
const ofOne = { atOnce: 20, perMinute: 10 };
const ofAll = { atOnce: 500, perMinute: 300 };
/** Sources that are remembered; beyond, the one that tried longest ago is forgotten. */
const mostSources = 10_000;

interface Budget {
  left: number;
  /** ms, on a clock that never steps */
  at: number;
}

/**
 * Counts wrong enrolment codes. It judges only who has tried a wrong one: a right code is good wherever it comes from and
 * whatever others have tried before, so nobody can keep a device from enrolling.
 */
export class WrongCodes {
  readonly #sources = new Map<string, Budget>(); // in order of their last try
  readonly #all: Budget = { left: ofAll.atOnce, at: 0 };

  /** Notes a wrong code that came from `address` at `now` (ms); in how many seconds another may be tried, 0 for at once. */
  waitAfter(address: string, now: number): number {
    const source = sourceOf(address);
    const own = this.#sources.get(source) ?? { left: ofOne.atOnce, at: now };
    this.#sources.delete(source);
    this.#sources.set(source, own);
    const [oldest] = this.#sources.keys();
    if (this.#sources.size > mostSources && oldest !== undefined) this.#sources.delete(oldest);
    return Math.max(spend(own, ofOne, now), spend(this.#all, ofAll, now));
  }
}

/** Takes one off; the seconds until there is one again, 0 if there was. */
function spend(budget: Budget, { atOnce, perMinute }: typeof ofOne, now: number): number {
  budget.left = Math.min(atOnce, budget.left + ((now - budget.at) / 60_000) * perMinute);
  budget.at = now;
  if (budget.left < 1) return Math.ceil(((1 - budget.left) * 60) / perMinute);
  budget.left--;
  return 0;
}
