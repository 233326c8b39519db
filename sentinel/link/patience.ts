import type { Reply } from './reply.ts';

/** What is in between may cut off silence of half a minute, of a whole one, or of two. */
const firstS = 28;
/** Four times as long, which is less than the server keeps a question open, and than what is in between mostly bears. */
export const longestS = 112;
const shortestS = 5;
/** Most waits that must go well before a longer one is tried again: a working day of the first ones. */
const mostTried = 1024;

/**
 * How long the server may keep a question for news open: each question costs it something. Longer where that goes well;
 * shorter where something in between cuts it off, such as a proxy that bears no silence of a minute, and then a longer one
 * is tried ever more seldom.
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
