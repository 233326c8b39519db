import { randomUUID } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { CustomerRow, GrantRow } from '../../db/registry/rows.ts';
import { type Actor, audit, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { permissionsOf } from '../http/permissions.ts';
import type { Grant } from './shapes.ts';

/** Why an operator looks into a customer, and for how long. */
export interface GrantWish {
  reason: string;
  ticket?: string | null | undefined;
  lifeMs: number;
  /** Without, the operator only reads. */
  mayChange: boolean;
}

type Operator = Required<Actor>;
type Entered = Pick<CustomerRow, 'id' | 'name'>;

/** An operator enters a customer, and leaves it by then at the latest. Who is inside already enters anew: the last grant counts. */
export async function enterCustomer(
  server: ServerContext,
  operator: Operator,
  customer: Entered,
  { reason, ticket = null, lifeMs, mayChange }: GrantWish,
): Promise<GrantRow> {
  const at = server.now();
  const grant: GrantRow = {
    ...{ id: randomUUID(), operator_id: operator.id, customer_id: customer.id, reason, ticket },
    ...{ may_change: mayChange ? 1 : 0, began_at: at, ends_at: at + lifeMs, ended_at: null },
  };
  // Written down before it is so: an entry that led to nothing does no harm, and one that is missing would.
  const entry = { at, actor: operator, action: 'operator-entered', subject: customer.name } as const;
  await auditForBoth(server, customer.id, { ...entry, detail: { ...whyOf(grant), mayChange } });
  await atomically(server.registry, async (registry) => {
    const before = { operator_id: operator.id, customer_id: customer.id, ended_at: null };
    await registry<GrantRow>('operator_grants').where(before).where('ends_at', '>', at).update({ ended_at: at });
    await registry('operator_grants').insert(grant);
  });
  return grant;
}

/** The operator leaves before the time is over; false if they were not inside. */
export async function leaveCustomer(server: ServerContext, operator: Operator, customer: Entered): Promise<boolean> {
  const at = server.now();
  const left = await openGrant(server, operator.id, customer.id);
  if (!left) return false;
  const theirs = { operator_id: operator.id, customer_id: customer.id, ended_at: null };
  await server.registry<GrantRow>('operator_grants').where(theirs).where('ends_at', '>', at).update({ ended_at: at });
  const entry = { at, actor: operator, action: 'operator-left', subject: customer.name } as const;
  await auditForBoth(server, customer.id, { ...entry, detail: whyOf(left) });
  return true;
}

/** The grant under which an operator is inside a customer now. */
export function openGrant(
  server: ServerContext,
  operatorId: string,
  customerId: string,
): Promise<GrantRow | undefined> {
  const theirs = { operator_id: operatorId, customer_id: customerId, ended_at: null };
  return server.registry('operator_grants').where(theirs).where('ends_at', '>', server.now()).first();
}

/** All under which an operator is inside customers now, those that end first first. */
export async function openGrants(server: ServerContext, operatorId: string): Promise<(GrantRow & EnteredCustomer)[]> {
  return server
    .registry('operator_grants')
    .join('customers', 'customers.id', 'operator_grants.customer_id')
    .where({ operator_id: operatorId, ended_at: null })
    .where('ends_at', '>', server.now())
    .orderBy('ends_at')
    .select('operator_grants.*', 'customers.name', 'customers.time_zone');
}

type EnteredCustomer = Pick<CustomerRow, 'name' | 'time_zone'>;

/** As the console is told of it. */
export function presentGrant(row: GrantRow & EnteredCustomer): Grant {
  const mayChange = row.may_change === 1;
  return {
    customer: { id: row.customer_id, name: row.name, timeZone: row.time_zone },
    ...{ reason: row.reason, ticket: row.ticket, mayChange, endsAt: row.ends_at },
    may: permissionsOf(mayChange ? 'changing' : 'reading'),
  };
}

/** Writes into the customer's own trail what an operator was shown: `path` below the customer, and `what` in words. */
export async function tellOpened(
  server: ServerContext,
  grant: GrantRow,
  { actor, path, what: subject = '' }: { actor: Actor; path: string; what: string | undefined },
): Promise<void> {
  const entry = { at: server.now(), actor, action: 'operator-opened', subject } as const;
  await server.customers.use(grant.customer_id, (db) => audit(db, { ...entry, detail: { path, ...whyOf(grant) } }));
}

function whyOf({ id, reason, ticket, ends_at }: GrantRow) {
  return { reason, ticket, until: ends_at, grant: id };
}
