import type { EvidenceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** A file that a run names, and the sentinel whose run it is. */
export interface Named<Row = EvidenceRow> {
  sentinelId: string;
  row: Row;
}

type Stored = Pick<EvidenceRow, 'stored_sha256' | 'media_type' | 'bytes' | 'width' | 'height'>;

/**
 * The rows, with what is stored already where the same sentinel sent a file of that hash before: it does not send it again
 * for each of a storm of identical failures.
 */
export async function withKnownFiles<Row extends Pick<EvidenceRow, 'kind' | 'sent_sha256'>>(
  db: CustomerDb,
  named: readonly Named<Row>[],
): Promise<Row[]> {
  const known = new Map<string, Stored | undefined>();
  const rows: Row[] = [];
  for (const one of named) {
    const key = `${one.sentinelId} ${one.row.kind} ${one.row.sent_sha256}`;
    if (!known.has(key)) known.set(key, await storedFile(db, one));
    rows.push({ ...one.row, ...known.get(key) });
  }
  return rows;
}

/** One row is enough: a storm may have left thousands that say the same. */
async function storedFile(
  db: CustomerDb,
  { sentinelId, row }: Named<Pick<EvidenceRow, 'kind' | 'sent_sha256'>>,
): Promise<Stored | undefined> {
  const asked = { sent_sha256: row.sent_sha256, kind: row.kind, sentinel_id: sentinelId };
  const columns = ['stored_sha256', 'media_type', 'bytes', 'width', 'height'] as const;
  const ofRun: Stored | undefined = await db('evidence')
    .join('runs', 'runs.id', 'evidence.run_id')
    .where(asked)
    .whereNotNull('stored_sha256')
    .first(...columns);
  if (ofRun) return ofRun;
  const ofTrial: Stored | undefined = await db('trial_evidence')
    .join('trials', 'trials.id', 'trial_evidence.trial_id')
    .where(asked)
    .whereNotNull('stored_sha256')
    .first(...columns);
  if (ofTrial) return ofTrial;
  return db('passed_pictures')
    .where(asked)
    .whereNotNull('stored_sha256')
    .first<Stored | undefined>(...columns);
}
