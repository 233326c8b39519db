/** A bar of a waterfall, in per cent of its width. */
export interface WaterfallBar {
  left: number;
  width: number;
}

/** Where something lies that starts and lasts so long (µs), on an axis that ends at `topUs`. Never quite invisible. */
export function barAt(startUs: number, durationUs: number, topUs: number): WaterfallBar {
  if (topUs <= 0) return { left: 0, width: 100 };
  const left = Math.min(99.5, Math.max(0, (startUs / topUs) * 100));
  return { left, width: Math.max(0.5, Math.min(100 - left, (durationUs / topUs) * 100)) };
}

/** The end of the axis: the run's own, or the last transaction's where clocks make that one later. */
export function axisEnd(run: {
  durationUs: number;
  transactions: readonly { startUs: number; durationUs: number }[];
}): number {
  return Math.max(run.durationUs, ...run.transactions.map((t) => t.startUs + t.durationUs));
}

/** Round instants (µs) from 0 on, at most `most` of them, none beyond `topUs`. */
export function ticks(topUs: number, most: number): number[] {
  if (topUs <= 0) return [0];
  const rough = topUs / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.floor(topUs / step) + 1 }, (_, i) => i * step);
}
