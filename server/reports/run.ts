import type {
  EvidenceRow,
  FailureGroupRow,
  RequestedRunRow,
  RunRow,
  TransactionResultRow,
} from '../../db/customer/rows.ts';
import { runIdOf, runKey } from '../../db/customer/run-key.ts';
import { runsByStart } from '../../db/customer/runs-by-start.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { RunDetails } from '../ingest/run-details.ts';
import { groupOf } from '../rollups/failures-of-hour.ts';
import { lastPassed } from './last-passed.ts';
import { passedPicture } from './passed-picture.ts';
import { resultsOf, retryFacts } from './runs.ts';
import type { RunAnswer } from './shapes.ts';
import { bundleFor, shownError } from './shown-error.ts';

interface Names {
  monitor: string | null;
  sentinel: string | null;
  location: string | null;
  script: string | null;
}

/** One run with all that is known of it; undefined when the customer has no such. `urlOf` gives a file's address by hash. */
export async function run(
  db: CustomerDb,
  id: string,
  urlOf: (sha256: string) => string,
): Promise<RunAnswer | undefined> {
  const row = await runRow(db, runKey(id));
  if (!row) return undefined;
  const { pageLoads = [], ...facts }: RunDetails = JSON.parse(row.details ?? '{}');
  const results = await resultsOf(db, [row.id]);
  const wrong = results.find(isWrong);
  const bundle = await bundleFor(db, row, [row, ...results]);
  const evidence = await db<EvidenceRow>('evidence').where({ run_id: row.id }).orderBy('position');
  return {
    id,
    ...retryFacts(row),
    monitor: { id: row.monitor_id, name: row.monitor ?? row.monitor_id },
    sentinel: {
      id: row.sentinel_id,
      name: row.sentinel ?? row.sentinel_id,
      location: row.location ?? row.location_id,
    },
    startedAt: row.started_at,
    sentinelStartedAt: row.sentinel_started_at,
    receivedAt: row.received_at,
    dueAt: row.due_at,
    clockOffsetMs: row.clock_offset_ms,
    durationUs: row.duration_us,
    outcome: row.outcome,
    reason: row.reason,
    error: shownError(row, bundle),
    transactions: results.map((result) => presentResult(result, bundle, pageLoads[result.position] ?? [])),
    evidence: evidence.flatMap((item) => presentEvidence(item, urlOf)),
    evidenceMissing: row.evidence_missing,
    sandboxLevel: row.sandbox_level,
    browser: row.browser,
    page: facts.page ?? null,
    host: facts.host ?? null,
    usage: facts.usage ?? null,
    deniedHosts: facts.deniedHosts ?? [],
    requestId: facts.answersRequest ?? (await requestOf(db, row)),
    script: { name: row.script ?? '', version: row.script_version, sha256: row.script_sha256 },
    ...(await passedPicture(db, row, wrong, urlOf)),
    lastPassed: wrong ? await lastPassed(db, wrong) : null,
    failureGroupId: await failureGroupOf(db, row, wrong),
    previousRunId: await neighbour(db, row, 'before'),
    nextRunId: await neighbour(db, row, 'after'),
    restored: null,
  };
}

async function runRow(db: CustomerDb, key: Uint8Array): Promise<(RunRow & Names) | undefined> {
  return db('runs')
    .leftJoin('monitors', 'monitors.id', 'runs.monitor_id')
    .leftJoin('sentinels', 'sentinels.id', 'runs.sentinel_id')
    .leftJoin('locations', 'locations.id', 'runs.location_id')
    .leftJoin('scripts', 'scripts.id', 'monitors.script_id')
    .where('runs.id', key)
    .first('runs.*', {
      monitor: 'monitors.name',
      sentinel: 'sentinels.name',
      location: 'locations.name',
      script: 'scripts.name',
    });
}

/** The request that a run answers which was due for no other reason. */
async function requestOf(db: CustomerDb, { monitor_id, started_at, id }: RunRow): Promise<string | null> {
  const asked = db<RequestedRunRow>('requested_runs').where({ monitor_id, started_at, run_id: id });
  return (await asked.first('request_id'))?.request_id || null; // empty: nobody asked
}

function isWrong({ outcome }: Pick<RunRow, 'outcome'>): boolean {
  return outcome === 'failed' || outcome === 'errored';
}

async function failureGroupOf(db: CustomerDb, row: RunRow, wrong: TransactionResultRow | undefined) {
  if (!isWrong(row)) return null;
  const { monitor_id, transaction_id, signature } = groupOf(row.monitor_id, row, wrong);
  const asked = { monitor_id, transaction_id, signature: Buffer.from(signature) };
  const group = await db<FailureGroupRow>('failure_groups').where(asked).first('id');
  return group?.id ?? null;
}

/** The run of the same monitor that started next before or after, of those that started together the one by id. */
async function neighbour(db: CustomerDb, row: RunRow, side: 'before' | 'after'): Promise<string | null> {
  const [sign, order] = side === 'before' ? (['<', 'desc'] as const) : (['>', 'asc'] as const);
  const [found] = await runsByStart(
    db,
    (runs) =>
      runs
        .where({ monitor_id: row.monitor_id })
        .where('started_at', `${sign}=`, row.started_at)
        .where((either) => either.where('started_at', sign, row.started_at).orWhere('id', sign, Buffer.from(row.id))),
    { order, limit: 1 },
  );
  return found ? runIdOf(found.id) : null;
}

function presentResult(
  row: TransactionResultRow & { name: string },
  bundle: string,
  pageLoads: RunAnswer['transactions'][number]['pageLoads'],
): RunAnswer['transactions'][number] {
  return {
    name: row.name,
    outcome: row.outcome,
    startUs: row.start_us,
    durationUs: row.duration_us,
    responseUs: row.response_us,
    error: shownError(row, bundle),
    reason: row.reason,
    pageLoads,
  };
}

function presentEvidence(row: EvidenceRow, urlOf: (sha256: string) => string): RunAnswer['evidence'] {
  if (row.stored_sha256 === null) return []; // not arrived yet
  const { kind, media_type, bytes, width, height } = row;
  return [{ kind, url: urlOf(row.stored_sha256), mediaType: media_type, bytes, width, height }];
}
