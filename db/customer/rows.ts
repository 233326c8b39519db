/*
 * Rows of one customer's database, as they are read. Instants are ms since 1970 in UTC, durations µs; columns called
 * `heartbeat`, `statement`, `use`, `variables`, `secrets`, `mask_selectors`, `thresholds`, `policy`, `error_location`,
 * `facts`, `codes`, `told`, `tags`, `files`, `settings`, `run` and `chosen_by` hold JSON text.
 */

export type OutcomeName = 'passed' | 'failed' | 'errored' | 'skipped';

export interface LocationRow {
  id: string;
  name: string;
}

export interface SentinelRow {
  id: string;
  name: string;
  location_id: string;
  platform: string;
  version: string;
  enrolled_at: number;
  last_seen_at: number | null;
  boot_id: string | null;
  counter: number | null;
  heartbeat: string | null;
  /** Names by which monitors choose it; null: none. */
  tags: string | null;
  revoked_at: number | null;
}

export interface ScriptRow {
  id: string;
  name: string;
}

export interface ScriptVersionRow {
  script_id: string;
  version: number;
  /** Of the bundle. */
  sha256: string;
  statement: string;
  signature: string;
  bundle: string;
  created_at: number;
  author: string;
  /** Why it was published, as its author says. */
  message: string | null;
  /** `{ [path]: text }` of what the author wrote; null in versions of before it was kept. */
  files: string | null;
}

/** A key of an author's own, with which scripts may be signed in the place of the customer's. */
export interface AuthorKeyRow {
  /** See `scriptKeyOf`. */
  id: string;
  public_key: string;
  name: string;
  added_by: string;
  added_at: number;
  revoked_at: number | null;
}

interface ScheduleColumns {
  every_ms: number;
  cron: string | null;
  hours: string | null;
  /** Of `cron` and `hours`; null: UTC. */
  time_zone: string | null;
  paused: number;
}

export interface MonitorRow extends ScheduleColumns {
  id: string;
  name: string;
  script_id: string;
  script_version: number;
  timeout_ms: number;
  use: string;
  variables: string;
  secrets: string;
  mask_selectors: string;
  /** `{ [transaction name, or '' for the whole run]: µs }`: slower than that is degraded. */
  thresholds: string | null;
  /** Null where all is as usual. */
  policy: string | null;
  /** Names that it is grouped by; null: none. */
  tags: string | null;
  created_at: number;
  /** The last request to run it now, and when it was made. */
  run_now_id: string | null;
  run_now_at: number | null;
  /** The configuration that deploys it; null: none does. */
  managed_by: string | null;
  /** Of the folder that has this configuration: another of the same name is another one. Null: none was named. */
  project: string | null;
  /** By what its sentinels are chosen; null: by their ids, or all. */
  chosen_by: string | null;
  /** Since when it is watched no more; its results stay. */
  retired_at: number | null;
}

/** The schedule of a monitor from an instant on, up to that of the next row. */
export interface MonitorScheduleRow extends ScheduleColumns {
  monitor_id: string;
  from_at: number;
}

/** Times of a monitor's schedule that a sentinel did not run, and why; the first and the last of them. */
export interface SkipRow {
  monitor_id: string;
  sentinel_id: string;
  /** On the sentinel's clock. */
  sentinel_from_at: number;
  from_at: number;
  to_at: number;
  reason: string;
  count: number;
  received_at: number;
}

/** A run that answers somebody's request; see `Run.requestId`. */
export interface RequestedRunRow {
  monitor_id: string;
  started_at: number;
  run_id: Uint8Array;
  sentinel_id: string;
  /** Empty for one that was begun beyond the schedule without being asked for. */
  request_id: string;
}

/** A monitor without such a row runs on every sentinel of the customer. */
export interface MonitorSentinelRow {
  monitor_id: string;
  sentinel_id: string;
}

/** From when until when a sentinel had a monitor. */
export interface AssignmentEraRow {
  monitor_id: string;
  /** Empty: all of the customer. */
  sentinel_id: string;
  from_at: number;
  /** The end of the calendar while it lasts. */
  to_at: number;
}

export interface TransactionRow {
  id: number;
  monitor_id: string;
  name: string;
  /** Where it stood in the run that first brought it. */
  position: number;
}

interface OutcomeColumns {
  outcome: OutcomeName;
  error_code: string | null;
  error_message: string | null;
  error_location: string | null;
  reason: string | null;
}

export interface RunRow extends OutcomeColumns {
  /** 16 bytes; see `runKey`. */
  id: Uint8Array;
  monitor_id: string;
  sentinel_id: string;
  location_id: string;
  script_sha256: string;
  script_version: number;
  due_at: number;
  /** On the server's clock, as far as the sentinel's offset was known. */
  started_at: number;
  sentinel_started_at: number;
  received_at: number;
  clock_offset_ms: number | null;
  duration_us: number;
  evidence_missing: string | null;
  sandbox_level: number | null;
  browser: string | null;
  content_hash: Uint8Array;
  /** The failed run it confirms or refutes, and the one that does so to it; see `runKey`. */
  retry_of: Uint8Array | null;
  retried_by: Uint8Array | null;
  /** 0 if another run counts in its place, in every figure, else 1. */
  counts: number;
  /** What only the run's own page shows, as JSON; null where there is nothing to show. */
  details: string | null;
}

export interface TransactionResultRow extends OutcomeColumns {
  transaction_id: number;
  /** The run's, so that one transaction's results lie in the order of time. */
  started_at: number;
  run_id: Uint8Array;
  position: number;
  start_us: number;
  duration_us: number;
  response_us: number | null;
}

export interface EvidenceRow {
  run_id: Uint8Array;
  position: number;
  kind: string;
  sent_sha256: string;
  /** Null until the file arrived. */
  stored_sha256: string | null;
  media_type: string;
  bytes: number;
  width: number | null;
  height: number | null;
}

/** A draft that its author had tried on one sentinel. */
export interface TrialRow {
  id: string;
  sentinel_id: string;
  script: string;
  /** As in a version. */
  files: string;
  /** Of the bundle. */
  sha256: string;
  bundle: string;
  statement: string;
  signature: string;
  /** What its run is given beside the script, as the protocol's `Trial` has it. */
  settings: string;
  asked_by: string;
  asked_at: number;
  until_at: number;
  /** When the sentinel first took the bundle. */
  fetched_at: number | null;
  /** As the sentinel told it. */
  run: string | null;
  received_at: number | null;
}

/** A file that the run of a trial names. */
export interface TrialEvidenceRow extends Omit<EvidenceRow, 'run_id'> {
  trial_id: string;
}

/** A picture of a transaction that passed, from a run that did. */
export interface PassedPictureRow extends EvidenceRow {
  transaction_id: number;
  sentinel_id: string;
  location_id: string;
  /** On the server's clock, ms; at most when its run was received. */
  taken_at: number;
}

/** A readable run that was not taken, when it was last sent and why. */
export interface RejectedRunRow {
  sentinel_id: string;
  run_id: Uint8Array;
  at: number;
  reason: string;
}

export interface DirtyHourRow {
  hour: number;
  monitor_id: string;
  sentinel_id: string;
  marks: number;
}

/** What is kept of any number of results. */
interface RollupColumns {
  passed: number;
  failed: number;
  errored: number;
  skipped: number;
  /** `{ [error code]: count }`. */
  codes: string;
  /** How many response times (whole run: durations) the next four columns tell of: those of passed ones. */
  count: number;
  sum_us: number;
  min_us: number | null;
  max_us: number | null;
  sketch: Uint8Array;
  /** Times of the schedule that were told as skipped, `{ [reason]: count }`; null: none. On rows of whole runs alone. */
  told: string | null;
}

/** An hour of one transaction at one sentinel. */
export interface RollupRow extends RollupColumns {
  monitor_id: string;
  /** The instant the hour begins: when the clocks of the customer's zone show it full. */
  hour: number;
  /** 0 is the whole run. */
  transaction_id: number;
  sentinel_id: string;
  location_id: string;
  /** Runs that the schedule asked for, once the hour is closed, and those that somebody asked for; of whole runs. */
  expected: number;
  requested: number;
}

/** The hours of a monitor before `until` are closed: no run of theirs should still be on its way. */
export interface ClosedHoursRow {
  monitor_id: string;
  until: number;
}

/** The hours of a monitor before `from_at` are gone: of days alone there are figures. */
export interface KeptHoursRow {
  monitor_id: string;
  from_at: number;
}

/** A day of one transaction, everywhere or at one place; made of the hours, once all are closed. */
export interface DayRollupRow extends RollupColumns {
  monitor_id: string;
  scope: 'all' | 'location' | 'sentinel';
  /** 1: of its business hours alone. Where its hours are gone, 2 and 3: the same outside of maintenance. */
  business: number;
  transaction_id: number;
  /** The instant the day begins. */
  day: number;
  /** Id of the location or sentinel; empty for all. */
  place: string;
  /** Runs that were expected and that nobody explained; of whole runs. */
  lost: number;
}

/** Runs of a monitor that went wrong in the same way: in the same transaction (0: outside any), code and message. */
export interface FailureGroupRow {
  id: number;
  monitor_id: string;
  transaction_id: number;
  code: string;
  /** What their messages have in common. */
  message: string;
  signature: Uint8Array;
}

/** How often a group of failures came up in an hour at one sentinel, by runs that count. */
export interface FailureHourRow {
  hour: number;
  monitor_id: string;
  sentinel_id: string;
  location_id: string;
  group_id: number;
  count: number;
  first_at: number;
  last_at: number;
  /** Ids of the runs, 16 bytes each, oldest first; of very many the newest. */
  runs: Uint8Array;
}

/** The one row by which the rollups were made. */
export interface CalendarRow {
  id: 1;
  time_zone: string;
  business_hours: string;
}

/** A time that reports leave out on request. */
export interface MaintenanceRow {
  id: string;
  /** Null: all monitors. */
  monitor_id: string | null;
  from_at: number;
  to_at: number;
  /** Of each week in that time, in `time_zone`, as in `sun 02:00-04:00`; null: all of it. */
  hours: string | null;
  time_zone: string | null;
  reason: string;
  added_by: string;
  added_at: number;
}

/** What was agreed on for a transaction of a monitor (0: whole runs); null: nothing for that figure. */
export interface TargetRow {
  monitor_id: string;
  transaction_id: number;
  /** Of which hours the figures are held against it. */
  hours: 'all' | 'business';
  /** At least, in millionths. */
  availability_ppm: number | null;
  /** At most. */
  p95_us: number | null;
  changed_by: string;
  changed_at: number;
}

/** The one picture that heads reports. */
export interface ReportLogoRow {
  id: 1;
  /** WebP, drawn anew. */
  content: Uint8Array;
}

/** The one row that says which holder of the lease on the jobs wrote here last. */
export interface FenceRow {
  id: 1;
  fence: number;
}

/** A month of runs, by their ids, that leaves the live tables, or a supplement of what came of it afterwards. */
export interface ArchiveMonthRow {
  /** The month's first instant, in UTC. */
  from_at: number;
  /** 0 is the month, above are its supplements. */
  part: number;
  /**
   * `closed`: nothing is added to it any more; `sealed`: it lies in the archive, proven; `removing`: its rows are being
   * removed; `removed`: it is in the archive alone; `erased`: nowhere.
   */
  state: 'closed' | 'sealed' | 'removing' | 'removed' | 'erased';
  /** Who works at it, or did last. */
  attempt: string;
  closed_at: number;
  sealed_at: number | null;
  removed_at: number | null;
  /** In the archive's store; null once only the manifest is kept here. */
  folder: string | null;
  /** JSON, as it was signed. */
  manifest: string | null;
  seal: string | null;
  /** When its files were last looked at, and what was wrong with them. */
  verified_at: number | null;
  fault: string | null;
}

/** Which runs of an hour, by their ids, are in the archive: one that comes again is not taken for a late one. */
export interface ArchivedRunsRow {
  hour: number;
  part: number;
  /** 16 bytes each. */
  ids: Uint8Array;
}

/** A run that came after its month was closed. */
export interface LateRunRow {
  id: Uint8Array;
  /** The month's first instant. */
  from_at: number;
  /** The supplement it goes into; 0: not yet known. */
  part: number;
  content_hash: Uint8Array;
  /** JSON: its rows, as they would lie in the tables, bytes in hexadecimal. */
  content: string;
}

/** An hour of UTC after the last closed month in which runs started that are in the archive: clocks of devices differ. */
export interface SealedHourRow {
  monitor_id: string;
  hour: number;
  sentinel_id: string;
}
