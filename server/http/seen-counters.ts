/** Requests of one boot may overtake each other, but not by that many: it has a handful under way. */
const window = 32;

/** Which counters the latest boot of each sentinel has used; in memory, so since this process began. */
export class SeenCounters {
  readonly #seen = new Map<string, { boot: string; slots: number[] }>();

  /** Whether `boot` uses `counter` for the first time; one that is far behind has been used. */
  isNew(sentinelId: string, boot: string, counter: number): boolean {
    const known = this.#seen.get(sentinelId);
    const seen = known?.boot === boot ? known : { boot, slots: [] };
    this.#seen.set(sentinelId, seen);
    const slot = counter % window;
    if (counter <= (seen.slots[slot] ?? -1)) return false;
    seen.slots[slot] = counter;
    return true;
  }
}
