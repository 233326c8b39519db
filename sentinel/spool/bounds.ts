import type { DatabaseSync } from 'node:sqlite';
import { addToCount, readCount } from './schema.ts';

export interface SpoolBounds {
  /** Most bytes of runs and evidence together. */
  maxBytes: number;
  /** Longest stay, counted while the sentinel runs. */
  maxAgeMs: number;
}

export const defaultBounds: SpoolBounds = { maxBytes: 256 * 1024 * 1024, maxAgeMs: 60 * 86_400_000 };

/** What goes first when there is no room: evidence before runs, what the server refused before what it has not seen. */
const dropOrder = [
  { table: 'evidence', where: "state = 'rejected'", count: 'droppedEvidence' },
  { table: 'evidence', where: "state <> 'rejected'", count: 'droppedEvidence' },
  { table: 'runs', where: "state = 'rejected'", count: 'droppedRuns' },
  { table: 'runs', where: "state = 'waiting'", count: 'droppedRuns' },
] as const;

/** Drops what is too old or too much, the oldest first, and counts it. The newest run always stays. */
export function keepWithin(db: DatabaseSync, bounds: SpoolBounds, lived: number): void {
  for (const { table, where, count } of dropOrder) {
    const tooOld = db.prepare(`DELETE FROM ${table} WHERE ${where} AND lived < ?`).run(lived - bounds.maxAgeMs);
    addToCount(db, count, Number(tooOld.changes));
  }
  makeRoom(db, bounds.maxBytes);
}

/** Drops the older half of the evidence, for a run that finds the disk full. Never drops a run. */
export function dropOldEvidence(db: DatabaseSync): void {
  const half = 'SELECT seq FROM evidence ORDER BY seq LIMIT (SELECT (count(*) + 1) / 2 FROM evidence)';
  const dropped = db.prepare(`DELETE FROM evidence WHERE seq IN (${half})`).run();
  addToCount(db, 'droppedEvidence', Number(dropped.changes));
}

/** Drops the oldest, in `dropOrder`, until at most `maxBytes` are left. */
function makeRoom(db: DatabaseSync, maxBytes: number): void {
  const newest = Number(db.prepare('SELECT max(seq) AS seq FROM runs').get()?.seq ?? 0);
  for (const { table, where, count } of dropOrder) {
    const spared = table === 'runs' ? newest : -1;
    const oldest = db.prepare(
      `DELETE FROM ${table} WHERE seq = (SELECT min(seq) FROM ${table} WHERE ${where} AND seq <> ${spared})`,
    );
    while (readCount(db, 'bytes') > maxBytes) {
      const dropped = Number(oldest.run().changes);
      if (dropped === 0) break;
      addToCount(db, count, dropped);
    }
  }
}
