/**
 * How far the clock of a page lies from the run's. Both were taken from the clock on the wall once and go on by themselves, so
 * one that was set meanwhile leaves them apart, by hours if need be. A word of the page is heard a little after it was
 * said; what is more than that is the clocks' difference.
 */
export interface PageClock {
  /** A word said at `saidMs` by the page's clock was heard at `heardMs` by the run's. */
  heard(saidMs: number, heardMs: number): void;
  /** A time of the page's clock on the run's; 0, for never, stays 0. */
  onRuns(ms: number): number;
}

/** What a word may take on its way, ms. Below that both are taken for the same clock, and no time is changed. */
const wordMs = 100;

export function pageClock(): PageClock {
  let apart = Number.POSITIVE_INFINITY;
  return {
    heard(saidMs, heardMs) {
      apart = Math.min(apart, heardMs - saidMs); // the quickest word tells best
    },
    onRuns: (ms) => (ms === 0 || apart === Number.POSITIVE_INFINITY || Math.abs(apart) <= wordMs ? ms : ms + apart),
  };
}
