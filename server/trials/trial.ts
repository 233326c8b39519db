import type { TrialEvidenceRow, TrialRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { Outcome, Run, type RunError } from '../../sentinel/protocol/messages.ts';
import type { RunAnswer } from '../reports/shapes.ts';
import { shownError } from '../reports/shown-error.ts';
import type { TrialAnswer, TrialsAnswer } from './shapes.ts';

type Row = TrialRow & { sentinel: string; location: string };
const mostListed = 20;

/** A trial as it stands at `now` (ms), with its run once that is here; undefined when the customer has no such. */
export async function trial(
  db: CustomerDb,
  id: string,
  now: number,
  urlOf: (sha256: string) => string,
): Promise<TrialAnswer | undefined> {
  const [row]: Row[] = await rows(db).where('trials.id', id);
  if (!row) return undefined;
  const files = await db<TrialEvidenceRow>('trial_evidence').where({ trial_id: id }).orderBy('position');
  return {
    ...summaryOf(row, now),
    run: row.run === null ? null : presentRun(row, Run.parse(JSON.parse(row.run)), files, urlOf),
  };
}

/** The newest trials of a script's drafts, or of all, as they stand at `now` (ms), of those that are still kept. */
export async function trialsOf(
  db: CustomerDb,
  script: string | undefined,
  now: number,
): Promise<TrialsAnswer['trials']> {
  const ofScript = script === undefined ? {} : { 'trials.script': script };
  const newest: Row[] = await rows(db).where(ofScript).orderBy('asked_at', 'desc').limit(mostListed);
  return newest.map((row) => ({ ...summaryOf(row, now), outcome: row.run === null ? null : outcomeOf(row.run) }));
}

function rows(db: CustomerDb) {
  return db('trials')
    .join('sentinels', 'sentinels.id', 'trials.sentinel_id')
    .join('locations', 'locations.id', 'sentinels.location_id')
    .select('trials.*', { sentinel: 'sentinels.name', location: 'locations.name' });
}

function outcomeOf(run: string): Outcome {
  return Outcome.parse(JSON.parse(run).outcome);
}

function summaryOf(row: Row, now: number): Omit<TrialAnswer, 'run'> {
  return {
    ...{ id: row.id, script: row.script, sentinel: sentinelOf(row) },
    ...{ askedBy: row.asked_by, askedAt: row.asked_at, until: row.until_at },
    state: stateOf(row, now),
  };
}

function stateOf({ run, until_at, fetched_at }: TrialRow, now: number): TrialAnswer['state'] {
  if (run !== null) return 'done';
  if (now >= until_at) return 'expired';
  return fetched_at === null ? 'asked' : 'fetched';
}

function sentinelOf({ sentinel_id: id, sentinel: name, location }: Row): TrialAnswer['sentinel'] {
  return { id, name, location };
}

function presentRun(
  row: Row,
  run: Run,
  files: readonly TrialEvidenceRow[],
  urlOf: (sha256: string) => string,
): RunAnswer {
  const error = (found: RunError | undefined) => shownError(errorColumns(found), row.bundle);
  return {
    id: run.id,
    ...{ retryOf: null, retriedBy: null, counts: false },
    monitor: { id: row.id, name: row.script },
    sentinel: sentinelOf(row),
    startedAt: run.startedAt + (run.clockOffsetMs ?? 0),
    sentinelStartedAt: run.startedAt,
    receivedAt: row.received_at ?? row.asked_at,
    dueAt: row.asked_at,
    clockOffsetMs: run.clockOffsetMs ?? null,
    durationUs: run.durationUs,
    outcome: run.outcome,
    reason: run.reason ?? null,
    error: error(run.error),
    transactions: run.transactions.map((transaction) => ({
      ...{ name: transaction.name, outcome: transaction.outcome },
      ...{ startUs: transaction.startUs, durationUs: transaction.durationUs },
      responseUs: transaction.responseUs ?? null,
      error: error(transaction.error),
      reason: transaction.reason ?? null,
      pageLoads: transaction.pageLoads ?? [],
    })),
    evidence: files.flatMap(({ kind, stored_sha256, media_type: mediaType, bytes, width, height }) =>
      stored_sha256 === null ? [] : { kind, url: urlOf(stored_sha256), mediaType, bytes, width, height },
    ),
    evidenceMissing: run.evidenceMissing ?? null,
    passedPicture: null,
    noPassedPicture: null,
    sandboxLevel: run.sandboxLevel ?? null,
    browser: run.browser ?? null,
    page: run.page ?? null,
    host: run.host ?? null,
    usage: run.usage ?? null,
    deniedHosts: run.deniedHosts ?? [],
    requestId: null,
    script: { name: row.script, version: 0, sha256: run.scriptSha256 },
    ...{ lastPassed: null, failureGroupId: null, previousRunId: null, nextRunId: null, restored: null },
  };
}

function errorColumns(error: RunError | undefined): Parameters<typeof shownError>[0] {
  return {
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
    error_location: error?.location ? JSON.stringify(error.location) : null,
  };
}
