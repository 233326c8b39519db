import type { OutcomeName, RollupRow } from '../../db/customer/rows.ts';
import { outcomes } from '../../db/customer/runs-by-start.ts';
import { Sketch } from './sketch.ts';

/** What is kept of any number of results: enough for availability, error codes, mean and percentiles. */
export interface Figures {
  passed: number;
  failed: number;
  errored: number;
  skipped: number;
  /** How often each error code came up. */
  codes: Map<string, number>;
  /** How many times the next four tell of, in µs: those of passed results that have one. */
  count: number;
  sumUs: number;
  minUs: number | null;
  maxUs: number | null;
  sketch: Sketch;
}

/** One result of a transaction, or of a run as a whole. */
export interface Counted {
  outcome: OutcomeName;
  errorCode: string | null;
  /** Response time of a transaction, duration of a run, µs. */
  timeUs: number | null;
}

/** The part of a rollup row that tells what happened, without whose it is and what was expected. */
export const figureColumns = [...outcomes, 'codes', 'count', 'sum_us', 'min_us', 'max_us', 'sketch'] as const;
export type RollupFigures = Pick<RollupRow, (typeof figureColumns)[number]>;

export function noFigures(): Figures {
  const none = { passed: 0, failed: 0, errored: 0, skipped: 0, count: 0, sumUs: 0, minUs: null, maxUs: null };
  return { ...none, codes: new Map(), sketch: new Sketch() };
}

export function addResult(to: Figures, result: Counted): void {
  to[result.outcome] += 1;
  if (result.errorCode !== null) addCode(to, result.errorCode, 1);
  if (result.outcome !== 'passed' || result.timeUs === null) return;
  addTimes(to, 1, result.timeUs, result.timeUs, result.timeUs);
  to.sketch.add(result.timeUs);
}

export function addRollup(to: Figures, row: RollupFigures): void {
  for (const outcome of outcomes) to[outcome] += row[outcome];
  if (row.codes !== noCodes) addCodes(to, row.codes);
  if (row.min_us === null || row.max_us === null) return;
  addTimes(to, row.count, row.sum_us, row.min_us, row.max_us);
  to.sketch.addEncoded(row.sketch);
}

export function addFigures(to: Figures, from: Figures): void {
  for (const outcome of outcomes) to[outcome] += from[outcome];
  for (const [code, count] of from.codes) addCode(to, code, count);
  if (from.minUs === null || from.maxUs === null) return;
  addTimes(to, from.count, from.sumUs, from.minUs, from.maxUs);
  to.sketch.addSketch(from.sketch);
}

/** The same results, whatever their order, give the same row byte for byte. */
export function toRollup(figures: Figures): RollupFigures {
  const { passed, failed, errored, skipped, count } = figures;
  const codes = [...figures.codes].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    ...{ passed, failed, errored, skipped, count },
    codes: JSON.stringify(Object.fromEntries(codes)),
    sum_us: figures.sumUs,
    min_us: figures.minUs,
    max_us: figures.maxUs,
    sketch: figures.sketch.encode(),
  };
}

/** Passed ÷ (passed + failed); null when neither came up. */
export function availability(figures: Pick<Figures, 'passed' | 'failed'>): number | null {
  const counted = figures.passed + figures.failed;
  return counted === 0 ? null : figures.passed / counted;
}

/** The quantiles `shares` (rising) in whole µs, within 1 %, and never beyond the smallest and largest. */
export function quantilesUs({ sketch, minUs, maxUs }: Figures, shares: readonly number[]): (number | null)[] {
  const [min, max] = [minUs ?? 0, maxUs ?? 0];
  return sketch
    .quantiles(shares)
    .map((found) => (found === null ? null : Math.round(Math.min(Math.max(found, min), max))));
}

export function meanUs(figures: Figures): number | null {
  return figures.count === 0 ? null : Math.round(figures.sumUs / figures.count);
}

/** What most rows hold of codes. */
const noCodes = '{}';

function addCodes(to: Figures, json: string): void {
  const codes: Record<string, number> = JSON.parse(json);
  for (const [code, count] of Object.entries(codes)) addCode(to, code, count);
}

function addCode(to: Figures, code: string, count: number): void {
  to.codes.set(code, (to.codes.get(code) ?? 0) + count);
}

function addTimes(to: Figures, count: number, sumUs: number, minUs: number, maxUs: number): void {
  to.count += count;
  // Beyond 2^53 (285 years of waiting) a sum would no longer be exact, nor could it be read back.
  to.sumUs = Math.min(to.sumUs + sumUs, Number.MAX_SAFE_INTEGER);
  to.minUs = Math.min(to.minUs ?? minUs, minUs);
  to.maxUs = Math.max(to.maxUs ?? maxUs, maxUs);
}
