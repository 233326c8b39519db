import type { DatabaseSync } from 'node:sqlite';

/** Version of the tables below; a released one is never edited. */
export const schemaVersion = 1;

/*
 * What a run found (`outcome`) and whether the server has it (`state`) are two facts. An acknowledged run is deleted, so
 * `state` is `waiting` or `rejected`. Evidence is `held` until its run is acknowledged, since the server would not know it.
 * `lived` is the spool's own clock (ms), which counts only while a sentinel runs: a step of the wall clock ages nothing.
 */
const tables = `
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

export const countNames = [
  'bytes',
  'lived',
  'stored',
  'acknowledged',
  'droppedRuns',
  'droppedEvidence',
  'damaged',
] as const;
export type CountName = (typeof countNames)[number];

/** Makes the tables in an empty file. */
export function createTables(db: DatabaseSync): void {
  db.exec(tables);
  for (const name of countNames) db.prepare('INSERT INTO counts VALUES (?, 0)').run(name);
  db.prepare("INSERT INTO facts VALUES ('schema', ?)").run(String(schemaVersion));
  db.exec(`PRAGMA user_version = ${schemaVersion}`);
}

export function addToCount(db: DatabaseSync, name: CountName, by: number): void {
  if (by !== 0) db.prepare('UPDATE counts SET value = value + ? WHERE name = ?').run(by, name);
}

export function readCount(db: DatabaseSync, name: CountName): number {
  return Number(db.prepare('SELECT value FROM counts WHERE name = ?').get(name)?.value ?? 0);
}
