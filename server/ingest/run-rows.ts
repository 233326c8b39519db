import type {
  EvidenceRow,
  PassedPictureRow,
  RequestedRunRow,
  RunRow,
  TransactionResultRow,
} from '../../db/customer/rows.ts';
import { runKey } from '../../db/customer/run-key.ts';
import { storable } from '../../db/storable.ts';
import type { EvidenceItem, RunError } from '../../sentinel/protocol/messages.ts';
import type { ReadRun } from './read-run.ts';
import { countsByItself } from './retries.ts';
import { detailsOf } from './run-details.ts';

/** Whose run it is and when it came. */
export interface Receipt {
  sentinelId: string;
  locationId: string;
  /** ms since 1970 */
  receivedAt: number;
}

export function runRow({ run, key, startedAt, contentHash }: ReadRun, receipt: Receipt): RunRow {
  return {
    id: key,
    monitor_id: run.monitorId,
    sentinel_id: receipt.sentinelId,
    location_id: receipt.locationId,
    script_sha256: run.scriptSha256,
    script_version: run.scriptVersion,
    due_at: run.dueAt,
    started_at: startedAt,
    sentinel_started_at: run.startedAt,
    received_at: receipt.receivedAt,
    clock_offset_ms: run.clockOffsetMs ?? null,
    duration_us: run.durationUs,
    outcome: run.outcome,
    error_code: run.error?.code ?? null,
    error_message: textOrNull(run.error?.message),
    error_location: locationOf(run.error),
    reason: textOrNull(run.reason),
    evidence_missing: textOrNull(run.evidenceMissing),
    sandbox_level: run.sandboxLevel ?? null,
    browser: textOrNull(run.browser),
    content_hash: contentHash,
    retry_of: run.retryOf === undefined ? null : runKey(run.retryOf),
    retried_by: run.retriedBy === undefined ? null : runKey(run.retriedBy),
    counts: countsByItself(run) ? 1 : 0,
    details: detailsOf(run),
  };
}

/**
 * `idOf` gives the id of the transaction that bears a name. As in `runRow`, no columns come out of another object: a row would
 * take half as long again.
 */
export function resultRows({ run, key, startedAt }: ReadRun, idOf: (name: string) => number): TransactionResultRow[] {
  return run.transactions.map((transaction, position) => ({
    transaction_id: idOf(storable(transaction.name)),
    started_at: startedAt,
    run_id: key,
    position,
    start_us: transaction.startUs,
    duration_us: transaction.durationUs,
    response_us: transaction.responseUs ?? null,
    outcome: transaction.outcome,
    error_code: transaction.error?.code ?? null,
    error_message: textOrNull(transaction.error?.message),
    error_location: locationOf(transaction.error),
    reason: textOrNull(transaction.reason),
  }));
}

export function evidenceRows({ run, key }: ReadRun): EvidenceRow[] {
  return run.evidence.flatMap((item, position) =>
    item.transaction === undefined ? [evidenceRow(item, position, key)] : [],
  );
}

/** `idOf` as above. */
export function pictureRows(
  { run, key, startedAt }: ReadRun,
  receipt: Receipt,
  idOf: (name: string) => number,
): PassedPictureRow[] {
  return run.evidence.flatMap((item, position) => {
    const of = run.transactions.find(({ name }) => name === item.transaction);
    if (!of) return [];
    // No device's clock makes it younger than what comes later.
    const taken_at = Math.min(startedAt + Math.round((of.startUs + of.durationUs) / 1000), receipt.receivedAt);
    const place = { sentinel_id: receipt.sentinelId, location_id: receipt.locationId, taken_at };
    return [{ ...evidenceRow(item, position, key), transaction_id: idOf(storable(of.name)), ...place }];
  });
}

function evidenceRow({ kind, sha256, mediaType, bytes }: EvidenceItem, position: number, key: Buffer): EvidenceRow {
  return {
    ...{ run_id: key, position, kind, sent_sha256: sha256, stored_sha256: null },
    ...{ media_type: storable(mediaType), bytes, width: null, height: null },
  };
}

/** None for a run that was expected. Of a run and the one that confirms it one counts, so the first alone is noted. */
export function requestedRows({ run, key, startedAt }: ReadRun, sentinelId: string): RequestedRunRow[] {
  if ((run.requestId === undefined && !run.beyondSchedule) || run.retryOf !== undefined) return [];
  const place = { monitor_id: run.monitorId, started_at: startedAt, run_id: key };
  return [{ ...place, sentinel_id: sentinelId, request_id: run.requestId ?? '' }];
}

function locationOf(error: RunError | undefined): string | null {
  return error?.location ? JSON.stringify(error.location) : null;
}

function textOrNull(text: string | undefined): string | null {
  return text === undefined ? null : storable(text);
}
