import { atomically } from '../../db/atomically.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { MonitorRow, RejectedRunRow, RunRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { RunAnswer } from '../../sentinel/protocol/messages.ts';
import { audit } from '../audit/audit.ts';
import { type AddedRun, addToSealed } from '../rollups/add-to-sealed.ts';
import { type DirtyHour, markDirty } from '../rollups/dirty-hours.ts';
import { hourOf } from '../rollups/hours.ts';
import { keepTrialRuns } from '../trials/keep-trial-runs.ts';
import { inChunks } from './in-chunks.ts';
import { withKnownFiles } from './known-evidence.ts';
import {
  busyMoving,
  type ClosedMonths,
  closedMonths,
  filing,
  insertLate,
  lateHashes,
  type RowsOfRun,
} from './late-runs.ts';
import { type Reading, type ReadRun, readRun } from './read-run.ts';
import { settleRetries } from './retries.ts';
import { detailsRows } from './run-details.ts';
import { evidenceRows, requestedRows, resultRows, runRow } from './run-rows.ts';
import { transactionIds } from './transaction-ids.ts';

/** The sentinel that reports; its location is written on each run. */
export interface Reporter {
  id: string;
  locationId: string;
}

/** What one sentinel sent in one request, as it was read. */
export interface Batch {
  sentinel: Reporter;
  runs: readonly Reading[];
}

/**
 * Stores the runs of a sentinel, received at `now` (ms), and answers for each in order once all is committed. A run that
 * is here already is left as it is (`exists`), so a repeat is harmless; one that can't be taken is `rejected` alone.
 * Runs are filed by their corrected start, also when a clock is years off.
 */
export async function ingest(
  db: CustomerDb,
  sentinel: Reporter,
  runs: readonly unknown[],
  now: number,
): Promise<RunAnswer[]> {
  const batch = { sentinel, runs: runs.map((raw) => readRun(raw, sentinel.id)) };
  const [answers = []] = await ingestAll(db, [batch], now);
  return answers;
}

interface Entry {
  sentinel: Reporter;
  reading: Reading;
  answer: RunAnswer;
}

/** Stores several batches in one commit; answers for each batch in order. */
export async function ingestAll(db: CustomerDb, batches: readonly Batch[], now: number): Promise<RunAnswer[][]> {
  const entries = batches.map(({ sentinel, runs }) => runs.map((reading) => newEntry(sentinel, reading)));
  await atomically(db, async (trx) => {
    const closed = await closedMonths(trx);
    const [ofMonitors, ofTrials] = byKind(entries.flat());
    const fresh = await sortOut(trx, ofMonitors, closed);
    await keepTrialRuns(trx, ofTrials, now);
    await keepRejections(trx, entries.flat(), now);
    const { live, late } = await rowsOf(db, trx, fresh, now);
    await insertLive(trx, live);
    await insertLate(trx, late);
    const replaced = await settleRetries(
      trx,
      fresh.filter((one) => one.filed === 'live').map(({ read }) => read.run),
    );
    if (closed) await addToSealed(trx, [...live, ...late].flatMap(added));
    await markDirty(trx, [...fresh.map(({ read, sentinel }) => dirtyHour(read, sentinel)), ...replaced]);
  });
  return entries.map((batch) => batch.map((entry) => entry.answer));
}

function newEntry(sentinel: Reporter, reading: Reading): Entry {
  if (reading.ok) return { sentinel, reading, answer: { id: reading.read.run.id, status: 'stored' } };
  return { sentinel, reading, answer: { id: reading.id, status: 'rejected', reason: reading.reason } };
}

/** Runs of monitors, and runs of trials, which are in no figure. */
function byKind(entries: readonly Entry[]): [Entry[], (Entry & { reading: { ok: true } })[]] {
  const isTrial = (entry: Entry): entry is Entry & { reading: { ok: true } } =>
    entry.reading.ok && entry.reading.read.run.trialId !== undefined;
  return [entries.filter((entry) => !isTrial(entry)), entries.filter(isTrial)];
}

interface Fresh {
  sentinel: Reporter;
  read: ReadRun;
  filed: 'live' | 'late';
}

/** Writes each entry's answer, and returns those that are to be stored. */
async function sortOut(db: CustomerDb, entries: readonly Entry[], closed: ClosedMonths | null): Promise<Fresh[]> {
  const readable = entries.flatMap(({ reading }) => (reading.ok ? [reading.read] : []));
  const monitors = await knownMonitors(db, readable);
  const hashes = new Map([...(await lateHashes(db, readable, closed)), ...(await storedHashes(db, readable))]);
  const fresh: Fresh[] = [];
  for (const { reading, answer, sentinel } of entries) {
    if (!reading.ok) continue;
    const { run, contentHash } = reading.read;
    // Of a transaction that is done again nothing holds that was found the first time.
    Object.assign(answer, { status: 'stored' });
    delete answer.reason;
    const stored = hashes.get(run.id);
    if (!monitors.has(run.monitorId)) reject(answer, 'monitorId: there is no such monitor');
    else if (stored === undefined) {
      const filed = filing(reading.read, closed);
      if (filed === 'later') {
        Object.assign(answer, { status: 'later', reason: busyMoving });
        continue;
      }
      hashes.set(run.id, contentHash); // so that a second one in the same commit meets the first
      fresh.push({ sentinel, read: reading.read, filed });
    } else if (stored === null || contentHash.equals(stored)) answer.status = 'exists';
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
 * told in the trail, once: somebody altered it, or two machines make the same ids.
 */
async function keepRejections(db: CustomerDb, entries: readonly Entry[], now: number): Promise<void> {
  for (const { reading, answer, sentinel } of entries) {
    if (!reading.ok || answer.status !== 'rejected') continue;
    const key = { sentinel_id: sentinel.id, run_id: reading.read.key };
    const row: RejectedRunRow = { ...key, at: now, reason: answer.reason ?? '' };
    const isNews = answer.reason === alteredRun && !(await db('rejected_runs').where(key).first('at'));
    if (isNews) {
      const actor = { kind: 'sentinel', id: sentinel.id } as const;
      await audit(db, { at: now, actor, action: 'altered-run-refused', subject: reading.read.run.id });
    }
    await db('rejected_runs').insert(row).onConflict(['sentinel_id', 'run_id']).merge(['at', 'reason']);
  }
}

async function knownMonitors(db: CustomerDb, runs: readonly ReadRun[]): Promise<Set<string>> {
  const ids = [...new Set(runs.map(({ run }) => run.monitorId))];
  const rows: Pick<MonitorRow, 'id'>[] = await inChunks(ids, (some) => db('monitors').whereIn('id', some).select('id'));
  return new Set(rows.map((row) => row.id));
}

async function storedHashes(db: CustomerDb, runs: readonly ReadRun[]): Promise<Map<string, Uint8Array>> {
  const keys = runs.map(({ key }) => key);
  const rows: Pick<RunRow, 'id' | 'content_hash'>[] = await inChunks(keys, (some) =>
    db('runs').whereIn('id', some).select('id', 'content_hash'),
  );
  return new Map(rows.map((row) => [runIdOf(row.id), row.content_hash]));
}

interface Rows extends RowsOfRun {
  read: ReadRun;
  sentinel: Reporter;
}

async function rowsOf(db: CustomerDb, trx: CustomerDb, fresh: readonly Fresh[], now: number) {
  const ids = await transactionIds(
    db,
    trx,
    fresh.map(({ read }) => read),
  );
  const idOf = (monitorId: string) => (name: string) => {
    const id = ids.get(monitorId)?.get(name);
    if (id === undefined) throw new Error(`the transaction ${name} of monitor ${monitorId} was not given an id`);
    return id;
  };
  const [live, late]: [Rows[], Rows[]] = [[], []];
  for (const { read, sentinel, filed } of fresh) {
    const run = runRow(read, { sentinelId: sentinel.id, locationId: sentinel.locationId, receivedAt: now });
    // What it confirms may be in the archive, where nothing is changed: there the first of the two counts.
    if (filed === 'late' && run.retry_of !== null) run.counts = 0;
    const results = resultRows(read, idOf(read.run.monitorId));
    const all = { read, sentinel, run, results, evidence: evidenceRows(read), details: detailsRows(read) };
    (filed === 'late' ? late : live).push(all);
  }
  return { live, late: late.map(({ run, results, evidence, details }) => ({ run, results, evidence, details })) };
}

async function insertLive(trx: CustomerDb, all: readonly Rows[]): Promise<void> {
  const named = all.flatMap(({ evidence, sentinel }) => evidence.map((row) => ({ sentinelId: sentinel.id, row })));
  await insertAll(
    trx,
    'runs',
    all.map(({ run }) => run),
  );
  await insertAll(
    trx,
    'transaction_results',
    all.flatMap(({ results }) => results),
  );
  await insertAll(trx, 'evidence', await withKnownFiles(trx, named));
  await insertAll(
    trx,
    'requested_runs',
    all.flatMap(({ read, sentinel }) => requestedRows(read, sentinel.id)),
  );
  await insertAll(
    trx,
    'run_details',
    all.flatMap(({ details }) => details),
  );
}

/** As it is counted; none if another run counts in its place. */
function added({ run, results }: RowsOfRun): AddedRun[] {
  if (run.counts === 0) return [];
  const place = { sentinelId: run.sentinel_id, locationId: run.location_id, startedAt: run.started_at };
  const whole = { transactionId: 0, outcome: run.outcome, errorCode: run.error_code, timeUs: run.duration_us };
  const each = results.map((result) => ({
    ...{ transactionId: result.transaction_id, outcome: result.outcome },
    ...{ errorCode: result.error_code, timeUs: result.response_us },
  }));
  return [{ monitorId: run.monitor_id, ...place, results: [whole, ...each].map((one) => ({ ...place, ...one })) }];
}

function dirtyHour(read: ReadRun, sentinel: Reporter): DirtyHour {
  return { hour: hourOf(read.startedAt), monitor_id: read.run.monitorId, sentinel_id: sentinel.id };
}
