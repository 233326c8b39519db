import { z } from 'zod';
import type { AuditRow } from '../../db/audit-table.ts';
import { told } from './actions.ts';

/** An entry of the trail as it leaves the server. */
export const Entry = z.object({
  /** Counts from 1, without gaps. */
  id: z.int().positive(),
  at: z.int(),
  actor: z.object({
    kind: z.enum(['user', 'operator', 'token', 'sentinel', 'server']),
    id: z.string().nullable(),
    name: z.string().nullable(),
  }),
  action: z.string(),
  /** What it was done to, by name. */
  subject: z.string().nullable(),
  /** More of it, depending on the action. */
  detail: z.record(z.string(), z.unknown()),
  /** Action and subject as a person reads them, after the actor's name. */
  told: z.string(),
  /** SHA-256 of the entry, and of the one before, which is in it. */
  hash: z.string(),
  previousHash: z.string(),
});
export type Entry = z.infer<typeof Entry>;

export function presentEntry(row: AuditRow): Entry {
  const { id, at, actor_kind: kind, actor_id, actor_name, action, subject, detail, hash, previous_hash } = row;
  return {
    ...{ id, at, actor: { kind, id: actor_id, name: actor_name }, action, subject },
    ...{ detail: JSON.parse(detail ?? '{}'), told: told(action, subject), hash, previousHash: previous_hash },
  };
}
