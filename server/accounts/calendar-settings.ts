import type { CustomerRow } from '../../db/registry/rows.ts';
import { HoursFault, readHours } from '../../sentinel/protocol/hours.ts';
import { auditForBoth, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import type { Customer } from './customers.ts';

export interface CalendarWish {
  timeZone?: string;
  businessHours?: string;
}

/**
 * Changes by which clock a customer's days are reckoned, and which hours of a week are business hours. Its rollups are
 * made anew by the server that holds their lease, within minutes. Throws `Refused`.
 */
export async function setCalendar(server: ServerContext, { id, name }: Customer, wish: CalendarWish): Promise<void> {
  const { timeZone, businessHours } = wish;
  if (businessHours !== undefined) refuseParts(businessHours);
  const row = {
    ...(timeZone !== undefined && { time_zone: timeZone }),
    ...(businessHours !== undefined && { business_hours: businessHours }),
  };
  await server.registry<CustomerRow>('customers').where({ id }).update(row);
  const entry = { at: server.now(), actor: commandLine, subject: name, detail: { ...wish } };
  await auditForBoth(server, id, { ...entry, action: 'customer-calendar-changed' });
}

/** What is kept are hours, so parts of one can't be told apart. */
function refuseParts(text: string): void {
  try {
    if (readHours(text).every(({ from, to }) => from % 60 === 0 && to % 60 === 0)) return;
  } catch (error) {
    throw error instanceof HoursFault ? new Refused(error.message) : error;
  }
  throw new Refused('business hours begin and end on the full hour, as in "mon-fri 08:00-18:00"');
}
