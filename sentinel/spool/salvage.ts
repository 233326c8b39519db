import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import type { Seal } from '../seal.ts';
import { addToCount, type CountName, countNames } from './schema.ts';
import { isFull } from './spool-file.ts';

const runColumns = 'id, outcome, state, reason, stored_at, lived, bytes, body, clock';
/** Counted anew, by what is copied and by `salvage` itself. */
const counted: readonly CountName[] = ['bytes', 'damaged'];
const evidenceColumns = 'run_id, sha256, media_type, state, reason, lived, bytes, body, when_passed';

/**
 * Brings what can still be read, and opens with `seal`, from a damaged spool into a fresh one, and counts the damage. Throws
 * if the disk has no room for it.
 */
export function salvage(damaged: string, fresh: DatabaseSync, seal: Seal): void {
  addToCount(fresh, 'damaged', 1);
  let old: DatabaseSync;
  try {
    old = new DatabaseSync(damaged, { readOnly: true });
  } catch {
    return; // not a database any more: all that is left is the file itself, which is set aside
  }
  const whole = (row: Row) => seal.open(bytesOf(row.body), `run ${row.id}`) !== undefined;
  const wholeFile = (row: Row) => seal.open(bytesOf(row.body), `evidence ${row.sha256}`) !== undefined;
  try {
    copyRows(old, fresh, 'runs', runColumns, whole);
    copyRows(old, fresh, 'evidence', evidenceColumns, wholeFile);
    for (const table of ['due', 'script_versions', 'skips', 'requests', 'pictures', 'drops'])
      copyAll(old, fresh, table);
    for (const name of countNames) if (!counted.includes(name)) copyCount(old, fresh, name);
  } finally {
    old.close();
  }
}

type Row = Record<string, SQLInputValue>;

/** Row by row, so that one bad page costs no more than the rows that touch it. */
function copyRows(
  old: DatabaseSync,
  fresh: DatabaseSync,
  table: string,
  columns: string,
  whole: (row: Row) => boolean,
): void {
  for (const seq of sequences(old, table)) {
    attempt(() => {
      const row = old.prepare(`SELECT * FROM ${table} WHERE seq = ?`).get(seq);
      if (!row || !whole(row)) return;
      const names = columns.split(', ').filter((name) => name in row); // an older file has fewer
      const marks = names.map(() => '?').join(', ');
      const values = names.map((name) => row[name] ?? null);
      fresh.prepare(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${marks})`).run(...values);
    });
  }
}

function sequences(old: DatabaseSync, table: string): number[] {
  const found: number[] = [];
  attempt(() => {
    const ends = old.prepare(`SELECT min(seq) AS first, max(seq) AS last FROM ${table}`).get();
    for (let seq = Number(ends?.first ?? 1); seq <= Number(ends?.last ?? 0); seq++) found.push(seq);
  });
  return found;
}

function copyAll(old: DatabaseSync, fresh: DatabaseSync, table: string): void {
  attempt(() => {
    for (const row of old.prepare(`SELECT * FROM ${table}`).iterate()) {
      const [names, values] = [Object.keys(row), Object.values(row)];
      const marks = names.map(() => '?').join(', ');
      fresh.prepare(`INSERT OR IGNORE INTO ${table} (${names.join(', ')}) VALUES (${marks})`).run(...values);
    }
  });
}

function copyCount(old: DatabaseSync, fresh: DatabaseSync, name: string): void {
  attempt(() => {
    const value = old.prepare('SELECT value FROM counts WHERE name = ?').get(name)?.value ?? 0;
    fresh.prepare('UPDATE counts SET value = ? WHERE name = ?').run(value, name);
  });
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (isFull(error)) throw error; // it can be read, and is lost if it isn't brought over: tried again when there is room
    // this part can't be read; the file that was set aside still holds it, and `damaged` counts it
  }
}

function bytesOf(value: SQLInputValue | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
