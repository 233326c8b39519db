import type { DayRollupRow, RollupRow } from '../../db/customer/rows.ts';
import type { Counts } from '../reports/shapes.ts';
import { countsOf, type Gaps, gapsOf, type Share } from './coverage.ts';
import type { Duty } from './duties.ts';
import { addFigures, addResult, addRollup, type Figures, noFigures, type RollupFigures } from './figures.ts';
import type { Result } from './results.ts';

/** All that is known of one transaction, or of whole runs, over some time at some place: from rows, hours and days. */
export class Tally {
  readonly figures: Figures = noFigures();
  readonly #told = new Map<string, number>();
  #lost = 0;
  readonly #shares = new Map<string, { expected: number; here: number; skips: Map<string, number> }>();

  addResult(result: Result): void {
    addResult(this.figures, result);
    if (result.transactionId === 0) this.#share(result.sentinelId).here += 1;
  }

  addHour(row: RollupRow): void {
    addRollup(this.figures, row);
    if (row.transaction_id !== 0) return;
    const share = this.#share(row.sentinel_id);
    share.here += row.passed + row.failed + row.errored + row.skipped;
    share.expected += row.expected + row.requested;
    share.skips = withTold(share.skips, readTold(row.told));
  }

  addDay(row: RollupFigures & Pick<DayRollupRow, 'told' | 'lost'>): void {
    addRollup(this.figures, row);
    this.#lost += row.lost;
    addTold(this.#told, readTold(row.told));
  }

  /** What was asked of a sentinel in time that no closed hour tells of. */
  addDuty(sentinelId: string, { expected, requested, skips }: Duty): void {
    const share = this.#share(sentinelId);
    share.expected += expected + requested;
    share.skips = withTold(share.skips, skips);
  }

  /** Adds what another one knows of the same monitor, at other times or another place. */
  add(other: Tally): void {
    addFigures(this.figures, other.figures);
    addTold(this.#told, other.#told);
    this.#lost += other.#lost;
    for (const [sentinelId, { expected, here, skips }] of other.#shares) {
      const share = this.#share(sentinelId);
      share.expected += expected;
      share.here += here;
      share.skips = withTold(share.skips, skips);
    }
  }

  /** Adds what another one knows of another monitor: what a sentinel did there beyond its schedule hides no gap here. */
  addApart(other: Tally): void {
    addFigures(this.figures, other.figures);
    const { told, lost } = other.gaps();
    addTold(this.#told, told);
    this.#lost += lost;
  }

  gaps(): Gaps {
    const { told, lost } = gapsOf(this.#shares.values() satisfies Iterable<Share>);
    const all = new Map(told);
    addTold(all, this.#told);
    return { told: all, lost: lost + this.#lost };
  }

  counts(): Counts {
    return countsOf(this.figures, this.gaps());
  }

  #share(sentinelId: string) {
    const share = this.#shares.get(sentinelId) ?? { expected: 0, here: 0, skips: noSkips };
    this.#shares.set(sentinelId, share);
    return share;
  }
}

/** Of nearly all shares; those are many, and a map for each would cost more than all else. */
const noSkips = new Map<string, number>();

function withTold(skips: Map<string, number>, told: Iterable<[string, number]>): Map<string, number> {
  const [first, ...others] = told;
  if (first === undefined) return skips;
  const sum = skips === noSkips ? new Map<string, number>() : skips;
  addTold(sum, [first, ...others]);
  return sum;
}

/** What skips look like in a row: reasons in order, so that the same always give the same text. */
export function writeTold(told: ReadonlyMap<string, number>): string | null {
  if (told.size === 0) return null;
  return JSON.stringify(Object.fromEntries([...told].sort(([a], [b]) => (a < b ? -1 : 1))));
}

function readTold(json: string | null): Iterable<[string, number]> {
  return json === null ? [] : Object.entries<number>(JSON.parse(json));
}

function addTold(to: Map<string, number>, told: Iterable<[string, number]>): void {
  for (const [reason, count] of told) to.set(reason, (to.get(reason) ?? 0) + count);
}
