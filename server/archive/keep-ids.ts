import { atomically } from '../../db/atomically.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { firstIdAt } from '../../db/customer/months.ts';
import type { ArchivedRunsRow, DirtyHourRow, SealedHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { patiently } from '../../db/engines/mysql.ts';
import { hourMs, hourOf } from '../rollups/hours.ts';
import { ArchiveFault } from './archive-fault.ts';
import { joinedIn, type Part } from './joined-rows.ts';
import type { Piece } from './piece.ts';
import type { Claim } from './state.ts';

const dayMs = 86_400_000;
/** Bytes of an id, and those of its time (ms). */
const [idBytes, timeBytes] = [16, 6];

/**
 * Writes down which runs a piece holds, so that one that is sent again after it has left the database is known, however
 * much later. A repeat is harmless.
 */
export async function keepIds(db: CustomerDb, { piece, guard }: Claim): Promise<void> {
  const { part, month } = piece;
  for (let day = month.from; day < month.to; day += dayMs) {
    const hours = await idsOf(db, piece, day);
    if (hours.size === 0) continue;
    await atomically(db, async (trx) => {
      await guard(trx);
      await trx('archived_runs')
        .where({ part })
        .whereIn('hour', [...hours.keys()])
        .delete();
      const rows = [...hours].map(([hour, ids]): ArchivedRunsRow => ({ hour, part, ids: Buffer.concat(ids) }));
      await insertAll(trx, 'archived_runs', rows);
    });
  }
}

/** Of a day, by the hours of their times. */
async function idsOf(db: CustomerDb, { month, part }: Piece, day: number): Promise<Map<number, Uint8Array[]>> {
  const rows = ({ from, to }: Part) => {
    const those = db(part === 0 ? 'runs' : 'late_runs')
      .where('id', '>=', firstIdAt(from))
      .where('id', '<', firstIdAt(to));
    return part === 0 ? those : those.where({ from_at: month.from, part });
  };
  const hours = new Map<number, Uint8Array[]>();
  const span = { from: day, to: day + dayMs, rows: 0 };
  for await (const { text, count } of joinedIn(db, rows, 'hex(id)', span, 1, '')) {
    const all = Buffer.from(Buffer.from(text).toString('latin1'), 'hex');
    if (all.length !== count * idBytes) {
      throw new ArchiveFault(
        `of the ids of ${count} runs of ${new Date(day).toISOString()} ${all.length} bytes came, not ${count * idBytes}`,
      );
    }
    for (let at = 0; at < all.length; at += idBytes) {
      const hour = hourOf(all.readUIntBE(at, timeBytes));
      const ids = hours.get(hour) ?? [];
      hours.set(hour, ids);
      ids.push(all.subarray(at, at + idBytes));
    }
  }
  return hours;
}

/**
 * Seals the hours after the month's end in which runs of it started: their devices' clocks were off, and the hours can't be
 * rolled up anew without them. Throws `ArchiveFault` while one of them is still to be.
 */
export async function sealHoursBeyond(db: CustomerDb, { piece: { month, part }, guard }: Claim): Promise<void> {
  if (part > 0) return; // late runs were added to their hours, which were sealed
  const hours: SealedHourRow[] = await patiently(db, (own) =>
    own('runs')
      .where('id', '>=', firstIdAt(month.from))
      .where('id', '<', firstIdAt(month.to))
      .where('started_at', '>=', month.to)
      .distinct('monitor_id', 'sentinel_id')
      .select(own.raw(`started_at - started_at % ${hourMs} as hour`)),
  );
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
