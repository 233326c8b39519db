import { atomically } from '../../db/atomically.ts';
import { firstIdAt, idTime } from '../../db/customer/months.ts';
import type { ArchivedRunsRow, DirtyHourRow, SealedHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { hourMs, hourOf } from '../rollups/hours.ts';
import { ArchiveFault } from './archive-fault.ts';
import type { Piece } from './piece.ts';
import type { Claim } from './state.ts';

const atOnce = 20_000;

/**
 * Writes down which runs a piece holds, so that one that is sent again after it has left the database is known, however
 * much later. A repeat is harmless.
 */
export async function keepIds(db: CustomerDb, { piece, guard }: Claim): Promise<void> {
  let open: { hour: number; ids: Uint8Array[] } | undefined;
  const write = async () => {
    if (!open) return;
    const row: ArchivedRunsRow = { hour: open.hour, part: piece.part, ids: Buffer.concat(open.ids) };
    await atomically(db, async (trx) => {
      await guard(trx);
      await trx('archived_runs').where({ hour: row.hour, part: row.part }).delete();
      await trx('archived_runs').insert(row);
    });
  };
  for await (const ids of idsOf(db, piece)) {
    for (const id of ids) {
      const hour = hourOf(idTime(id));
      if (open?.hour !== hour) {
        await write();
        open = { hour, ids: [] };
      }
      open.ids.push(id);
    }
  }
  await write();
}

/** In their order. */
async function* idsOf(db: CustomerDb, { month, part }: Piece): AsyncGenerator<Uint8Array[]> {
  for (let after: Uint8Array | undefined; ; ) {
    const rows = db(part === 0 ? 'runs' : 'late_runs').where('id', '<', firstIdAt(month.to));
    if (part > 0) rows.where({ from_at: month.from, part });
    rows.where('id', after ? '>' : '>=', after ?? firstIdAt(month.from));
    const ids: Uint8Array[] = await rows.orderBy('id').limit(atOnce).pluck('id');
    if (ids.length > 0) yield ids;
    if (ids.length < atOnce) return;
    after = ids.at(-1);
  }
}

/**
 * Seals the hours after the month's end in which runs of it started: their devices' clocks were off, and the hours can't be
 * rolled up anew without them. Throws `ArchiveFault` while one of them is still to be.
 */
export async function sealHoursBeyond(db: CustomerDb, { piece: { month, part }, guard }: Claim): Promise<void> {
  if (part > 0) return; // late runs were added to their hours, which were sealed
  const hours: SealedHourRow[] = await db('runs')
    .where('id', '>=', firstIdAt(month.from))
    .where('id', '<', firstIdAt(month.to))
    .where('started_at', '>=', month.to)
    .distinct('monitor_id', 'sentinel_id')
    .select(db.raw(`started_at - started_at % ${hourMs} as hour`));
  const name = (one: SealedHourRow) => `${one.monitor_id} ${one.hour} ${one.sentinel_id}`;
  for (let at = 0; at < hours.length; at += 400) {
    const some = hours.slice(at, at + 400);
    const names = new Set(some.map(name));
    await atomically(db, async (trx) => {
      await guard(trx);
      const times = some.map((one) => one.hour);
      const dirty = await trx<DirtyHourRow>('dirty_hours').whereIn('hour', times);
      if (dirty.some((one) => names.has(name(one)))) {
        throw new ArchiveFault(
          `hours in which runs of ${month.name} started are still to be rolled up; it is tried again later`,
        );
      }
      await trx('sealed_hours').insert(some).onConflict(['monitor_id', 'hour', 'sentinel_id']).ignore();
    });
  }
}
