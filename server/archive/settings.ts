import type { CustomerRow } from '../../db/registry/rows.ts';
import type { Customer } from '../accounts/customers.ts';
import { type Actor, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { notFound } from '../http/problem.ts';
import { Refused } from '../http/refused.ts';

const usualMonthsLive = 18;
const usualHourMonths = 6;

export interface ArchiveSettings {
  /** Whole months that stay in the database; at least 1. */
  monthsLive: number;
  /** How many months longer than rows figures by the hour stay there; after that those by the day alone. */
  hourMonths: number;
  /** After how many months they are erased from the archive; null: never. */
  eraseMonths: number | null;
}

/** What the customer has chosen. */
export function archiveSettings(
  row: Pick<CustomerRow, 'archive_months_live' | 'archive_hour_months' | 'archive_erase_months'>,
): ArchiveSettings {
  return {
    monthsLive: row.archive_months_live ?? usualMonthsLive,
    hourMonths: row.archive_hour_months ?? usualHourMonths,
    eraseMonths: row.archive_erase_months,
  };
}

/** Changes it; the next turn goes by it. Throws `Refused` where months would be erased before they are in the archive. */
export async function setArchiveSettings(
  server: ServerContext,
  id: Customer['id'],
  { monthsLive, hourMonths, eraseMonths }: ArchiveSettings,
  actor: Actor,
): Promise<void> {
  const customers = server.registry<CustomerRow>('customers').where({ id });
  const customer = await customers.clone().first('name');
  if (!customer) throw notFound();
  const isWhole = [monthsLive, eraseMonths ?? 1, hourMonths + 1].every(
    (months) => Number.isInteger(months) && months >= 1 && months <= 1200,
  );
  if (!isWhole)
    throw new Refused('months are whole numbers from 1 to 1200; figures by the hour may go with the rows (0)');
  if (eraseMonths !== null && eraseMonths <= monthsLive) {
    throw new Refused(
      `erased after ${eraseMonths} months, none would ever be in the archive: it must be more than the ${monthsLive} that stay in the database`,
    );
  }
  await customers.update({
    archive_months_live: monthsLive,
    archive_hour_months: hourMonths,
    archive_erase_months: eraseMonths,
  });
  const entry = { at: server.now(), actor, action: 'archive-settings-changed', subject: customer.name } as const;
  await auditForBoth(server, id, { ...entry, detail: { monthsLive, hourMonths, eraseMonths } });
}
