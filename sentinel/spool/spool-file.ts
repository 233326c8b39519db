import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { transaction } from '../transaction.ts';
import { Reserve, usualReserveBytes } from './reserve.ts';
import { isAsMade, schemaVersion, upgradeTables } from './schema.ts';

/** The spool was written by a later version of the sentinel; it was left as it is. */
export class SpoolTooNew extends Error {
  override readonly name = 'SpoolTooNew';
}

const sqlite = { perm: 3, busy: 5, io: 10, corrupt: 11, full: 13, cannotOpen: 14, notDatabase: 26 } as const;

/** Faults of the place, not of the file: setting the file aside would help nobody. */
const ofThePlace: readonly number[] = [sqlite.perm, sqlite.busy, sqlite.io, sqlite.full, sqlite.cannotOpen];

/** Opens the file that SQLite works on; another one than node:sqlite's own models a disk with faults. */
export type OpenDatabase = (file: string) => DatabaseSync;

/**
 * The spool's SQLite file. What `write` has done is on disk when it returns. From a damaged file `onDamage` may save what
 * can be read into a new one; then it is set aside under another name. If that is broken off it begins anew.
 */
export class SpoolFile implements Disposable {
  readonly #file: string;
  readonly #onDamage: (damaged: string, fresh: DatabaseSync) => void;
  readonly #open: OpenDatabase;
  readonly #reserve: Reserve;
  /** None while a damaged file could not be replaced, for want of room say: tried again each time it is needed. */
  #db: DatabaseSync | undefined;

  /** Throws `SpoolTooNew`, or SQLite's error if the place can't be used. */
  constructor(
    file: string,
    onDamage: (damaged: string, fresh: DatabaseSync) => void,
    open: OpenDatabase = (name) => new DatabaseSync(name, { timeout: 0 }),
    reserveBytes = usualReserveBytes,
  ) {
    this.#file = file;
    this.#onDamage = onDamage;
    this.#open = open;
    this.#db = this.#openOrReplace();
    this.#reserve = new Reserve(`${file}.reserve`, reserveBytes);
    this.#reserve.keep();
  }

  /** Does `work` in one transaction: all of it is on disk afterwards, or none and it throws. */
  write<T>(work: (db: DatabaseSync) => T): T {
    const result = this.#repairing((db) => transaction(db, work));
    this.#reserve.keep();
    return result;
  }

  /** As `write`, for work that must also be done on a full disk: it takes the room that is kept for that. */
  writeAnyway<T>(work: (db: DatabaseSync) => T): T {
    try {
      return this.write(work);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#reserve.release();
      this.#emptyLog();
      return this.#repairing((db) => transaction(db, work));
    }
  }

  read<T>(work: (db: DatabaseSync) => T): T {
    return this.#repairing(work);
  }

  [Symbol.dispose](): void {
    this.#db?.close();
  }

  /** What is in the log goes where it belongs, so that the log's own room is used anew. */
  #emptyLog(): void {
    try {
      this.#db?.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // there is no room for that either: the log goes on growing into what was given back
    }
  }

  #repairing<T>(work: (db: DatabaseSync) => T): T {
    const db = this.#usable();
    try {
      return work(db);
    } catch (error) {
      if (!isDamage(error)) throw error;
      db.close();
      this.#db = undefined;
      return work(this.#usable());
    }
  }

  #usable(): DatabaseSync {
    this.#db ??= this.#replace();
    return this.#db;
  }

  #openOrReplace(): DatabaseSync {
    finishReplacing(this.#file);
    try {
      return openFile(this.#file, this.#open);
    } catch (error) {
      if (error instanceof SpoolTooNew || isOfThePlace(error)) throw error;
      return this.#replace();
    }
  }

  #replace(): DatabaseSync {
    const fresh = freshOf(this.#file);
    for (const part of parts) fs.rmSync(fresh + part, { force: true });
    const db = openFile(fresh, this.#open); // where it throws, the damaged file is still there
    try {
      this.#onDamage(this.#file, db);
    } finally {
      db.close();
    }
    setAside(this.#file);
    finishReplacing(this.#file);
    return openFile(this.#file, this.#open);
  }
}

/** Whether an error is one of the place where a file lies, such as a full disk: then the file is not to blame. */
export function isOfThePlace(error: unknown): boolean {
  return ofThePlace.includes(codeOf(error));
}

/** Whether an error of SQLite says that the disk is full. */
export function isFull(error: unknown): boolean {
  return codeOf(error) === sqlite.full;
}

function isDamage(error: unknown): boolean {
  return codeOf(error) === sqlite.corrupt || codeOf(error) === sqlite.notDatabase;
}

/** SQLite's primary result code, 0 if it is another error. */
function codeOf(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : 0;
  return typeof code === 'number' ? code & 0xff : 0;
}

function openFile(file: string, open: OpenDatabase): DatabaseSync {
  const db = open(file);
  try {
    fs.chmodSync(file, 0o600);
    db.exec('PRAGMA synchronous = FULL');
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
    if (version === 0) newFile(db);
    else checkFile(db, file, version);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function newFile(db: DatabaseSync): void {
  db.exec('PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL');
  transaction(db, (fresh) => upgradeTables(fresh, 0));
}

function checkFile(db: DatabaseSync, file: string, version: number): void {
  // Not quick_check, which looks past a wrong entry of an index: the runs behind it would never be sent.
  const fault = db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
  const schema = db.prepare("SELECT value FROM facts WHERE name = 'schema'").get()?.value;
  // The version is kept twice, so that a flipped bit is not taken for a newer version.
  if (fault !== 'ok' || schema !== String(version) || !isAsMade(db)) throw new Error(`${file} is damaged`);
  if (version > schemaVersion) {
    throw new SpoolTooNew(
      `the spool ${file} was written by a newer sentinel; it was left as it is: install that version again`,
    );
  }
  if (version < schemaVersion) transaction(db, (older) => upgradeTables(older, version));
  db.exec('PRAGMA incremental_vacuum');
}

/** The files that together are one database. */
const parts = ['', '-wal', '-shm'] as const;

function freshOf(file: string): string {
  return `${file}.fresh`;
}

/** The new file takes the place of the damaged one, once that is set aside. */
function finishReplacing(file: string): void {
  if (fs.existsSync(file) || !fs.existsSync(freshOf(file))) return;
  setAside(file); // what is left of it
  fs.renameSync(freshOf(file), file);
}

function setAside(file: string): void {
  let aside = `${file}.damaged`;
  for (let i = 2; fs.existsSync(aside); i++) aside = `${file}.damaged-${i}`;
  for (const part of parts) {
    if (fs.existsSync(file + part)) fs.renameSync(file + part, aside + part);
  }
}
