import type { TargetRow } from '../../../db/customer/rows.ts';
import { coverageOf } from '../../rollups/coverage.ts';
import { availability, type Figures, quantilesUs } from '../../rollups/figures.ts';
import type { Tally } from '../../rollups/tally.ts';
import type { Period } from '../shapes.ts';
import { type ColumnName, columnKinds, type Hours, type ServiceRow, type ServiceTable } from './shapes.ts';

const millionths = 1_000_000;

/** Of what a row tells. */
export interface RowOf {
  period: Period;
  hours: Hours;
  tag?: string;
  monitor?: string;
  /** Left out: whole runs, whose coverage is known. */
  transaction?: string | undefined;
  location?: string;
  target?: TargetRow | undefined;
}

/** The figures of a tally, and how they stand to the target. */
export function rowOf(tally: Tally, of: RowOf): ServiceRow {
  const { period, hours, tag = null, monitor = null, transaction = null, location = null, target } = of;
  const { figures } = tally;
  const counts = transaction === null ? tally.counts() : undefined;
  const [p50Us = null, p95Us = null] = quantilesUs(figures, [0.5, 0.95]);
  return {
    ...{ from: period.from, to: period.to, tag, monitor, transaction, location, hours },
    ...{ passed: figures.passed, failed: figures.failed, errored: figures.errored },
    ...{ skipped: counts?.skipped ?? null, lost: counts?.lost ?? null, expected: counts?.expected ?? null },
    coverage: counts ? coverageOf(counts) : null,
    skippedBy: counts?.skippedBy ?? {},
    codes: Object.fromEntries([...figures.codes].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))),
    availability: availability(figures),
    ...againstAvailability(figures, target?.availability_ppm ?? null),
    ...{ p50Us, p95Us },
    p95TargetUs: target?.p95_us ?? null,
    p95Met: p95Us === null || target?.p95_us == null ? null : p95Us <= target.p95_us,
    p95BeforeUs: null,
    ...{ targets: null, targetsMet: null },
  };
}

/** In whole numbers, so that what is met exactly is met. */
function againstAvailability({ passed, failed }: Figures, ppm: number | null) {
  if (ppm === null) return { availabilityTarget: null, availabilityMet: null, failuresAllowed: null, budgetLeft: null };
  const counted = passed + failed;
  const allowed = (millionths - ppm) * counted;
  return {
    availabilityTarget: ppm / millionths,
    availabilityMet: counted === 0 ? null : failed * millionths <= allowed,
    failuresAllowed: Math.floor(allowed / millionths),
    budgetLeft: allowed === 0 ? null : (allowed - failed * millionths) / allowed,
  };
}

/** How many targets rows were held against, and how many of them are met. */
export function targetsIn(rows: readonly ServiceRow[]): { targets: number; targetsMet: number } {
  const verdicts = rows.flatMap(({ availabilityMet, p95Met }) => [availabilityMet, p95Met]);
  return {
    targets: verdicts.filter((met) => met !== null).length,
    targetsMet: verdicts.filter((met) => met === true).length,
  };
}

/** A table of these columns. */
export function tableOf(
  name: ServiceTable['name'],
  of: string | null,
  columns: readonly ColumnName[],
  rows: readonly ServiceRow[],
): ServiceTable {
  return { name, of, columns: columns.map((column) => ({ name: column, kind: columnKinds[column] })), rows: [...rows] };
}
