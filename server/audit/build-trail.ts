import type { AuditRow } from '../../db/audit-table.ts';
import { hashOf } from './audit.ts';
import { firstHash } from './verify.ts';

/** For tests: rows of a trail as `audit` would have written them, from what they are to tell. */
export function chained(contents: readonly Partial<AuditRow>[]): AuditRow[] {
  let previous_hash = firstHash;
  return contents.map((content, i) => {
    const blank = {
      actor_kind: 'user',
      actor_id: null,
      actor_name: 'alice',
      action: 'signed-in',
      subject: null,
    } as const;
    const row = { ...blank, at: i, detail: null, ...content, id: i + 1, previous_hash };
    previous_hash = hashOf(row);
    return { ...row, hash: previous_hash };
  });
}
