import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Chance } from './chance.ts';

/** What may happen at a commit, once: it fails although nothing or all of it is written, or the device ends in the midst of it. */
export const commitFaults = [
  'I/O error before a commit',
  'I/O error after a commit',
  'no room for a commit',
  'kill before a commit',
  'kill after a commit',
  'power cut in a commit',
] as const;
export type CommitFault = (typeof commitFaults)[number];

/** The device ended; nothing of the code that sees this goes on for long. */
export class DeviceEnded extends Error {
  override readonly name = 'DeviceEnded';
}

/** Files and their bytes. */
type Image = Map<string, Buffer>;

/** Of what is changed but not synced, each of these lands on the disk or not, by itself. */
const sector = 512;
const syncedAtCommit = 2;

/**
 * A device's disk under the real SQLite: the files lie in a folder, which holds what the system would give to read. What
 * is synced is told apart by SQLite's own rules: with `synchronous` at FULL all is synced when a commit returns, below it
 * only what a checkpoint has written.
 */
export class Disk {
  readonly folder: string;
  readonly #chance: Chance;
  /** A planted fault: a commit may return before it is synced. */
  readonly isHasty: boolean;
  readonly #open = new Set<FaultyDatabase>();
  /** What is synced, if the files hold more than that. */
  #synced: Image | undefined;
  #isFull = false;
  isBroken = false;
  next: CommitFault | undefined;
  /** Told when the device must end now, in the midst of a commit. */
  onEnd: (how: 'kill' | 'power cut') => void = () => {};
  onFault: (fault: CommitFault) => void = () => {};

  constructor(folder: string, chance: Chance, isHasty: boolean) {
    this.folder = folder;
    this.#chance = chance;
    this.isHasty = isHasty;
  }

  open(file: string): DatabaseSync {
    if (this.isBroken) throw ioError();
    const db = new FaultyDatabase(file, this);
    this.#open.add(db);
    if (this.#isFull) db.limit(true);
    return db;
  }

  /** While it is full, no file can grow. */
  set isFull(full: boolean) {
    this.#isFull = full;
    for (const db of this.#open) db.limit(full);
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  closed(db: FaultyDatabase): void {
    this.#open.delete(db);
  }

  /** The process is gone (`kill`), or the device (`power cut`): what was not synced is there, in part, or not. */
  crash(how: 'kill' | 'power cut'): void {
    const now = this.#image();
    const left = how === 'power cut' && this.#synced ? this.#torn(this.#synced, now) : now;
    for (const db of this.#open) db.close(); // which SQLite takes for a clean end: hence the files are put back
    for (const name of fs.readdirSync(this.folder)) fs.rmSync(path.join(this.folder, name));
    for (const [name, bytes] of left) {
      if (!name.endsWith('-shm')) fs.writeFileSync(path.join(this.folder, name), bytes);
    }
    this.#synced = undefined;
  }

  /** Called around each statement that a spool executes by itself. */
  around(db: FaultyDatabase, sql: string, execute: () => void): void {
    if (this.isBroken) throw ioError();
    if (sql !== 'COMMIT') {
      if (sql.startsWith('BEGIN')) this.#begin(db);
      execute();
      if (sql === 'ROLLBACK' || sql.includes('checkpoint')) this.#commit(db); // nothing is under way, or all is synced
      return;
    }
    const fault = this.next;
    this.next = undefined;
    if (fault) this.onFault(fault);
    if (fault === 'I/O error before a commit') throw ioError();
    if (fault === 'no room for a commit') throw diskFull();
    if (fault === 'kill before a commit') this.#end('kill');
    execute();
    if (fault === 'power cut in a commit') this.#end('power cut');
    this.#commit(db);
    if (fault === 'kill after a commit') this.#end('kill');
    if (fault === 'I/O error after a commit') throw ioError();
  }

  #begin(db: FaultyDatabase): void {
    if (this.#synced) return;
    if (this.next === 'power cut in a commit' || db.synchronous < syncedAtCommit) this.#synced = this.#image();
  }

  #commit(db: FaultyDatabase): void {
    if (!this.#synced) return;
    const image = db.synchronous < syncedAtCommit ? this.#image() : undefined;
    const isCheckpointed = image !== undefined && mainFileDiffers(this.#synced, image);
    if (image === undefined || isCheckpointed) this.#synced = undefined;
  }

  #end(how: 'kill' | 'power cut'): never {
    this.onEnd(how);
    throw new DeviceEnded('the device ended');
  }

  #image(): Image {
    const names = fs.readdirSync(this.folder);
    return new Map(names.map((name) => [name, fs.readFileSync(path.join(this.folder, name))]));
  }

  /** Sector by sector the old, the new, or (rarely) neither. A checkpoint writes only what the log has been synced of. */
  #torn(synced: Image, now: Image): Image {
    const isCheckpoint = mainFileDiffers(synced, now);
    const left: Image = new Map();
    for (const [name, bytes] of now) {
      const isSynced = isCheckpoint && name.endsWith('-wal');
      left.set(name, isSynced ? bytes : this.#tornFile(synced.get(name) ?? Buffer.alloc(0), bytes));
    }
    return left;
  }

  #tornFile(old: Buffer, now: Buffer): Buffer {
    const kept = now.length > old.length ? this.#chance.between(old.length, now.length) : now.length;
    const torn = Buffer.alloc(kept);
    old.copy(torn);
    const share = this.#chance.next();
    for (let at = 0; at < kept; at += sector) {
      const [before, after] = [old.subarray(at, at + sector), now.subarray(at, at + sector)];
      if (before.equals(after)) continue;
      if (this.#chance.hit(0.02)) this.#garble(torn, at, before, after);
      else if (this.#chance.hit(share)) after.copy(torn, at);
    }
    return torn;
  }

  /** What was being written is neither old nor new; what lies beside it in the sector is unharmed, as SQLite assumes (sqlite.org/psow.html). */
  #garble(torn: Buffer, at: number, before: Buffer, after: Buffer): void {
    const differs = (_: number, i: number) => before[i] !== after[i];
    const [first, last] = [after.findIndex(differs), after.findLastIndex(differs)];
    this.#chance.bytes(last - first + 1).copy(torn, at + first);
  }
}

/** A checkpoint has moved what was in the log into the database itself. */
function mainFileDiffers(a: Image, b: Image): boolean {
  return [...b].some(([name, bytes]) => name.endsWith('.sqlite') && !a.get(name)?.equals(bytes));
}

class FaultyDatabase extends DatabaseSync {
  readonly #disk: Disk;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(file: string, disk: Disk) {
    super(file, { timeout: 0 });
    this.#disk = disk;
  }

  get synchronous(): number {
    return Number(super.prepare('PRAGMA synchronous').get()?.synchronous);
  }

  /** SQLite itself then says that the disk is full, wherever it would have to take a new page. */
  limit(isFull: boolean): void {
    super.exec(`PRAGMA max_page_count = ${isFull ? 1 : 1_000_000_000}`);
  }

  override exec(sql: string): void {
    const hasty = this.#disk.isHasty && sql === 'PRAGMA synchronous = FULL';
    this.#disk.around(this, sql, () => super.exec(hasty ? 'PRAGMA synchronous = NORMAL' : sql));
  }

  override prepare(sql: string): StatementSync {
    if (this.#disk.isBroken) throw ioError();
    const prepared = this.#prepared.get(sql) ?? super.prepare(sql);
    this.#prepared.set(sql, prepared); // only to be quick
    return prepared;
  }

  override close(): void {
    this.#disk.closed(this);
    super.close();
  }
}

function ioError(): Error {
  return Object.assign(new Error('disk I/O error'), { code: 'ERR_SQLITE_ERROR', errcode: 10 });
}

function diskFull(): Error {
  return Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 });
}
