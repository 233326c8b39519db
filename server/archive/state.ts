import { randomBytes } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import { monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow, DirtyHourRow, LateRunRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { passFence } from '../jobs/fence.ts';
import { calendarOf } from '../rollups/calendar.ts';
import { closedUntil } from '../rollups/closed-until.ts';
import { sealedUntil } from '../rollups/sealed-hours.ts';
import { watchedMonitors } from '../rollups/watched.ts';
import { ArchiveFault } from './archive-fault.ts';
import { nameOf, type Piece } from './piece.ts';

/** Under which lease a piece is moved; none on the command line. */
export type Fence = number | undefined;

/** Someone else has begun to move the same piece: whoever meets this leaves it to that one. */
export class TakenOver extends Error {
  override readonly name = 'TakenOver';
}

/** Who works at a piece, in whose name everything is written of it. */
export interface Claim {
  piece: Piece;
  attempt: string;
  /** To be called first in each transaction in which something is written. */
  guard(trx: CustomerDb): Promise<void>;
}

/**
 * Takes a piece for this attempt: closes a month for all that comes from now on, or says which late runs are of a
 * supplement; one that was begun before goes on from where it stands, and the attempt before is over. Throws `ArchiveFault`
 * where hours of the month are still to be rolled up or closed, since nobody can do that later.
 */
export async function claim(
  db: CustomerDb,
  piece: Piece,
  now: number,
  fence: Fence,
): Promise<{ claim: Claim; row: ArchiveMonthRow }> {
  const attempt = randomBytes(4).toString('hex');
  const place = { from_at: piece.month.from, part: piece.part };
  const row = await atomically(db, async (trx) => {
    if (fence !== undefined) await passFence(trx, fence);
    const before = await trx<ArchiveMonthRow>('archive_months').where(place).first();
    if (before?.state === 'removed' || before?.state === 'erased') {
      throw new TakenOver(`${nameOf(piece)} has been moved into the archive meanwhile`);
    }
    if (before) {
      await trx<ArchiveMonthRow>('archive_months').where(place).update({ attempt });
      return before;
    }
    await (piece.part === 0 ? refuseUnlessNext(trx, piece) : gather(trx, piece));
    const none = { sealed_at: null, removed_at: null, folder: null, manifest: null, seal: null };
    const row: ArchiveMonthRow = {
      ...{ ...place, state: 'closed', attempt, closed_at: now, ...none },
      ...{ verified_at: null, fault: null },
    };
    await trx('archive_months').insert(row);
    return row;
  });
  const guard = async (trx: CustomerDb) => {
    if (fence !== undefined) await passFence(trx, fence);
    const own = await trx<ArchiveMonthRow>('archive_months')
      .where({ ...place, attempt })
      .first('part');
    if (!own) throw new TakenOver(`another archive job has taken over ${nameOf(piece)}`);
  };
  return { claim: { piece, attempt, guard }, row };
}

/** Months are closed in turn: before the end of the last one all hours are sealed. */
async function refuseUnlessNext(trx: CustomerDb, { month }: Piece): Promise<void> {
  const until = await sealedUntil(trx);
  if (until !== 0 && until !== month.from) {
    throw new ArchiveFault(`${month.name} is not the next month: that is ${monthOf(until).name}`);
  }
  const dirty = await trx<DirtyHourRow>('dirty_hours').where('hour', '<', month.to).first('hour');
  if (dirty || !(await isWrittenDown(trx, month.to))) {
    throw new ArchiveFault(`${month.name} still has hours to be rolled up or closed; it is tried again later`);
  }
}

/** Whether of every monitor it is written down what was expected of it before `until` (ms): after a change of zone it is once more. */
async function isWrittenDown(trx: CustomerDb, until: number): Promise<boolean> {
  const { timeZone } = await calendarOf(trx);
  const monitors = [...(await watchedMonitors(trx)).values()];
  const closed = await Promise.all(monitors.map((watched) => closedUntil(trx, watched, timeZone)));
  return closed.every((at) => at >= until);
}

async function gather(trx: CustomerDb, { month, part }: Piece): Promise<void> {
  await trx<LateRunRow>('late_runs').where({ from_at: month.from, part: 0 }).update({ part });
}

/** Writes down how far the piece is, with what `more` does in the same transaction. */
export function advance(
  db: CustomerDb,
  { piece, guard }: Claim,
  values: Partial<ArchiveMonthRow>,
  more: (trx: CustomerDb) => Promise<void> = async () => {},
): Promise<void> {
  return atomically(db, async (trx) => {
    await guard(trx);
    await trx<ArchiveMonthRow>('archive_months').where({ from_at: piece.month.from, part: piece.part }).update(values);
    await more(trx);
  });
}
