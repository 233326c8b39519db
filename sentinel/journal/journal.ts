import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync } from 'node:zlib';
import { sha256Hex } from '../protocol/statement.ts';
import { openSeal, type Seal } from '../seal.ts';
import { isOfThePlace } from '../spool/spool-file.ts';
import { transaction } from '../transaction.ts';

export interface JournalBounds {
  /** Most bytes of what is kept, as it lies on the disk. */
  maxBytes: number;
  maxAgeMs: number;
}

const defaultBounds: JournalBounds = { maxBytes: 256 * 1024 * 1024, maxAgeMs: 30 * 86_400_000 };
/** Looking for what is too old at every item would cost more than keeping it a little longer. */
const pruneEvery = { items: 500, bytes: 8 * 1024 * 1024 };
const hourMs = 3_600_000;
/** A clock that goes so far ahead at once may be wrong: nothing is too old by it until it has gone on for a day. */
const leap = { aheadMs: 7 * 86_400_000, doubtedMs: 86_400_000 };
/** Another layout than this is begun anew. */
const layout = 3;

/** A message that goes out now. */
export interface Outgoing {
  /** Method and path, as in `POST /runs`. */
  call: string;
  mediaType: string;
  content: string | Buffer;
  /** The runs it is of; the monitor is left out where another message has told it. */
  runs: readonly { id: string; monitorId?: string }[];
}

/** Where messages are written down. */
export interface MessageNotes {
  /** Keeps a message before it goes out; the number returned takes it back. */
  add(message: Outgoing): number;
  /** The message did not go out after all. */
  takeBack(id: number): void;
  /** Messages that carried nothing are counted, by the hour. */
  count(call: string, by: number): void;
}

/** Kinds of messages, by which `sent` chooses. */
export const sentKinds = ['enrolment', 'runs', 'evidence', 'heartbeat', 'poll', 'script', 'other'] as const;
export type SentKind = (typeof sentKinds)[number];

const kinds: readonly [RegExp, SentKind][] = [
  [/^POST \/enrolments/, 'enrolment'],
  [/^POST \/runs/, 'runs'],
  [/^PUT \/evidence/, 'evidence'],
  [/^POST \/heartbeats/, 'heartbeat'],
  [/^GET \/assignments/, 'poll'],
  [/^GET \/scripts/, 'script'],
];

/**
 * Every message this sentinel has sent, for whoever wants to know, sealed on disk; the last 30 days, the oldest goes first
 * when there is no room. A file of its own: it is no promise of delivery, and must not get in the spool's way.
 */
export class Journal implements MessageNotes, Disposable {
  readonly #db: DatabaseSync;
  readonly #seal: Seal;
  readonly #bounds: JournalBounds;
  #untilPrune = { items: 0, bytes: 0 };

  /** Throws `FolderUnusable`, or SQLite's error if the place can't be used. */
  constructor(home: string, bounds = defaultBounds) {
    this.#seal = openSeal(home, 'journal');
    this.#db = openOrReplace(journalFile(home));
    this.#bounds = bounds;
  }

  /** Throws SQLite's error if it can't be kept; nothing of it is, then. */
  add({ call, mediaType, content, runs }: Outgoing, at = Date.now()): number {
    const sha256 = sha256Hex(content);
    const packed = typeof content === 'string' ? zstdCompressSync(content) : content;
    const body = this.#seal.close(packed, sealLabel(at, sha256));
    const isPacked = packed === content ? 0 : 1;
    const facts = [at, kindOf(call), call, mediaType, Buffer.byteLength(content), sha256, isPacked, body.length];
    return transaction(this.#db, () => {
      const insert = this.#db.prepare(
        'INSERT INTO sent (at, kind, call, media_type, bytes, sha256, packed, stored, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
      );
      const id = Number(insert.run(...facts, body).lastInsertRowid);
      this.#db
        .prepare('INSERT INTO volume VALUES (?, ?) ON CONFLICT (hour) DO UPDATE SET bytes = bytes + excluded.bytes')
        .run(hourOf(at), Buffer.byteLength(content));
      for (const run of runs) this.#addRun(id, run);
      this.#prune(at, body.length);
      return id;
    });
  }

  /** Bytes of the messages that went out since midnight on this device, as they were sent, those not kept any more too. */
  sentToday(now = Date.now()): number {
    const [midnight, next] = [new Date(now).setHours(0, 0, 0, 0), new Date(now).setHours(24, 0, 0, 0)];
    const sum = 'SELECT coalesce(sum(bytes), 0) AS n FROM volume WHERE hour >= ? AND hour < ?';
    return Number(this.#db.prepare(sum).get(hourOf(midnight), next)?.n);
  }

  takeBack(id: number): void {
    const taken = this.#db.prepare('SELECT at, bytes FROM sent WHERE id = ?').get(id);
    if (!taken) return;
    const less = this.#db.prepare('UPDATE volume SET bytes = bytes - ? WHERE hour = ?');
    less.run(Number(taken.bytes), hourOf(Number(taken.at)));
    this.#db.prepare('DELETE FROM sent WHERE id = ?').run(id);
  }

  count(call: string, by: number, at = Date.now()): void {
    const hour = hourOf(at);
    this.#db
      .prepare('INSERT INTO asked VALUES (?, ?, ?, ?) ON CONFLICT (hour, call) DO UPDATE SET count = count + ?')
      .run(hour, kindOf(call), call, by, by);
    if (by < 0) this.#db.prepare('DELETE FROM asked WHERE hour = ? AND call = ? AND count <= 0').run(hour, call);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #addRun(id: number, run: Outgoing['runs'][number]): void {
    const told = this.#db.prepare('SELECT monitor_id FROM parts WHERE run_id = ? LIMIT 1').get(run.id)?.monitor_id;
    const monitor = run.monitorId ?? (typeof told === 'string' ? told : null);
    this.#db.prepare('INSERT INTO parts VALUES (?, ?, ?)').run(id, run.id, monitor);
  }

  #prune(now: number, added: number): void {
    this.#untilPrune.items--;
    this.#untilPrune.bytes -= added;
    if (this.#untilPrune.items > 0 && this.#untilPrune.bytes > 0) return;
    const { maxAgeMs, maxBytes } = this.#bounds;
    this.#untilPrune = { items: pruneEvery.items, bytes: Math.min(pruneEvery.bytes, maxBytes / 16) };
    if (!this.#hasLeapt(now)) {
      this.#db.prepare('DELETE FROM sent WHERE at < ?').run(now - maxAgeMs);
      for (const table of ['asked', 'volume'])
        this.#db.prepare(`DELETE FROM ${table} WHERE hour < ?`).run(now - maxAgeMs);
    }
    const room = maxBytes - this.#untilPrune.bytes; // what comes before the next look must fit too
    const newest = 'SELECT id, sum(stored) OVER (ORDER BY id DESC) AS total FROM sent';
    this.#db
      .prepare(`DELETE FROM sent WHERE id <= (SELECT max(id) FROM (${newest}) WHERE total > ?)`)
      .run(Math.floor(room));
  }

  /** Whether the clock has lately gone ahead by so much that it may be wrong. */
  #hasLeapt(now: number): boolean {
    const steps = 'SELECT at, at - lag(at) OVER (ORDER BY at) AS step FROM sent WHERE at <= ?';
    const { at } = this.#db.prepare(`SELECT max(at) AS at FROM (${steps}) WHERE step > ?`).get(now, leap.aheadMs) ?? {};
    return typeof at === 'number' && now - at < leap.doubtedMs;
  }
}

export function journalFile(home: string): string {
  return path.join(home, 'journal.sqlite');
}

/** What an item's body is sealed under. */
export function sealLabel(at: number, sha256: string): string {
  return `${at} ${sha256}`;
}

function hourOf(at: number): number {
  return Math.floor(at / hourMs) * hourMs;
}

function kindOf(call: string): SentKind {
  return kinds.find(([pattern]) => pattern.test(call))?.[1] ?? 'other';
}

/** A damaged journal is set aside: it must not keep the sentinel from its work. */
function openOrReplace(file: string): DatabaseSync {
  try {
    return open(file);
  } catch (error) {
    if (isOfThePlace(error)) throw error;
    fs.renameSync(file, `${file}.damaged`);
    for (const part of ['-wal', '-shm']) fs.rmSync(file + part, { force: true });
    return open(file);
  }
}

const tables = `
  DROP TABLE IF EXISTS sent;
  DROP TABLE IF EXISTS parts;
  DROP TABLE IF EXISTS asked;
  CREATE TABLE sent (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, kind TEXT NOT NULL, call TEXT NOT NULL,
    media_type TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, packed INTEGER NOT NULL,
    stored INTEGER NOT NULL, body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX sent_by_time ON sent (at, bytes);
  CREATE TABLE parts (id INTEGER NOT NULL, run_id TEXT NOT NULL, monitor_id TEXT) STRICT;
  CREATE INDEX parts_by_run ON parts (run_id);
  CREATE INDEX parts_by_id ON parts (id);
  CREATE TRIGGER sent_out AFTER DELETE ON sent BEGIN DELETE FROM parts WHERE id = old.id; END;
  CREATE TABLE asked (
    hour INTEGER NOT NULL, kind TEXT NOT NULL, call TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (hour, call)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE volume (hour INTEGER PRIMARY KEY, bytes INTEGER NOT NULL) STRICT;
  PRAGMA user_version = ${layout};
`;

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 1000 });
  try {
    fs.chmodSync(file, 0o600);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    const found = Number(db.prepare('PRAGMA user_version').get()?.user_version);
    if (found !== layout) db.exec(`BEGIN IMMEDIATE; ${tables} COMMIT`);
    db.prepare('SELECT max(id) FROM sent').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
