import { hash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/*
 * What a run found (`outcome`) and whether the server has it (`state`) are two facts. An acknowledged run is deleted, so
 * `state` is `waiting` or `rejected`. Evidence is `held` until its run is acknowledged, since the server would not know it.
 * `lived` is the spool's own clock (ms), which counts only while a sentinel runs: a step of the wall clock ages nothing.
 */
const firstTables = `
  CREATE TABLE runs (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    outcome TEXT NOT NULL CHECK (outcome IN ('passed', 'failed', 'errored', 'skipped')),
    state TEXT NOT NULL CHECK (state IN ('waiting', 'rejected')),
    reason TEXT,
    stored_at INTEGER NOT NULL,
    lived INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_state ON runs (state, seq);
  CREATE TABLE evidence (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    media_type TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('held', 'waiting', 'rejected')),
    reason TEXT,
    lived INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (run_id, sha256)
  ) STRICT;
  CREATE INDEX evidence_by_state ON evidence (state, seq);
  CREATE TABLE counts (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE due (monitor_id TEXT PRIMARY KEY, due_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE script_versions (script TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TRIGGER run_in AFTER INSERT ON runs BEGIN
    UPDATE counts SET value = value + new.bytes WHERE name = 'bytes';
  END;
  CREATE TRIGGER run_out AFTER DELETE ON runs BEGIN
    UPDATE counts SET value = value - old.bytes WHERE name = 'bytes';
  END;
  CREATE TRIGGER evidence_in AFTER INSERT ON evidence BEGIN
    UPDATE counts SET value = value + new.bytes WHERE name = 'bytes';
  END;
  CREATE TRIGGER evidence_out AFTER DELETE ON evidence BEGIN
    UPDATE counts SET value = value - old.bytes WHERE name = 'bytes';
  END;
`;

/*
 * `due.due_at`: up to when each time of the monitor was run or is in `skips`; by which schedule; and which run is going.
 * `skips`: spans of times that were not run; `acknowledged` is how many of them the server has, and a span may grow as
 * long as it is `open`. `requests`: the last
 * request to run a monitor now that was honoured. `retry_at` (on the clock of `lived`): a run is not offered before.
 * `sent_files`: which evidence the server has had lately.
 */
const schedulesAndSkips = `
  ALTER TABLE due ADD COLUMN schedule TEXT NOT NULL DEFAULT '';
  ALTER TABLE due ADD COLUMN going INTEGER;
  ALTER TABLE runs ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN retry_at INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE skips (
    monitor_id TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    to_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    open INTEGER NOT NULL DEFAULT 1,
    PRIMARY KEY (monitor_id, from_at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE requests (monitor_id TEXT PRIMARY KEY, request_id TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE sent_files (sha256 TEXT PRIMARY KEY, lived INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** What was dropped for want of room, of which kind and why. */
const drops = `
  CREATE TABLE drops (
    kind TEXT NOT NULL,
    reason TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (kind, reason)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO drops SELECT 'runs', 'size', value FROM counts WHERE name = 'droppedRuns' AND value > 0;
  INSERT INTO drops SELECT 'evidence', 'size', value FROM counts WHERE name = 'droppedEvidence' AND value > 0;
  DELETE FROM counts WHERE name LIKE 'dropped%';
`;

/** `going`: the time at which the request was made, as long as its run goes. */
const requestsGoing = 'ALTER TABLE requests ADD COLUMN going INTEGER;';

/** `when_passed`: it shows what passed. `pictures`: when each monitor was last seen to pass, and what of it (a hash). */
const picturesOfWhatPassed = `
  ALTER TABLE evidence ADD COLUMN when_passed INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX evidence_by_use ON evidence (when_passed, state, seq);
  CREATE TABLE pictures (monitor_id TEXT PRIMARY KEY, of TEXT NOT NULL, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** `gone_at` (on the clock of `lived`): since when the monitor is not assigned. */
const whatIsGone = `
  ALTER TABLE due ADD COLUMN gone_at INTEGER;
  ALTER TABLE requests ADD COLUMN gone_at INTEGER;
`;

/** `clock`: what tells later by how much the device's clock was off; null where the run says so itself, or went out without. */
const clockMarks = 'ALTER TABLE runs ADD COLUMN clock TEXT;';

/** One for each version of the tables; a released one is never edited. */
const steps = [
  firstTables,
  schedulesAndSkips,
  drops,
  requestsGoing,
  picturesOfWhatPassed,
  whatIsGone,
  clockMarks,
] as const;
export const schemaVersion = steps.length;

export const countNames = ['bytes', 'lived', 'stored', 'acknowledged', 'damaged'] as const;
export type CountName = (typeof countNames)[number];

/** What can be dropped: runs the server has not seen, runs it refused, evidence, the larger part of which are traces, spans of skips. */
export type DropKind = 'runs' | 'refused runs' | 'evidence' | 'traces' | 'skips';
/** It was too old, all together was too large, the disk was full. */
export type DropReason = 'age' | 'size' | 'disk';

export interface Drop {
  kind: DropKind;
  reason: DropReason;
  count: number;
}

export function addDrops(db: DatabaseSync, kind: DropKind, reason: DropReason, count: number): void {
  if (count === 0) return;
  const add = 'INSERT INTO drops VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count';
  db.prepare(add).run(kind, reason, count);
}

export function readDrops(db: DatabaseSync): Drop[] {
  const rows = db.prepare('SELECT kind, reason, count FROM drops ORDER BY kind, reason').all();
  return rows.map(({ kind, reason, count }) => ({
    kind: String(kind) as DropKind,
    reason: String(reason) as DropReason,
    count: Number(count),
  }));
}

/** Brings the tables of an earlier version, or of an empty file (0), to the present one (or, in a test, another). */
export function upgradeTables(db: DatabaseSync, version: number, to: number = schemaVersion): void {
  for (const step of steps.slice(version, to)) db.exec(step);
  for (const name of countNames) db.prepare('INSERT OR IGNORE INTO counts VALUES (?, 0)').run(name);
  db.prepare("INSERT OR REPLACE INTO facts VALUES ('schema', ?)").run(String(to));
  db.exec(`PRAGMA user_version = ${to}`);
  db.prepare("INSERT OR REPLACE INTO facts VALUES ('schema text', ?)").run(schemaHash(db));
}

/** Whether tables, indexes and triggers are described as they were when they were made: SQLite's own check does not read that. */
export function isAsMade(db: DatabaseSync): boolean {
  const made = db.prepare("SELECT value FROM facts WHERE name = 'schema text'").get()?.value;
  return made === undefined || made === schemaHash(db);
}

function schemaHash(db: DatabaseSync): string {
  const rows = db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all();
  return hash('sha256', JSON.stringify(rows));
}

export function addToCount(db: DatabaseSync, name: CountName, by: number): void {
  if (by !== 0) db.prepare('UPDATE counts SET value = value + ? WHERE name = ?').run(by, name);
}

export function readCount(db: DatabaseSync, name: CountName): number {
  return Number(db.prepare('SELECT value FROM counts WHERE name = ?').get(name)?.value ?? 0);
}
