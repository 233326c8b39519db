import type { DatabaseSync } from 'node:sqlite';
import type { Skip } from '../protocol/messages.ts';
import type { SpoolFile } from './spool-file.ts';

/** Adds a span of skipped times. One that goes on where the monitor's last one ended, for the same reason, makes that one longer. */
export function addSkip(db: DatabaseSync, { monitorId, reason, from, to, count }: Skip): void {
  const grow =
    'UPDATE skips SET to_at = ?, count = count + ? WHERE monitor_id = ? AND open = 1 AND reason = ? AND to_at < ?';
  if (db.prepare(grow).run(to, count, monitorId, reason, from).changes > 0) return;
  endSkips(db, monitorId);
  const add = 'INSERT OR REPLACE INTO skips (monitor_id, from_at, to_at, reason, count) VALUES (?, ?, ?, ?, ?)';
  db.prepare(add).run(monitorId, from, to, reason, count);
}

/** None of a monitor's spans grows any more; those that the server has can go. */
export function endSkips(db: DatabaseSync, monitorId: string): void {
  db.prepare('UPDATE skips SET open = 0 WHERE monitor_id = ? AND open = 1').run(monitorId);
  db.prepare('DELETE FROM skips WHERE monitor_id = ? AND acknowledged >= count').run(monitorId);
}

/** Spans that the server doesn't have, or not as long as they are, oldest first. */
export function unsentSkips(file: SpoolFile, limit: number): Skip[] {
  const rows = file.read((db) =>
    db.prepare('SELECT * FROM skips WHERE acknowledged < count ORDER BY from_at, monitor_id LIMIT ?').all(limit),
  );
  return rows.map((row) => ({
    monitorId: String(row.monitor_id),
    reason: String(row.reason),
    from: Number(row.from_at),
    to: Number(row.to_at),
    count: Number(row.count),
  }));
}

/** The server has these spans, as long as they were when they were sent. */
export function acknowledgeSkips(file: SpoolFile, skips: readonly Skip[]): void {
  if (skips.length === 0) return;
  const note = 'UPDATE skips SET acknowledged = max(acknowledged, ?) WHERE monitor_id = ? AND from_at = ?';
  file.writeAnyway((db) => {
    for (const { monitorId, from, count } of skips) db.prepare(note).run(count, monitorId, from);
    db.exec('DELETE FROM skips WHERE open = 0 AND acknowledged >= count');
  });
}
