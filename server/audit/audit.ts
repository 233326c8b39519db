import { createHash } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { AuditRow } from '../../db/audit-table.ts';
import type { CustomerDb, CustomerId, Customers } from '../../db/customers.ts';
import type { Registry } from '../../db/registry/registry.ts';

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
  action:
    | 'signed-in'
    | 'sign-in-failed'
    | 'signed-out'
    | 'customer-added'
    | 'customer-calendar-changed'
    | 'maintenance-added'
    | 'maintenance-removed'
    | 'customer-suspended'
    | 'customer-resumed'
    | 'customer-imported'
    | 'customer-erased'
    | 'database-server-added'
    | 'user-added'
    | 'enrolment-code-added'
    | 'enrolment-code-withdrawn'
    | 'sentinel-enrolled'
    | 'sentinel-revoked'
    | 'sentinel-retired'
    | 'authority-rotated'
    | 'sentinel-parked'
    | 'sentinel-copies-decided'
    | 'script-published'
    | 'monitor-added'
    | 'monitor-changed'
    | 'run-now-asked'
    | 'altered-run-refused'
    | 'evidence-removed';
  /** What it was done to, by name. */
  subject?: string;
  /** Nothing secret. */
  detail?: Record<string, unknown>;
}

/**
 * Adds an entry to the trail of this database, in the transaction of `db` if it is one. Each entry holds the hash of
 * the one before, so that taking one out or changing it shows: see `firstBroken`.
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
      actor_id: entry.actor.id ?? null,
      actor_name: entry.actor.name?.slice(0, 200) ?? null,
      action: entry.action,
      subject: entry.subject?.slice(0, 300) ?? null,
      detail: entry.detail ? JSON.stringify(entry.detail) : null,
      previous_hash: last?.hash ?? '0'.repeat(64),
    };
    await trx('audit').insert({ ...row, hash: hashOf(row) });
  });
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

/** The id of the first entry that is not as it was written, or whose predecessor is missing; undefined if all is well. */
export function firstBroken(rows: readonly AuditRow[]): number | undefined {
  let previous = '0'.repeat(64);
  for (const row of rows) {
    if (row.previous_hash !== previous || row.hash !== hashOf(row)) return row.id;
    previous = row.hash;
  }
  return undefined;
}

function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const { previous_hash, id, at, actor_kind, actor_id, actor_name, action, subject, detail } = row;
  const written = [previous_hash, id, at, actor_kind, actor_id, actor_name, action, subject, detail];
  return createHash('sha256').update(JSON.stringify(written)).digest('hex');
}
