import { atomically } from '../../db/atomically.ts';
import type { MonitorRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { MonitorWish } from '../../scripts-library/publish/deployment.ts';
import { findCustomer } from '../accounts/customers.ts';
import { type Actor, audit } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { tellChange } from './changes.ts';
import { giveTo, renewChoices } from './choices.ts';
import { differences } from './differences.ts';
import { settingsIn } from './monitor-form.ts';
import { checkNameFree } from './monitors.ts';
import { checkRoom, readingOf } from './room.ts';
import { noteSchedule } from './schedules.ts';
import { wishedRow } from './set-monitor.ts';

/**
 * Adds a monitor, or has the one of `id` be as wished, whole: but for options of `use` other than the address, which stay
 * unless they are named. Its id and all that was measured stay. Sentinels learn of it within seconds. Returns its id; undefined:
 * there is none of that id. Throws `Refused` if something doesn't fit.
 */
export async function saveMonitor(
  server: ServerContext,
  customerId: CustomerId,
  id: string | undefined,
  wish: MonitorWish,
  actor: Actor,
): Promise<string | undefined> {
  const { timeZone } = await findCustomer(server, customerId);
  const at = server.now();
  const saved = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const reading = await readingOf(trx, at);
      const row = id === undefined ? undefined : await watched(trx, id);
      if (id !== undefined && !row) return undefined;
      if (row?.name !== wish.name) await checkNameFree(trx, wish.name);
      const before = row && (await settingsIn(trx, row));
      const use = before ? { ...withoutAddress(before.use), ...wish.use } : wish.use;
      const whose = { owner: row?.managed_by ?? null, project: row?.project ?? null };
      const after = await wishedRow(trx, { ...wish, use }, { ...whose, at, timeZone }, row);
      await put(trx, after, row, at);
      await checkRoom(trx, at, reading);
      const fields = differences(before ?? {}, await settingsIn(trx, after)).map(({ field }) => field);
      const action = row ? 'monitor-changed' : 'monitor-added';
      await audit(trx, { at, actor, action, subject: wish.name, detail: { id: after.id, fields } });
      return after.id;
    }),
  );
  if (saved !== undefined) await tellChange(server, customerId);
  return saved;
}

function watched(db: CustomerDb, id: string): Promise<MonitorRow | undefined> {
  return db<MonitorRow>('monitors').where({ id }).whereNull('retired_at').first();
}

async function put(db: CustomerDb, after: MonitorRow, before: MonitorRow | undefined, at: number): Promise<void> {
  if (before) await db<MonitorRow>('monitors').where({ id: after.id }).update(after);
  else await db<MonitorRow>('monitors').insert(after);
  await noteSchedule(db, after.id, after, at);
  if (after.chosen_by === null) await giveTo(db, after.id, [], at);
  await renewChoices(db, at);
}

function withoutAddress({ baseURL: _, ...options }: MonitorWish['use']) {
  return options;
}
