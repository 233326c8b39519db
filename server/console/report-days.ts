import type { ServiceRow } from './api/types.ts';

/** How a day did: nothing measured, no failures, fewer than one in a hundred failed, more. */
export type DayKind = 'none' | 'whole' | 'some' | 'many';

export function kindOf({ passed, failed, availability }: ServiceRow): DayKind {
  if (passed + failed === 0 || availability === null) return 'none';
  if (failed === 0) return 'whole';
  return availability >= 0.99 ? 'some' : 'many';
}

/** The corners of a line through each row of days that have a time, from 0 (below) to `height`; gaps stay gaps. */
export function linesOf(rows: readonly ServiceRow[], width: number, height: number): string[] {
  const top = topUs(rows);
  const lines: string[][] = [[]];
  rows.forEach(({ p95Us }, i) => {
    if (p95Us === null) lines.push([]);
    else lines.at(-1)?.push(`${(i + 0.5) * width},${(height * (1 - p95Us / top)).toFixed(2)}`);
  });
  return lines.filter((line) => line.length > 0).map((line) => line.join(' '));
}

/** Of the axis: above the longest time, in digits that one reads (µs). */
export function topUs(rows: readonly ServiceRow[]): number {
  const longest = Math.max(1000, ...rows.map(({ p95Us }) => p95Us ?? 0));
  const unit = 10 ** Math.floor(Math.log10(longest));
  return ([1, 1.5, 2, 3, 4, 5, 6, 8, 10].find((n) => n * unit >= longest) ?? 10) * unit;
}
