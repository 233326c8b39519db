import type { DatabaseSync } from 'node:sqlite';
import { addDrops, type DropKind, readCount } from './schema.ts';

export interface SpoolBounds {
  /** Most bytes of runs and evidence together. */
  maxBytes: number;
  /** Longest stay, counted while the sentinel runs. */
  maxAgeMs: number;
}

export const defaultBounds: SpoolBounds = { maxBytes: 256 * 1024 * 1024, maxAgeMs: 60 * 86_400_000 };
const mostSkips = 20_000;

/** A trace shows what a screenshot does and more, so it stays longer. */
const isTrace = "media_type = 'application/zip'";

/**
 * What goes first when there is no room: pictures of what passed, of which there will be others; evidence before traces
 * before runs, what the server refused before what it has not seen.
 */
const dropOrder = [
  { kind: 'evidence', table: 'evidence', where: 'when_passed = 1' },
  { kind: 'evidence', table: 'evidence', where: `state = 'rejected' AND NOT ${isTrace}` },
  { kind: 'traces', table: 'evidence', where: `state = 'rejected' AND ${isTrace}` },
  { kind: 'evidence', table: 'evidence', where: `state <> 'rejected' AND NOT ${isTrace}` },
  { kind: 'traces', table: 'evidence', where: `state <> 'rejected' AND ${isTrace}` },
  { kind: 'refused runs', table: 'runs', where: "state = 'rejected'" },
  { kind: 'runs', table: 'runs', where: "state = 'waiting'" },
] as const satisfies { kind: DropKind; table: string; where: string }[];

/** Drops what is too old or too much, the oldest first, and counts it. The newest run always stays. */
export function keepWithin(db: DatabaseSync, bounds: SpoolBounds, lived: number): void {
  for (const { kind, table, where } of dropOrder) {
    const tooOld = db.prepare(`DELETE FROM ${table} WHERE ${where} AND lived < ?`).run(lived - bounds.maxAgeMs);
    addDrops(db, kind, 'age', Number(tooOld.changes));
  }
  makeRoom(db, bounds.maxBytes);
  dropOldSkips(db);
}

/**
 * Drops half of the evidence, what shows that a run passed first and then the oldest, for a run that finds the disk full.
 * Never drops a run.
 */
export function dropOldEvidence(db: DatabaseSync): void {
  const half =
    'SELECT seq FROM evidence ORDER BY when_passed DESC, seq LIMIT (SELECT (count(*) + 1) / 2 FROM evidence)';
  for (const [kind, which] of [
    ['traces', isTrace],
    ['evidence', `NOT ${isTrace}`],
  ] as const) {
    const found = db.prepare(`SELECT count(*) AS n FROM evidence WHERE ${which} AND seq IN (${half})`).get();
    addDrops(db, kind, 'disk', Number(found?.n ?? 0));
  }
  db.prepare(`DELETE FROM evidence WHERE seq IN (${half})`).run();
}

/** Drops the oldest, in `dropOrder`, until at most `maxBytes` are left. */
function makeRoom(db: DatabaseSync, maxBytes: number): void {
  if (readCount(db, 'bytes') <= maxBytes) return;
  const newest = Number(db.prepare('SELECT max(seq) AS seq FROM runs').get()?.seq ?? 0);
  for (const { kind, table, where } of dropOrder) {
    const spared = table === 'runs' ? newest : -1;
    const oldest = db.prepare(
      `DELETE FROM ${table} WHERE seq = (SELECT min(seq) FROM ${table} WHERE ${where} AND seq <> ${spared})`,
    );
    while (readCount(db, 'bytes') > maxBytes) {
      const dropped = Number(oldest.run().changes);
      if (dropped === 0) break;
      addDrops(db, kind, 'size', dropped);
    }
  }
}

function dropOldSkips(db: DatabaseSync): void {
  const tooMany = Number(db.prepare('SELECT count(*) AS n FROM skips').get()?.n ?? 0) - mostSkips;
  if (tooMany <= 0) return;
  const oldest = 'SELECT monitor_id, from_at FROM skips ORDER BY from_at LIMIT ?';
  db.prepare(`DELETE FROM skips WHERE (monitor_id, from_at) IN (${oldest})`).run(tooMany);
  addDrops(db, 'skips', 'size', tooMany);
}
