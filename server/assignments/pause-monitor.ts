import { atomically } from '../../db/atomically.ts';
import type { MonitorRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import { type Actor, audit } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { tellChange } from './changes.ts';
import { pausedColumns } from './monitors.ts';
import { checkRoom, readingOf } from './room.ts';
import { noteSchedule } from './schedules.ts';

/**
 * Has nobody run a monitor, or those again that did before; nothing is expected of it meanwhile, and a request to run it
 * now is over. Whatever else may be wrong with it is not asked. False if the customer has no such monitor. Throws `Refused` as `checkRoom` does.
 */
export async function pauseMonitor(
  server: ServerContext,
  customerId: CustomerId,
  id: string,
  isPaused: boolean,
  actor: Actor,
): Promise<boolean> {
  const at = server.now();
  const paused = Number(isPaused);
  const found = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const row = await trx<MonitorRow>('monitors').where({ id }).whereNull('retired_at').first();
      if (!row || row.paused === paused) return row !== undefined;
      const reading = isPaused ? undefined : await readingOf(trx, at);
      await trx<MonitorRow>('monitors').where({ id }).update(pausedColumns(isPaused));
      if (reading) await checkRoom(trx, at, reading);
      await noteSchedule(trx, id, { ...row, paused }, at);
      await audit(trx, { at, actor, action: 'monitor-changed', subject: row.name, detail: { id, paused: isPaused } });
      return true;
    }),
  );
  if (found) await tellChange(server, customerId);
  return found;
}
