import { firstIdAt, idTime, type Month, monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow, LateRunRow, RunRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { sealedUntil } from '../rollups/sealed-hours.ts';
import type { Piece } from './piece.ts';

const dayMs = 86_400_000;
/** A device may have had runs in its spool for so long when its customer was added (ms). */
const spoolMs = 60 * dayMs;

/** No run of a customer added at `createdAt` is older than this instant, but for clocks that are off. */
export function nothingBefore(createdAt: number): number {
  return Math.max(0, createdAt - spoolMs);
}

export interface DueBy {
  now: number;
  /** When the customer was added. */
  createdAt: number;
  monthsLive: number;
  /** Only months that ended before this instant, whatever else is said; left out: all that are old enough. */
  before?: number | undefined;
}

/**
 * What is to go into the archive, in the order in which it may: what was begun, months that are old enough, runs that came
 * late. Age is judged by the newest run too: a clock of the server that jumped ahead by years makes no month old.
 */
export async function duePieces(db: CustomerDb, by: DueBy): Promise<Piece[]> {
  const begun = await db<ArchiveMonthRow>('archive_months')
    .whereIn('state', ['closed', 'sealed', 'removing'])
    .orderBy(['from_at', 'part']);
  const pieces = begun.map(({ from_at, part }): Piece => ({ month: monthOf(from_at), part }));
  const months = (await dueMonths(db, by)).map((month): Piece => ({ month, part: 0 }));
  return [...pieces, ...months, ...(await supplements(db, begun))];
}

async function dueMonths(db: CustomerDb, { now, createdAt, monthsLive, before }: DueBy): Promise<Month[]> {
  const newest = await db<RunRow>('runs')
    .where('id', '<', firstIdAt(now + dayMs))
    .orderBy('id', 'desc')
    .first('id');
  if (!newest) return [];
  const present = before === undefined ? Math.min(now, idTime(newest.id)) : now;
  const old = monthOf(present, -monthsLive).from;
  const until = before === undefined ? old : Math.min(before, monthOf(now, -1).from);
  const months: Month[] = [];
  let month = monthOf((await sealedUntil(db)) || nothingBefore(createdAt));
  for (; month.to <= until; month = monthOf(month.to)) months.push(month);
  return months;
}

/** Of months that are in the archive; of others late runs wait until they are. */
async function supplements(db: CustomerDb, begun: readonly ArchiveMonthRow[]): Promise<Piece[]> {
  const months: number[] = await db<LateRunRow>('late_runs').where({ part: 0 }).distinct().pluck('from_at');
  const pieces: Piece[] = [];
  for (const from of months.toSorted((a, b) => a - b)) {
    if (begun.some(({ from_at }) => from_at === from)) continue;
    const last = await db<ArchiveMonthRow>('archive_months').where({ from_at: from }).orderBy('part', 'desc').first();
    if (last) pieces.push({ month: monthOf(from), part: last.part + 1 });
  }
  return pieces;
}
