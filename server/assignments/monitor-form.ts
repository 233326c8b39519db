import { z } from 'zod';
import type { MonitorRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { MonitorWish } from '../../scripts-library/publish/deployment.ts';
import { choiceOf } from './choices.ts';
import { settingsOf } from './monitor-settings.ts';

/** A monitor as a form shows it. */
export const MonitorForm = MonitorWish.omit({ use: true, secrets: true }).extend({
  id: z.string(),
  baseURL: z.string(),
  /** Names of further options of Playwright's `use`, whose values may be secret. */
  otherOptions: z.array(z.string()),
  /** The configuration that deploys it, whose next deployment undoes what is changed here. */
  managedBy: z.string().nullable(),
  /** In the order of the script, as far as it was run. */
  transactions: z.array(z.string()),
});
export type MonitorForm = z.output<typeof MonitorForm>;

/** Undefined if the customer watches no such monitor. */
export async function monitorForm(db: CustomerDb, id: string): Promise<MonitorForm | undefined> {
  const row = await db<MonitorRow>('monitors').where({ id }).whereNull('retired_at').first();
  if (!row) return undefined;
  const { use, secrets: _, ...settings } = await settingsIn(db, row);
  const { baseURL = '', ...others } = use;
  return {
    ...{ ...settings, id, baseURL, otherOptions: Object.keys(others), managedBy: row.managed_by },
    transactions: await db('transactions').where({ monitor_id: id }).orderBy(['position', 'id']).pluck('name'),
  };
}

/** What is set of a monitor, its sentinels by name where they were given by their ids. */
export async function settingsIn(db: CustomerDb, row: MonitorRow): Promise<MonitorWish> {
  const script = await db('scripts').where({ id: row.script_id }).first('name');
  const names: string[] = await db('monitor_sentinels')
    .join('sentinels', 'sentinels.id', 'monitor_sentinels.sentinel_id')
    .where({ monitor_id: row.id })
    .orderBy('name')
    .pluck('name');
  return settingsOf(row, script?.name ?? '', choiceOf(row) ?? (names.length > 0 ? { names } : undefined));
}
