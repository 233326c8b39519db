import type { Reply } from './reply.ts';

const firstS = 25;
/** The server keeps no question open for longer, and what is in between seldom does. */
const longestS = 50;
const shortestS = 5;
/** Most waits that must go well before a longer one is tried again: a working day of the first ones. */
const mostTried = 1024;

/**
 * How long the server may keep a question for news open: each question costs it something. Longer where that goes well;
 * shorter where something in between cuts it off, such as a proxy that bears no silence of half a minute, and then a
 * longer one is tried ever more seldom.
 */
export class Patience {
  #waitS = firstS;
  #well = 0;
  #needed = 1;

  /** What to ask for next. */
  get waitS(): number {
    return this.#waitS;
  }

  /** A question got such a reply after so many seconds. */
  saw(kind: Reply<unknown>['kind'], afterS: number): void {
    if (kind === 'unchanged' && afterS >= this.#waitS) this.#borne();
    else if ((kind === 'none' || kind === 'later') && afterS >= shortestS) this.#cut();
  }

  #borne(): void {
    if (++this.#well < this.#needed) return;
    this.#well = 0;
    if (this.#waitS === longestS) this.#needed = Math.ceil(this.#needed / 2); // what cut it off was something else
    this.#waitS = Math.min(longestS, this.#waitS * 2);
  }

  #cut(): void {
    this.#well = 0;
    this.#needed = Math.min(mostTried, this.#needed * 4);
    this.#waitS = Math.max(shortestS, Math.floor(this.#waitS / 2));
  }
}
