import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openSeal, type Seal } from './seal.ts';

const keptMs = 30 * 86_400_000;
const keptItems = 100_000;
/** Looking for what is too old at every item would cost more than keeping it a little longer. */
const pruneEvery = 500;

/** One message as it was sent: when (ms since 1970), to which call, its text. */
export interface SentItem {
  at: number;
  path: string;
  text: string;
}

/**
 * Every message this sentinel has sent, for whoever wants to know, sealed on disk; the last 30 days, at most 100 000.
 * A file of its own: it is no promise of delivery, and must not get in the spool's way.
 */
export class Journal implements Disposable {
  readonly #db: DatabaseSync;
  readonly #seal: Seal;
  #untilPrune = 0;

  constructor(home: string) {
    this.#seal = openSeal(home, 'journal');
    this.#db = openOrReplace(fileIn(home));
  }

  add({ at, path, text }: SentItem): void {
    const body = this.#seal.close(Buffer.from(text), `${at} ${path}`);
    this.#db.prepare('INSERT INTO sent (at, path, body) VALUES (?, ?, ?)').run(at, path, body);
    if (this.#untilPrune-- > 0) return;
    this.#untilPrune = pruneEvery;
    this.#db
      .prepare('DELETE FROM sent WHERE at < ? OR seq <= (SELECT max(seq) FROM sent) - ?')
      .run(at - keptMs, keptItems);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }
}

/** The last `limit` items, oldest first. Works beside a running sentinel. */
export function readJournal(home: string, limit: number): SentItem[] {
  if (!fs.existsSync(fileIn(home))) return [];
  const seal = openSeal(home, 'journal');
  const db = new DatabaseSync(fileIn(home), { readOnly: true, timeout: 1000 });
  try {
    const rows = db.prepare('SELECT at, path, body FROM sent ORDER BY seq DESC LIMIT ?').all(limit);
    return rows.reverse().map(({ at, path, body }) => {
      const text = body instanceof Uint8Array ? seal.open(body, `${at} ${path}`)?.toString() : undefined;
      return { at: Number(at), path: String(path), text: text ?? 'this entry is damaged' };
    });
  } finally {
    db.close();
  }
}

function fileIn(home: string): string {
  return path.join(home, 'journal.sqlite');
}

/** A damaged journal is set aside: it must not keep the sentinel from its work. */
function openOrReplace(file: string): DatabaseSync {
  try {
    return open(file);
  } catch {
    fs.renameSync(file, `${file}.damaged`);
    for (const part of ['-wal', '-shm']) fs.rmSync(file + part, { force: true });
    return open(file);
  }
}

function open(file: string): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 1000 });
  try {
    fs.chmodSync(file, 0o600);
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    db.exec(
      'CREATE TABLE IF NOT EXISTS sent (seq INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, path TEXT NOT NULL, body BLOB NOT NULL) STRICT',
    );
    db.prepare('SELECT max(seq) FROM sent').get();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
