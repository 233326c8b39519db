/** One line of the response time chart. `undefined` is "no point here, go on"; `null` is a gap that must be seen. */
export interface Line {
  name: string;
  p50Us: (number | null | undefined)[];
  p95Us: (number | null | undefined)[];
  /** Medians of the period before, laid upon this one; nothing where none is compared. */
  beforeUs: (number | null | undefined)[];
}

export interface Lines {
  /** Instants in ms, rising, common to all lines. */
  at: number[];
  lines: Line[];
}

interface Point {
  at: number;
  p50Us: number | null;
  p95Us: number | null;
}

interface Transaction {
  name: string;
  points: readonly Point[];
}

/**
 * Lays the points of several transactions on one time axis, and those of a period before that was moved upon it. Where a transaction's next point is further away than two
 * and a half times what is due (`dueMs`: the longer of step and schedule), runs are missing: a gap is put between.
 */
export function aligned(
  transactions: readonly Transaction[],
  dueMs: number,
  before: readonly Transaction[] = [],
): Lines {
  const gaps = transactions.map((transaction) => gapsIn(transaction.points, dueMs));
  const gapsBefore = before.map((transaction) => gapsIn(transaction.points, dueMs));
  const instants = [...transactions, ...before]
    .flatMap(({ points }) => points.map((p) => p.at))
    .concat(...gaps, ...gapsBefore);
  const at = [...new Set(instants)].sort((a, b) => a - b);
  const position = new Map(at.map((instant, i) => [instant, i]));
  const lines = transactions.map((transaction, i) => {
    const then = before.find(({ name }) => name === transaction.name) ?? { ...transaction, points: [] };
    const beforeUs = lineOf(then, gapsIn(then.points, dueMs), position).p50Us;
    return { ...lineOf(transaction, gaps[i] ?? [], position), beforeUs };
  });
  return { at, lines };
}

function lineOf(t: Transaction, gaps: number[], position: Map<number, number>): Omit<Line, 'beforeUs'> {
  const line: Omit<Line, 'beforeUs'> = { name: t.name, p50Us: blank(position.size), p95Us: blank(position.size) };
  for (const gap of gaps) {
    const i = position.get(gap);
    if (i !== undefined) line.p50Us[i] = line.p95Us[i] = null;
  }
  for (const point of t.points) {
    const i = position.get(point.at) ?? 0;
    line.p50Us[i] = point.p50Us;
    line.p95Us[i] = point.p95Us;
  }
  return line;
}

function blank(length: number): undefined[] {
  return new Array(length).fill(undefined);
}

function gapsIn(points: readonly Point[], dueMs: number): number[] {
  const gaps: number[] = [];
  points.forEach((point, i) => {
    const next = points[i + 1];
    if (next && next.at - point.at > 2.5 * dueMs) gaps.push(point.at + 1);
  });
  return gaps;
}

/**
 * Where the time axis begins. A monitor younger than half the period would be a squiggle in a corner, so the axis then
 * begins shortly before its first point; but only if most runs are there, since a silence must stay visible.
 */
export function axisStart(period: { from: number; to: number }, firstAt: number | undefined, coverage: number | null) {
  if (firstAt === undefined || coverage === null || coverage < 0.5) return period.from;
  if (firstAt - period.from < (period.to - period.from) / 2) return period.from;
  const lead = Math.max(60_000, (period.to - firstAt) * 0.05);
  return Math.max(period.from, firstAt - lead);
}

/** Each line's medians upon those of the lines before it: how the time of a run is made up. What isn't there adds nothing. */
export function stacked({ at, lines }: Lines): Lines {
  const sums: number[] = at.map(() => 0);
  const upon = (value: number | null | undefined, i: number) => {
    if (typeof value !== 'number') return value;
    sums[i] = (sums[i] ?? 0) + value;
    return sums[i];
  };
  const none = (line: Line) => ({ ...line, p95Us: blank(at.length), beforeUs: blank(at.length) });
  return { at, lines: lines.map((line) => ({ ...none(line), p50Us: line.p50Us.map(upon) })) };
}

/** Indices of points that have no neighbour to be joined to: they need a dot, or they would not be seen. */
export function lonely(values: readonly (number | null | undefined)[]): number[] {
  const known = values.flatMap((value, i) => (value === undefined ? [] : [i]));
  const isPoint = (i: number | undefined) => i !== undefined && typeof values[i] === 'number';
  return known.filter((i, k) => isPoint(i) && !isPoint(known[k - 1]) && !isPoint(known[k + 1]));
}

/** Each transaction's number in its monitor, which is its colour on every screen. */
export function colourNumbers(names: readonly string[]): Map<string, number> {
  return new Map(names.map((name, i) => [name, i % 8]));
}
