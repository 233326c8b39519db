export const hourMs = 3_600_000;

/** The instant at which the hour (of UTC) of `at` began. */
export function hourOf(at: number): number {
  return Math.floor(at / hourMs) * hourMs;
}
