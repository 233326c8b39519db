import { createHash } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { AuditRow } from '../../db/audit-table.ts';
import type { CustomerDb, CustomerId, Customers } from '../../db/customers.ts';
import type { Registry } from '../../db/registry/registry.ts';
import { storable } from '../../db/storable.ts';
import type { Action } from './actions.ts';

/** Who did something. `server` is whoever may use the server's command line. */
export interface Actor {
  kind: AuditRow['actor_kind'];
  id?: string;
  name?: string;
}

export const commandLine: Actor = { kind: 'server', name: 'command line' };

export interface AuditEntry {
  at: number;
  actor: Actor;
  action: Action;
  /** What it was done to, by name. */
  subject?: string;
  /** Nothing secret. */
  detail?: Record<string, unknown>;
}

/**
 * Adds an entry to the trail of this database, in the transaction of `db` if it is one. Each entry holds the hash of
 * the one before, so that taking one out or changing it shows: see `verifyTrail`.
 */
export async function audit(db: Registry | CustomerDb, entry: AuditEntry): Promise<void> {
  await atomically(db, async (trx) => {
    const last: Pick<AuditRow, 'id' | 'hash'> | undefined = await trx('audit')
      .orderBy('id', 'desc')
      .first('id', 'hash');
    const row = {
      id: (last?.id ?? 0) + 1,
      at: entry.at,
      actor_kind: entry.actor.kind,
      actor_id: kept(entry.actor.id, 100),
      actor_name: kept(entry.actor.name, 200),
      action: entry.action,
      subject: kept(entry.subject, 300),
      detail: entry.detail ? JSON.stringify(entry.detail) : null,
      previous_hash: last?.hash ?? '0'.repeat(64),
    };
    await trx('audit').insert({ ...row, hash: hashOf(row) });
  });
}

/** As it will be read again, so that its hash is that of what is kept; names come from strangers. */
function kept(text: string | undefined, most: number): string | null {
  return text === undefined ? null : storable(text.slice(0, most));
}

/**
 * Adds an entry to the provider's trail in the registry, and if it is about a customer to that customer's own, where the
 * customer sees it.
 */
export async function auditForBoth(server: Databases, customerId: CustomerId | null, entry: AuditEntry): Promise<void> {
  await audit(server.registry, entry);
  if (customerId) await server.customers.use(customerId, (db) => audit(db, entry));
}

interface Databases {
  registry: Registry;
  customers: Customers;
}

/** SHA-256 over the whole entry and the hash of the one before, which it therefore stands for too. */
export function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const { previous_hash, id, at, actor_kind, actor_id, actor_name, action, subject, detail } = row;
  const written = [previous_hash, id, at, actor_kind, actor_id, actor_name, action, subject, detail];
  return createHash('sha256').update(JSON.stringify(written)).digest('hex');
}
