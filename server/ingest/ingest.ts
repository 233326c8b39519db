import { atomically } from '../../db/atomically.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { isMysql, type Place } from '../../db/engines/dialect.ts';
import { isDuplicate } from '../../db/engines/mysql-errors.ts';
import type { RunAnswer } from '../../sentinel/protocol/messages.ts';
import { type AddedRun, addToSealed } from '../rollups/add-to-sealed.ts';
import { type DirtyHour, markDirty } from '../rollups/dirty-hours.ts';
import { groupOf } from '../rollups/failures-of-hour.ts';
import { hourOf } from '../rollups/hours.ts';
import { keepTrialRuns } from '../trials/keep-trial-runs.ts';
import { insertLive, rowsOf } from './insert-runs.ts';
import { type ClosedMonths, insertLate, type RowsOfRun } from './late-runs.ts';
import { type Reading, type ReadRun, readRun } from './read-run.ts';
import { type Reporter, reportersAndMonths } from './reporters.ts';
import { settleRetries } from './retries.ts';
import { type Entry, type Fresh, keepRejections, newEntry, sortOut } from './sort-out.ts';

/** What one sentinel sent in one request, as it was read. */
export interface Batch {
  sentinelId: string;
  runs: readonly Reading[];
}

/**
 * Stores the runs of a sentinel, received at `now` (ms), and answers for each in order once all is committed. A run that
 * is here already is left as it is (`exists`), so a repeat is harmless; one that can't be taken is `rejected` alone.
 * Runs are filed by their corrected start, also when a clock is years off.
 */
export async function ingest(
  db: CustomerDb,
  { id }: Pick<Reporter, 'id'>,
  runs: readonly unknown[],
  now: number,
): Promise<RunAnswer[]> {
  const batch = { sentinelId: id, runs: runs.map((raw) => readRun(raw, id)) };
  const [answers = []] = await ingestAll(db, [batch], now);
  return answers;
}

/** Stores several batches in one commit; answers for each batch in order. Throws a 401 where one of the sentinels is not there. */
export async function ingestAll(db: CustomerDb, batches: readonly Batch[], now: number): Promise<RunAnswer[][]> {
  const entries = batches.map(({ sentinelId, runs }) => runs.map((reading) => newEntry(sentinelId, reading)));
  await storeAll(db, entries.flat(), now);
  return entries.map((batch) => batch.map((entry) => entry.answer));
}

/**
 * Where nothing is done but to add rows, other commits may do so at the same time: of two that add one row the database
 * lets one through. The other begins anew, alone, and finds it there.
 */
async function storeAll(db: CustomerDb, entries: readonly Entry[], now: number): Promise<void> {
  const inPlace = (place: Place) => atomically(db, (trx) => store(db, trx, { entries, now, place }), place);
  if (!isMysql(db) || !entries.every(isPlain)) return inPlace('alone');
  try {
    await inPlace('beside others');
  } catch (error) {
    if (!(error instanceof NotPlain || isDuplicate(error))) throw error;
    await inPlace('alone');
  }
}

/** Ends a transaction that has more to do than to add rows. */
class NotPlain extends Error {}

/** Whether a run is stored by adding rows, as far as it tells itself: of two that confirm each other one must see the other. */
function isPlain({ reading }: Entry): boolean {
  if (!reading.ok) return false;
  const { retryOf, retriedBy, trialId } = reading.read.run;
  return retryOf === undefined && retriedBy === undefined && trialId === undefined;
}

interface Storing {
  entries: readonly Entry[];
  now: number;
  place: Place;
}

async function store(db: CustomerDb, trx: CustomerDb, { entries, now, place }: Storing): Promise<void> {
  const known = await reportersAndMonths(trx, new Set(entries.map(({ sentinelId }) => sentinelId)));
  const { closed } = known;
  const [ofMonitors, ofTrials] = byKind(entries);
  const fresh = await sortOut(db, trx, ofMonitors, known, place);
  if (place === 'beside others' && !areAdded(entries, fresh, closed)) throw new NotPlain();
  await keepTrialRuns(trx, ofTrials, now);
  await keepRejections(trx, entries, now);
  const { live, late } = await rowsOf(db, trx, fresh, now);
  await insertLive(trx, live);
  await insertLate(trx, late);
  const replaced = await settleRetries(
    trx,
    fresh.filter((one) => one.filed === 'live').map(({ read }) => read.run),
  );
  if (closed) await addToSealed(trx, [...live, ...late].flatMap(added));
  await markDirty(trx, [...fresh.map(({ read, sentinel }) => dirtyHour(read, sentinel)), ...replaced]);
}

/** Whether nothing is to be told in the trail, nor to be added to hours that are sealed. */
function areAdded(entries: readonly Entry[], fresh: readonly Fresh[], closed: ClosedMonths | null): boolean {
  const isRefused = entries.some(({ answer }) => answer.status === 'rejected');
  return !isRefused && !fresh.some(({ read }) => closed && read.startedAt < closed.until);
}

/** Runs of monitors, and runs of trials, which are in no figure. */
function byKind(entries: readonly Entry[]): [Entry[], (Entry & { reading: { ok: true } })[]] {
  const isTrial = (entry: Entry): entry is Entry & { reading: { ok: true } } =>
    entry.reading.ok && entry.reading.read.run.trialId !== undefined;
  return [entries.filter((entry) => !isTrial(entry)), entries.filter(isTrial)];
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
  const own = { monitorId: run.monitor_id, ...place, failure: failureOf({ run, results }) };
  return [{ ...own, results: [whole, ...each].map((one) => ({ ...place, ...one })) }];
}

function failureOf({ run, results }: Pick<RowsOfRun, 'run' | 'results'>): AddedRun['failure'] {
  if (!isWrong(run)) return null;
  return { runKey: run.id, group: groupOf(run.monitor_id, run, results.find(isWrong)) };
}

function isWrong({ outcome }: { outcome: string }): boolean {
  return outcome === 'failed' || outcome === 'errored';
}

function dirtyHour(read: ReadRun, sentinel: Reporter): DirtyHour {
  return { hour: hourOf(read.startedAt), monitor_id: read.run.monitorId, sentinel_id: sentinel.id };
}
