import { randomUUID } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { MaintenanceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { type Actor, audit } from '../audit/audit.ts';
import { Refused } from '../http/refused.ts';
import { calendarOf } from '../rollups/calendar.ts';
import type { MaintenanceAnswer, MaintenanceWish } from './shapes.ts';

export interface MaintenancePage {
  /** Place of the last one of the page before. */
  before?: { at: number; id: string } | undefined;
  limit: number;
}

/** Times of maintenance, those that begin last first. */
export async function maintenances(db: CustomerDb, { before, limit }: MaintenancePage): Promise<MaintenanceAnswer> {
  const query = db<MaintenanceRow>('maintenance')
    .orderBy([
      { column: 'from_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit + 1);
  if (before) {
    query
      .where('from_at', '<=', before.at)
      .where((either) => either.where('from_at', '<', before.at).orWhere('id', '<', before.id));
  }
  const rows = await query;
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return { maintenance: shown.map(present), next: last ? `${last.from_at}_${last.id}` : null };
}

function present(row: MaintenanceRow): MaintenanceAnswer['maintenance'][number] {
  const { id, monitor_id, from_at, to_at, hours, time_zone, reason, added_by, added_at } = row;
  const when = { from: from_at, to: to_at, hours, timeZone: time_zone };
  return { id, monitorId: monitor_id, ...when, reason, addedBy: added_by, addedAt: added_at };
}

/** Adds a time of maintenance at `now` (ms), and returns its id. Throws `Refused` if there is no such monitor. */
export function addMaintenance(db: CustomerDb, wish: MaintenanceWish, actor: Actor, now: number): Promise<string> {
  const { monitorId = null, from, to, hours = null, reason } = wish;
  const id = randomUUID();
  return atomically(db, async (trx) => {
    if (monitorId !== null && !(await trx('monitors').where({ id: monitorId }).first('id'))) {
      throw new Refused('monitorId: there is no such monitor');
    }
    await refuseWhereHoursAreGone(trx, from);
    const timeZone = hours === null ? null : (await calendarOf(trx)).timeZone;
    const times = { from_at: from, to_at: to, hours, time_zone: timeZone };
    const row: MaintenanceRow = {
      id,
      monitor_id: monitorId,
      ...times,
      reason,
      added_by: actor.name ?? actor.kind,
      added_at: now,
    };
    await trx('maintenance').insert(row);
    await audit(trx, {
      at: now,
      actor,
      action: 'maintenance-added',
      subject: reason,
      detail: { id, monitorId, from, to, ...(hours !== null && { hours, timeZone }) },
    });
    return id;
  });
}

/** What is left out of reports is left out by the hour. */
async function refuseWhereHoursAreGone(db: CustomerDb, from: number): Promise<void> {
  const [kept] = await db('kept_hours').max<{ from: number | null }[]>({ from: 'from_at' });
  if (from >= (kept?.from ?? 0)) return;
  const since = new Date(kept?.from ?? 0).toISOString();
  throw new Refused(
    `from: before ${since} there are figures by the day alone, of which no maintenance can be left out`,
  );
}

/** Takes a time of maintenance away: what was measured in it counts again. False if there is none of that id. */
export function removeMaintenance(db: CustomerDb, id: string, actor: Actor, now: number): Promise<boolean> {
  return atomically(db, async (trx) => {
    const row = await trx<MaintenanceRow>('maintenance').where({ id }).first();
    if (!row) return false;
    await trx('maintenance').where({ id }).delete();
    const { monitor_id: monitorId, from_at: from, to_at: to, hours } = row;
    const detail = { id, monitorId, from, to, ...(hours !== null && { hours }) };
    await audit(trx, { at: now, actor, action: 'maintenance-removed', subject: row.reason, detail });
    return true;
  });
}
