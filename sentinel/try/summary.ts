import type { Outcome, Run } from '../protocol/messages.ts';
import { plain } from '../protocol/plain.ts';
import { inColour, time } from './text.ts';

/** What many runs of a script come to: how they ended, and each transaction's median and 95th percentile. */
export function summary(runs: readonly Run[]): string {
  const counts = new Map<Outcome, number>();
  for (const { outcome } of runs) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const ends = [...counts].map(([outcome, count]) => inColour(outcome, `${count} ${outcome}`)).join(', ');
  const rows = [...timesOf(runs)].map(([name, times]) => [
    plain(name),
    `${times.length}`,
    time(percentile(times, 0.5)),
    time(percentile(times, 0.95)),
  ]);
  const head = ['Response time', 'passed', 'median', 'p95'];
  return `\n${runs.length} runs: ${ends}${rows.length === 0 ? '' : `\n\n${table([head, ...rows])}`}`;
}

/** Response times of passed transactions, by name, in the order they came up. */
function timesOf(runs: readonly Run[]): Map<string, number[]> {
  const times = new Map<string, number[]>();
  for (const { name, outcome, responseUs } of runs.flatMap((run) => run.transactions)) {
    if (outcome === 'passed' && responseUs !== undefined) times.set(name, [...(times.get(name) ?? []), responseUs]);
  }
  return times;
}

/** The smallest value that the share `q` of all does not exceed. */
function percentile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => [...(row[column] ?? '')].length)));
  return rows
    .map(
      (row) =>
        `  ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ')}`,
    )
    .join('\n');
}
