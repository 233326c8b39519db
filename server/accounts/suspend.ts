import type { CustomerRow } from '../../db/registry/rows.ts';
import { tellChange } from '../assignments/changes.ts';
import { auditForBoth, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import type { Customer } from './customers.ts';

/**
 * Lets nobody of the customer in from now on, neither users nor sentinels, which keep their results meanwhile. All data
 * stays. `why` is what users are told. Throws `Refused` if it is so already.
 */
export async function suspendCustomer(server: ServerContext, customer: Customer, why?: string): Promise<void> {
  if (why !== undefined && why.length > 300) throw new Refused('the reason has at most 300 characters');
  const row = { suspended_at: server.now(), suspended_why: why ?? null };
  if (!(await change(server, customer, { from: 'in', row }))) {
    throw new Refused(`the customer "${customer.name}" is suspended already`);
  }
}

/** Lets users and sentinels in again. Throws `Refused` if they are already. */
export async function resumeCustomer(server: ServerContext, customer: Customer): Promise<void> {
  if (!(await change(server, customer, { from: 'out', row: { suspended_at: null, suspended_why: null } }))) {
    throw new Refused(`the customer "${customer.name}" is not suspended`);
  }
}

interface Change {
  from: 'in' | 'out';
  row: Pick<CustomerRow, 'suspended_at' | 'suspended_why'>;
}

async function change(server: ServerContext, { id, name }: Customer, { from, row }: Change): Promise<boolean> {
  const customers = server.registry<CustomerRow>('customers').where({ id });
  const changed = await (from === 'in'
    ? customers.whereNull('suspended_at')
    : customers.whereNotNull('suspended_at')
  ).update(row);
  if (changed === 0) return false;
  await tellChange(server, id); // requests that its sentinels have open end now
  const action = from === 'in' ? 'customer-suspended' : 'customer-resumed';
  const detail = row.suspended_why === null ? {} : { detail: { why: row.suspended_why } };
  await auditForBoth(server, id, { at: server.now(), actor: commandLine, action, subject: name, ...detail });
  return true;
}
