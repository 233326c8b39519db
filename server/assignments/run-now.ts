import { randomUUID } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { MonitorRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { tellChange } from './changes.ts';

/**
 * Asks the sentinels of a monitor (by name or id) to run it once, now; returns the request's id. Each does so once, as
 * soon as it hears of it and has room, unless it hears of it only after an hour. Throws `Refused`; undefined: there is no such monitor.
 */
export async function runNow(
  server: ServerContext,
  customerId: CustomerId,
  monitor: { name: string } | { id: string },
  actor: Actor = commandLine,
): Promise<string | undefined> {
  const requestId = randomUUID();
  const at = server.now();
  const isAsked = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const row = await trx<MonitorRow>('monitors').where(monitor).first('id', 'name', 'paused');
      if (!row) return false;
      if (row.paused !== 0) throw new Refused(`the monitor "${row.name}" is paused: resume it first`);
      await trx<MonitorRow>('monitors').where({ id: row.id }).update({ run_now_id: requestId, run_now_at: at });
      const detail = { id: row.id, requestId };
      await audit(trx, { at, actor, action: 'run-now-asked', subject: row.name, detail });
      return true;
    }),
  );
  if (!isAsked) return undefined;
  await tellChange(server, customerId);
  return requestId;
}
