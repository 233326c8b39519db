import type { Strip } from './overview.ts';

/** Cells of a timeline at most: more could not be told apart, nor hit. */
const mostCells = 160;

interface Point {
  at: number;
  passed: number;
  failed: number;
  errored: number;
  p95Us: number | null;
}

/**
 * The points of whole runs in cells of equal length from one end of an axis to the other (ms). None is shorter than
 * `dueMs`, the longer of step and schedule, or every other one would seem to be a gap.
 */
export function timeline(points: readonly Point[], { from, to }: { from: number; to: number }, dueMs: number) {
  const cells = Math.max(1, Math.min(mostCells, Math.floor((to - from) / dueMs)));
  const stepMs = (to - from) / cells;
  const zeros = () => new Array<number>(cells).fill(0);
  const [passed, failed, errored] = [zeros(), zeros(), zeros()];
  const p95Us = new Array<number | null>(cells).fill(null);
  for (const point of points) {
    if (point.at + dueMs <= from || point.at >= to) continue;
    const i = Math.max(0, Math.floor((point.at - from) / stepMs));
    passed[i] = (passed[i] ?? 0) + point.passed;
    failed[i] = (failed[i] ?? 0) + point.failed;
    errored[i] = (errored[i] ?? 0) + point.errored;
    if (point.p95Us !== null) p95Us[i] = Math.max(p95Us[i] ?? 0, point.p95Us);
  }
  const strip: Strip = { passed, failed, errored, p95Us, slow: new Array<boolean>(cells).fill(false) };
  return { starts: Array.from({ length: cells }, (_, i) => Math.round(from + i * stepMs)), stepMs, strip };
}
