import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { customerMigrations } from '../../db/customer/migrations.ts';
import { idTime, monthOf } from '../../db/customer/months.ts';
import type { EvidenceRow } from '../../db/customer/rows.ts';
import { runIdOf, runKey } from '../../db/customer/run-key.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { openDatabase } from '../../db/open-database.ts';
import type { ServerContext } from '../http/context.ts';
import { evidenceFolder, type Restored, restoredMonths } from './restore.ts';

/** Works with the database of a restored month, which is closed after; undefined where that month is not restored. */
export async function inRestored<T>(
  server: ServerContext,
  id: CustomerId,
  month: string,
  work: (db: CustomerDb, restored: Restored) => Promise<T>,
): Promise<T | undefined> {
  const found = restoredMonths(server, id).find((one) => one.month === month);
  if (!found) return undefined;
  const db = (await openDatabase(found.file, customerMigrations)) as CustomerDb;
  try {
    return await work(db, found);
  } finally {
    await db.destroy();
  }
}

/** The month in whose archive a run is, if it is in one: that of its id. */
export function monthOfRun(runId: string): string {
  return monthOf(idTime(runKey(runId))).name;
}

export interface RestoredFile {
  kind: EvidenceRow['kind'];
  mediaType: string;
  runId: string;
  bytes: number;
  content: Readable;
}

/** A file of evidence that came back with a month; undefined where none has it. */
export async function restoredEvidence(
  server: ServerContext,
  id: CustomerId,
  sha256: string,
): Promise<RestoredFile | undefined> {
  for (const { month, file } of restoredMonths(server, id)) {
    const path = join(evidenceFolder(file), sha256);
    const found = await stat(path).catch(() => undefined); // of another month, or not kept
    if (!found) continue;
    const row = await inRestored(server, id, month, (db) =>
      db<EvidenceRow>('evidence').where({ stored_sha256: sha256 }).first(),
    );
    if (!row) continue;
    const { kind, media_type, run_id } = row;
    const runId = runIdOf(run_id);
    return { kind, mediaType: media_type, runId, bytes: found.size, content: createReadStream(path) };
  }
  return undefined;
}
