import type { CustomerRow } from '../../db/registry/rows.ts';
import { type Actor, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { notFound } from '../http/problem.ts';
import type { Customer } from './customers.ts';

/** Whose passwords are renewed every 90 days: everybody's, or those that no second factor stands beside. */
export const renewals = ['all', 'without-second-factor'] as const;
export type Renewal = (typeof renewals)[number];

/** What the customer has chosen. */
export async function passwordRenewal({ registry }: ServerContext, id: Customer['id']): Promise<Renewal> {
  const row = await registry<CustomerRow>('customers').where({ id }).first('password_renewal');
  return row?.password_renewal ?? 'all';
}

/** Changes it; it counts at once. */
export async function setPasswordRenewal(
  server: ServerContext,
  id: Customer['id'],
  renewal: Renewal,
  actor: Actor,
): Promise<void> {
  const customers = server.registry<CustomerRow>('customers').where({ id });
  const customer = await customers.clone().first('name');
  if (!customer) throw notFound();
  await customers.update({ password_renewal: renewal === 'all' ? null : renewal });
  const entry = { at: server.now(), actor, action: 'password-renewal-changed', subject: customer.name } as const;
  await auditForBoth(server, id, { ...entry, detail: { renewal } });
}
