import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { zstdDecompressSync } from 'node:zlib';
import { isThere } from '../../certs/private-file.ts';
import { openSeal, type Seal } from '../seal.ts';
import { journalFile, sealLabel } from './journal.ts';

/** A message as it was sent. */
export interface SentItem {
  id: number;
  /** ms since 1970. */
  at: number;
  kind: string;
  call: string;
  mediaType: string;
  /** As it was sent. */
  bytes: number;
  sha256: string;
  /** Ids of the monitors and runs it is of. */
  monitors: string[];
  runs: string[];
  /** None if it is damaged on the disk. */
  content: Buffer | undefined;
}

/** Messages that carried nothing, within the hour that begins at `at`. */
export interface CountedItem {
  at: number;
  kind: string;
  call: string;
  count: number;
}

/** Which items are wanted; what is left out does not matter. */
export interface Wanted {
  last?: number;
  /** ms since 1970. */
  since?: number;
  kind?: string;
  /** Id of a monitor. */
  monitorId?: string;
  id?: number;
}

/** The items that are wanted, oldest first. Works beside a running sentinel. */
export function* readJournal(home: string, wanted: Wanted = {}): Generator<SentItem | CountedItem> {
  if (!isThere(journalFile(home))) return;
  const seal = openSeal(home, 'journal');
  const db = new DatabaseSync(journalFile(home), { readOnly: true, timeout: 1000 });
  try {
    for (const row of rowsOf(db, wanted)) {
      if (row.id !== null) yield itemOf(db, seal, row);
      else yield { at: Number(row.at), kind: String(row.kind), call: String(row.call), count: Number(row.count) };
    }
  } finally {
    db.close();
  }
}

export function isCounted(item: SentItem | CountedItem): item is CountedItem {
  return 'count' in item;
}

type Row = Record<string, SQLOutputValue>;

function rowsOf(db: DatabaseSync, { last, since, kind, monitorId, id }: Wanted): Row[] {
  const chosen = { kind: kind ?? null, monitorId: monitorId ?? null, id: id ?? null };
  const rows = db
    .prepare(
      `SELECT id, at, kind, call, NULL AS count, media_type, bytes, sha256, packed FROM sent
       WHERE ($since IS NULL OR at >= $since) AND ($kind IS NULL OR kind = $kind) AND ($id IS NULL OR id = $id)
         AND ($monitorId IS NULL OR EXISTS (SELECT 1 FROM parts WHERE parts.id = sent.id AND monitor_id = $monitorId))
       UNION ALL SELECT NULL, hour, kind, call, count, NULL, NULL, NULL, NULL FROM asked
       WHERE ($since IS NULL OR hour >= $since - 3600000) AND ($kind IS NULL OR kind = $kind) AND $id IS NULL
         AND $monitorId IS NULL
       ORDER BY at DESC, id DESC LIMIT $last`,
    )
    .all({ last: last ?? -1, since: since ?? null, ...chosen });
  return rows.reverse();
}

function itemOf(db: DatabaseSync, seal: Seal, row: Row): SentItem {
  const [at, sha256] = [Number(row.at), String(row.sha256)];
  const id = Number(row.id);
  const parts = db.prepare('SELECT run_id, monitor_id FROM parts WHERE id = ?').all(id);
  const monitors = parts.flatMap((part) => (part.monitor_id === null ? [] : [String(part.monitor_id)]));
  return {
    ...{ id, at, kind: String(row.kind), call: String(row.call), mediaType: String(row.media_type) },
    ...{ bytes: Number(row.bytes), sha256 },
    monitors: [...new Set(monitors)],
    runs: parts.map((part) => String(part.run_id)),
    content: contentOf(db, seal, id, sealLabel(at, sha256), row.packed === 1),
  };
}

function contentOf(db: DatabaseSync, seal: Seal, id: number, label: string, isPacked: boolean): Buffer | undefined {
  const body = db.prepare('SELECT body FROM sent WHERE id = ?').get(id)?.body;
  const opened = body instanceof Uint8Array ? seal.open(body, label) : undefined;
  return opened && isPacked ? zstdDecompressSync(opened) : opened;
}
