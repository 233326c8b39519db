/** Microseconds of the machine's monotonic clock, which a child shares, and which nobody sets. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
