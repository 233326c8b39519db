/** A stretch of time, µs of the monotonic clock. */
export interface Stretch {
  fromUs: number;
  toUs: number;
}

/** When this process could do nothing, known from looks that came late. */
export interface HoldUps {
  look(nowUs: number): void;
  readonly longestUs: number;
  /** How much of a stretch was lost to hold-ups, µs. */
  within(stretch: Stretch): number;
}

/** Less is no hold-up but work: nothing waits for seconds in vain because of it. */
const leastUs = 100_000;

/** A look is due every `everyUs`; whatever one comes later, this process was held up. */
export function holdUps(everyUs: number, nowUs: number): HoldUps {
  const all: Stretch[] = [];
  let dueUs = nowUs + everyUs;
  let longestUs = 0;
  return {
    look(atUs) {
      longestUs = Math.max(longestUs, atUs - dueUs);
      if (atUs - dueUs >= leastUs) all.push({ fromUs: dueUs, toUs: atUs });
      dueUs = atUs + everyUs;
    },
    get longestUs() {
      return longestUs;
    },
    within: ({ fromUs, toUs }) =>
      all.reduce((sum, one) => sum + Math.max(0, Math.min(one.toUs, toUs) - Math.max(one.fromUs, fromUs)), 0),
  };
}
