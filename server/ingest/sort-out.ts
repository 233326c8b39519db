import type { MonitorRow, RejectedRunRow, RunRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Place } from '../../db/engines/dialect.ts';
import { inChunks } from '../../db/in-chunks.ts';
import type { RunAnswer } from '../../sentinel/protocol/messages.ts';
import { audit } from '../audit/audit.ts';
import { busyMoving, type ClosedMonths, filing, lateHashes } from './late-runs.ts';
import type { Reading, ReadRun } from './read-run.ts';
import type { Reporter } from './reporters.ts';
import { rememberedMonitors } from './transaction-ids.ts';

/** One run of a batch, and what is answered for it. */
export interface Entry {
  sentinelId: string;
  reading: Reading;
  answer: RunAnswer;
}

export function newEntry(sentinelId: string, reading: Reading): Entry {
  if (reading.ok) return { sentinelId, reading, answer: { id: reading.read.run.id, status: 'stored' } };
  return { sentinelId, reading, answer: { id: reading.id, status: 'rejected', reason: reading.reason } };
}

/** A run that is to be stored. */
export interface Fresh {
  sentinel: Reporter;
  read: ReadRun;
  filed: 'live' | 'late';
}

/**
 * Writes each entry's answer, and returns those that are to be stored. `beside others` it is not looked which are stored
 * already or come twice: that is seen when they are added, and seldom. `trx` is a transaction on `db`.
 */
export async function sortOut(
  db: CustomerDb,
  trx: CustomerDb,
  entries: readonly Entry[],
  { reporterOf, closed }: { reporterOf: (sentinelId: string) => Reporter; closed: ClosedMonths | null },
  place: Place,
): Promise<Fresh[]> {
  const readable = entries.flatMap(({ reading }) => (reading.ok ? [reading.read] : []));
  const isThere = await monitorsOf(db, trx, readable);
  const stored = place === 'alone' ? await storedHashes(trx, readable) : [];
  const hashes = new Map([...(await lateHashes(trx, readable, closed)), ...stored]);
  const fresh: Fresh[] = [];
  for (const { reading, answer, sentinelId } of entries) {
    if (!reading.ok) continue;
    const { run, contentHash } = reading.read;
    // Of a transaction that is done again nothing holds that was found the first time.
    Object.assign(answer, { status: 'stored' });
    delete answer.reason;
    const known = hashes.size > 0 ? hashes.get(run.id) : undefined;
    // What is here is compared first: nothing that a run says of itself lets another under its id pass unnoticed.
    if (known === undefined) {
      if (!isThere(run.monitorId)) {
        reject(answer, 'monitorId: there is no such monitor');
        continue;
      }
      const filed = filing(reading.read, closed);
      if (filed === 'later') {
        Object.assign(answer, { status: 'later', reason: busyMoving });
        continue;
      }
      if (place === 'alone') hashes.set(run.id, contentHash); // so that a second one in the same commit meets the first
      fresh.push({ sentinel: reporterOf(sentinelId), read: reading.read, filed });
    } else if (known === null || contentHash.equals(known)) answer.status = 'exists';
    else reject(answer, alteredRun);
  }
  return fresh;
}

function reject(answer: RunAnswer, reason: string): void {
  Object.assign(answer, { status: 'rejected', reason });
}

const alteredRun = 'id: another run with this id is stored already';

/**
 * The administrator of the server sees what was refused, as the sentinel's does. What came under the id of another run is
 * told in the trail, once, and stays the reason: somebody altered it, or two machines make the same ids.
 */
export async function keepRejections(db: CustomerDb, entries: readonly Entry[], now: number): Promise<void> {
  for (const { reading, answer, sentinelId } of entries) {
    if (!reading.ok || answer.status !== 'rejected') continue;
    const key = { sentinel_id: sentinelId, run_id: reading.read.key };
    const row: RejectedRunRow = { ...key, at: now, reason: answer.reason ?? '' };
    const isTold = Boolean(
      await db('rejected_runs')
        .where({ ...key, reason: alteredRun })
        .first('at'),
    );
    if (answer.reason === alteredRun && !isTold) {
      const actor = { kind: 'sentinel', id: sentinelId } as const;
      await audit(db, { at: now, actor, action: 'altered-run-refused', subject: reading.read.run.id });
    }
    const renewed = isTold ? ['at' as const] : ['at' as const, 'reason' as const];
    await db('rejected_runs').insert(row).onConflict(['sentinel_id', 'run_id']).merge(renewed);
  }
}

/** Says of the monitors of these runs which are there. */
async function monitorsOf(
  db: CustomerDb,
  trx: CustomerDb,
  runs: readonly ReadRun[],
): Promise<(monitorId: string) => boolean> {
  const remembered = rememberedMonitors(db);
  const others = [...new Set(runs.map(({ run }) => run.monitorId))].filter((id) => !remembered.has(id));
  const rows: Pick<MonitorRow, 'id'>[] = await inChunks(others, (some) =>
    trx('monitors').whereIn('id', some).select('id'),
  );
  const found = new Set(rows.map(({ id }) => id));
  return (id) => remembered.has(id) || found.has(id);
}

async function storedHashes(db: CustomerDb, runs: readonly ReadRun[]): Promise<Map<string, Uint8Array>> {
  const keys = runs.map(({ key }) => key);
  const rows: Pick<RunRow, 'id' | 'content_hash'>[] = await inChunks(keys, (some) =>
    db('runs').whereIn('id', some).select('id', 'content_hash'),
  );
  return new Map(rows.map((row) => [runIdOf(row.id), row.content_hash]));
}
