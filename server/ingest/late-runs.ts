import type { Knex } from 'knex';
import { insertAll } from '../../db/customer/insert-all.ts';
import { idTime, monthOf } from '../../db/customer/months.ts';
import type { ArchivedRunsRow, EvidenceRow, LateRunRow, RunRow, TransactionResultRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import { hourOf } from '../rollups/hours.ts';
import type { ReadRun } from './read-run.ts';

/** The months that are closed: instants from the first's beginning to the last's end, and whether one is being moved. */
export interface ClosedMonths {
  from: number;
  until: number;
  isMoving: boolean;
}

/** One row, which `closedIn` reads. */
export function monthsClosed(db: CustomerDb): Knex.QueryBuilder {
  return db('archive_months')
    .where({ part: 0 })
    .min({ first: 'from_at' })
    .max({ last: 'from_at' })
    .sum({ moving: db.raw("case when state in ('closed', 'sealed', 'removing') then 1 else 0 end") });
}

/** Null: none is. */
export function closedIn(row: {
  first: number | null;
  last: number | null;
  moving: number | null;
}): ClosedMonths | null {
  if (row.first === null || row.last === null) return null;
  return { from: row.first, until: monthOf(row.last).to, isMoving: Number(row.moving) > 0 };
}

/**
 * Where a run goes. `late` is one whose month is closed. One whose id alone says so comes of a clock that is off, and is
 * filed by its corrected start as ever; but `later`, while a month is taken out of the tables.
 */
export function filing({ key, startedAt }: ReadRun, closed: ClosedMonths | null): 'live' | 'late' | 'later' {
  const at = idTime(key);
  if (!closed || at < closed.from || at >= closed.until) return 'live';
  if (startedAt < closed.until) return 'late';
  return closed.isMoving ? 'later' : 'live';
}

export const busyMoving = 'months are being moved into the archive; send it again later';

/** Content hashes of late runs by id, of those that are here; of those that are in the archive: null. */
export async function lateHashes(
  db: CustomerDb,
  runs: readonly ReadRun[],
  closed: ClosedMonths | null,
): Promise<Map<string, Uint8Array | null>> {
  const keys = runs
    .map(({ key }) => key)
    .filter((key) => closed && idTime(key) >= closed.from && idTime(key) < closed.until);
  const found = new Map<string, Uint8Array | null>();
  const hours = [...new Set(keys.map((key) => hourOf(idTime(key))))];
  const wanted = new Set(keys.map((key) => key.toString('hex')));
  const archived: ArchivedRunsRow[] = await inChunks(hours, (some) => db('archived_runs').whereIn('hour', some));
  for (const { ids } of archived) {
    const hex = Buffer.from(ids).toString('hex');
    for (let at = 0; at < hex.length; at += 32) {
      const id = hex.slice(at, at + 32);
      if (wanted.has(id)) found.set(runIdOf(Buffer.from(id, 'hex')), null);
    }
  }
  const late: Pick<LateRunRow, 'id' | 'content_hash'>[] = await inChunks(keys, (some) =>
    db('late_runs').whereIn('id', some).select('id', 'content_hash'),
  );
  for (const { id, content_hash } of late) found.set(runIdOf(id), content_hash);
  return found;
}

/** All rows of a run. */
export interface RowsOfRun {
  run: RunRow;
  results: readonly TransactionResultRow[];
  evidence: readonly EvidenceRow[];
}

/** Keeps runs for the next supplement of their months. Their evidence is not asked for. */
export async function insertLate(db: CustomerDb, runs: readonly RowsOfRun[]): Promise<void> {
  const rows = runs.map((all): LateRunRow => {
    const { id, content_hash } = all.run;
    const evidence_missing = all.evidence.length > 0 ? cameLate : all.run.evidence_missing;
    const content = JSON.stringify({ ...all, run: { ...all.run, evidence_missing } }, hexadecimal);
    return { id, from_at: monthOf(idTime(id)).from, part: 0, content_hash, content };
  });
  await insertAll(db, 'late_runs', rows);
}

const cameLate = 'the run came after its month had gone into the archive';

/** Bytes become texts. A Buffer has made itself an object before it is asked here. */
function hexadecimal(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const own = this[key];
  return own instanceof Uint8Array ? Buffer.from(own).toString('hex') : value;
}
