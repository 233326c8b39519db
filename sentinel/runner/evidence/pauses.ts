import { monotonicUs } from '../monotonic.ts';

/** A time in which the run waited while its pages were looked at, on the monotonic clock. */
export interface Pause {
  fromUs: number;
  toUs: number;
}

/** When a run waited for what is no work of its own. One at a time. */
export interface Pauses {
  readonly all: readonly Pause[];
  /** How long it has waited, the wait under way with it; µs. */
  us(): number;
  /** Lets it wait for some work. */
  during<T>(work: () => Promise<T>): Promise<T>;
}

export function openPauses(): Pauses {
  const all: Pause[] = [];
  let sinceUs: number | undefined;
  return {
    all,
    us() {
      const underWay = sinceUs === undefined ? 0 : monotonicUs() - sinceUs;
      return all.reduce((sum, { fromUs, toUs }) => sum + toUs - fromUs, underWay);
    },
    async during(work) {
      const fromUs = monotonicUs();
      sinceUs = fromUs;
      try {
        return await work();
      } finally {
        sinceUs = undefined;
        all.push({ fromUs, toUs: monotonicUs() });
      }
    },
  };
}
