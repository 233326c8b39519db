import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { runIdOf } from '../../db/customer/run-key.ts';

export interface StoredRun {
  id: string;
  dueAt: number;
  outcome: string;
  /** Why it was skipped or what went wrong. */
  why: string;
  /** Names of its transactions, in their order. */
  transactions: string[];
}

/** The runs of one sentinel in a customer's database, read past the server. */
export function storedRuns(database: string, sentinelId: string): StoredRun[] {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 10_000 });
  const names = db.prepare(
    'SELECT t.name FROM transaction_results r JOIN transactions t ON t.id = r.transaction_id WHERE r.run_id = ? ORDER BY r.position',
  );
  const rows = db.prepare('SELECT * FROM runs WHERE sentinel_id = ?').all(sentinelId);
  return rows.map(({ id, due_at, outcome, reason, error_code, error_message }) => {
    const key = id instanceof Uint8Array ? id : new Uint8Array();
    return {
      id: runIdOf(key),
      dueAt: Number(due_at),
      outcome: String(outcome),
      why: [reason, error_code, error_message].filter((text) => text !== null).join(' '),
      transactions: names.all(key).map((row) => String(row.name)),
    };
  });
}

/** Whether no hour waits to be rolled up. */
export function isRolledUp(database: string): boolean {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 10_000 });
  return db.prepare('SELECT 1 FROM dirty_hours LIMIT 1').get() === undefined;
}

/** The file is whole, by SQLite's own account. */
export function assertWhole(database: string): void {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 10_000 });
  assert.equal(db.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
}

/** Runs and transaction results, per transaction (0: the whole run) and hour of UTC, on both engines. */
export const rowsPerHour = `SELECT transaction_id, started_at - started_at % 3600000 AS hour, count(*) AS n
  FROM (SELECT 0 AS transaction_id, started_at FROM runs
    UNION ALL SELECT transaction_id, started_at FROM transaction_results) AS every
  GROUP BY 1, 2 ORDER BY 1, 2`;

/** The same as the rollups have it, of a customer in UTC. */
export const rollupsPerHour = `SELECT transaction_id, hour, sum(passed + failed + errored + skipped) AS n
  FROM rollups GROUP BY 1, 2 HAVING n > 0 ORDER BY 1, 2`;

/** The rollups count every run and every transaction result, each once. */
export function assertCountedOnce(database: string): void {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 10_000 });
  assert.deepEqual(db.prepare(rollupsPerHour).all(), db.prepare(rowsPerHour).all());
}
