import type { DatabaseSync } from 'node:sqlite';
import type { Run, Skip } from '../protocol/messages.ts';
import type { Seal } from '../seal.ts';
import { defaultBounds, dropOldEvidence, keepWithin, type SpoolBounds } from './bounds.ts';
import { salvage } from './salvage.ts';
import { addToCount, type Drop, readCount, readDrops } from './schema.ts';
import { acknowledgeSkips, unsentSkips } from './skips.ts';
import { isFull, type OpenDatabase, SpoolFile } from './spool-file.ts';

export interface EvidenceFile {
  sha256: string;
  mediaType: string;
  content: Buffer;
  /** It shows what passed. */
  whenPassed?: boolean;
}

export interface WaitingEvidence extends EvidenceFile {
  runId: string;
}

/** How many runs wait for the server, were refused by it, were dropped for want of room; evidence likewise. */
export interface SpoolDepth {
  waiting: number;
  rejected: number;
  dropped: number;
  evidence: number;
  droppedEvidence: number;
  /** All that was dropped for want of room, of which kind and why. */
  drops: Drop[];
  /** Of the waiting runs those over which the server failed: they are tried again later, at growing intervals. */
  putOff: number;
  /** Runs ever stored, and those that the server has acknowledged. */
  stored: number;
  acknowledged: number;
  /** How often the file was found damaged and set aside, and single runs that could not be read. */
  damaged: number;
  bytes: number;
}

export interface SpoolSettings {
  file: string;
  seal: Seal;
  bounds?: SpoolBounds;
  /** Wall clock, ms since 1970. */
  now?: () => number;
  /** A clock that never steps, ms. */
  uptime?: () => number;
  openDatabase?: OpenDatabase;
  /** Room that is kept on the disk for when it is full. */
  reserveBytes?: number;
}

const firstPutOffMs = 60_000;
const longestPutOffMs = 6 * 3_600_000;
const sentAgainAfterMs = 3_600_000;

/**
 * Runs and their evidence on their way to the server. A run is on disk when `add` returns, and leaves only when the
 * server has named it in an acknowledgement; what the bounds push out is counted.
 */
export class Spool implements Disposable {
  readonly #seal: Seal;
  readonly #bounds: SpoolBounds;
  readonly #now: () => number;
  readonly #uptime: () => number;
  readonly #uptimeAtOpen: number;
  readonly #livedAtOpen: number;
  /** Also holds what the sentinel remembers over restarts; see memory.ts. */
  readonly file: SpoolFile;

  /** Throws `SpoolTooNew`, or SQLite's error if the place can't be used. */
  constructor(settings: SpoolSettings) {
    const { file, seal, bounds = defaultBounds, now = Date.now, uptime = () => performance.now() } = settings;
    this.#seal = seal;
    this.#bounds = bounds;
    this.#now = now;
    this.#uptime = uptime;
    const onDamage = (damaged: string, fresh: DatabaseSync) => salvage(damaged, fresh, seal);
    this.file = new SpoolFile(file, onDamage, settings.openDatabase, settings.reserveBytes);
    this.#uptimeAtOpen = uptime();
    this.#livedAtOpen = this.file.read((db) => readCount(db, 'lived'));
  }

  /**
   * Stores a run that is over, with its files; `mark`, if by how much the device's clock was off is to be added before it is sent.
   * If the disk is full, older evidence makes room for the run alone; else throws.
   */
  add(run: Run, files: readonly EvidenceFile[], mark?: string): void {
    try {
      this.file.write((db) => this.#insert(db, run, files, mark));
    } catch (error) {
      if (!isFull(error)) throw error;
      this.file.writeAnyway(dropOldEvidence);
      const bare: Run = { ...run, evidence: [], evidenceMissing: "the sentinel's disk was full" };
      this.file.writeAnyway((db) => this.#insert(db, bare, [], mark));
    }
  }

  /** The oldest waiting runs but those put off, at most `count`, and no more than fit `bytes` together (but at least one). */
  oldestRuns(count: number, bytes: number): Run[] {
    const rows = this.file.read((db) =>
      db
        .prepare("SELECT id, bytes, body FROM runs WHERE state = 'waiting' AND tries = 0 ORDER BY seq LIMIT ?")
        .all(count),
    );
    const runs: Run[] = [];
    let room = bytes;
    for (const row of rows) {
      room -= Number(row.bytes) + 1;
      if (room < 0 && runs.length > 0) break;
      const body = this.#open(row.body, `run ${row.id}`);
      if (body) runs.push(JSON.parse(body.toString()));
      else this.#damagedRun(String(row.id));
    }
    const allDamaged = rows.length > 0 && runs.length === 0;
    return allDamaged ? this.oldestRuns(count, bytes) : runs;
  }

  /**
   * Adds to those of the oldest `count` runs that were stored with a mark what `offsetAt` says of it, ms. False if it knows nothing
   * yet of one of them.
   */
  setClocks(count: number, offsetAt: (mark: string) => number | undefined): boolean {
    const find = "SELECT id, clock FROM runs WHERE state = 'waiting' AND tries = 0 ORDER BY seq LIMIT ?";
    const marked = this.file.read((db) => db.prepare(find).all(count)).filter(({ clock }) => clock !== null);
    const told = marked.map(({ id, clock }) => ({ id: String(id), offsetMs: offsetAt(String(clock)) }));
    if (told.some(({ offsetMs }) => offsetMs === undefined)) return false;
    if (told.length > 0)
      this.file.writeAnyway((db) => {
        for (const { id, offsetMs } of told) this.#setClock(db, id, offsetMs);
      });
    return true;
  }

  /** The oldest waiting run, which goes out as it is: once the server may have it nothing is added, or it would take it for another. */
  oldestAsItIs(): Run | undefined {
    const [run] = this.oldestRuns(1, 0);
    if (run) this.file.writeAnyway((db) => this.#setClock(db, run.id, undefined));
    return run;
  }

  /** The server has these runs: they are deleted, and their evidence may follow. */
  acknowledge(ids: readonly string[]): void {
    this.file.writeAnyway((db) => {
      for (const id of ids) {
        const gone = Number(db.prepare("DELETE FROM runs WHERE id = ? AND state = 'waiting'").run(id).changes);
        addToCount(db, 'acknowledged', gone);
        if (gone > 0) db.prepare("UPDATE evidence SET state = 'waiting' WHERE run_id = ? AND state = 'held'").run(id);
      }
    });
  }

  /** The server will never take this run: it is set aside with the reason. */
  reject(id: string, reason: string): void {
    this.file.writeAnyway((db) => {
      db.prepare("UPDATE runs SET state = 'rejected', reason = ? WHERE id = ?").run(reason, id);
      db.prepare("UPDATE evidence SET state = 'rejected', reason = ? WHERE run_id = ?").run(reason, id);
    });
  }

  /** The server fails over this run: it stays, and is offered again by itself after a while, later each time. */
  putOff(id: string, reason: string): void {
    const lived = this.#lived();
    this.file.writeAnyway((db) => {
      const tries = Number(db.prepare('SELECT tries FROM runs WHERE id = ?').get(id)?.tries ?? 0);
      const retryAt = lived + Math.min(longestPutOffMs, firstPutOffMs * 2 ** tries);
      const note = "UPDATE runs SET tries = ?, retry_at = ?, reason = ? WHERE id = ? AND state = 'waiting'";
      db.prepare(note).run(tries + 1, retryAt, reason.slice(0, 500), id);
    });
  }

  /** A run that was put off and may be tried again. */
  nextPutOff(): Run | undefined {
    const find =
      "SELECT id, body FROM runs WHERE state = 'waiting' AND tries > 0 AND retry_at <= ? ORDER BY retry_at LIMIT 1";
    for (;;) {
      const row = this.file.read((db) => db.prepare(find).get(this.#lived()));
      if (!row) return undefined;
      const body = this.#open(row.body, `run ${row.id}`);
      if (body) return JSON.parse(body.toString());
      this.#damagedRun(String(row.id));
    }
  }

  /**
   * The oldest file whose run the server has, those that show what went wrong before all others. One that the server had
   * within the last hour is not offered again: it knows the file by its hash, and a storm of identical failures sends it once.
   */
  nextEvidence(): WaitingEvidence | undefined {
    for (;;) {
      const row = this.file.read((db) => {
        const find = "SELECT * FROM evidence WHERE when_passed = ? AND state = 'waiting' ORDER BY seq LIMIT 1";
        const oldest = db.prepare(find);
        return oldest.get(0) ?? oldest.get(1);
      });
      if (!row) return undefined;
      const [runId, sha256] = [String(row.run_id), String(row.sha256)];
      if (this.#wasSentLately(sha256)) {
        this.#removeEvidence(runId, sha256);
        continue;
      }
      const content = this.#open(row.body, `evidence ${sha256}`);
      const passed = row.when_passed === 1 ? { whenPassed: true } : {};
      if (content) return { runId, sha256, mediaType: String(row.media_type), content, ...passed };
      this.rejectEvidence(runId, sha256, 'it was damaged on the disk of the sentinel');
    }
  }

  acknowledgeEvidence(runId: string, sha256: string): void {
    const lived = this.#lived();
    this.file.writeAnyway((db) => {
      db.prepare('DELETE FROM evidence WHERE run_id = ? AND sha256 = ?').run(runId, sha256);
      db.prepare('DELETE FROM sent_files WHERE lived <= ?').run(lived - sentAgainAfterMs);
      db.prepare('INSERT OR REPLACE INTO sent_files VALUES (?, ?)').run(sha256, lived);
    });
  }

  rejectEvidence(runId: string, sha256: string, reason: string): void {
    this.file.writeAnyway((db) =>
      db
        .prepare("UPDATE evidence SET state = 'rejected', reason = ? WHERE run_id = ? AND sha256 = ?")
        .run(reason, runId, sha256),
    );
  }

  /** Runs that were set aside, with the reason, oldest first. */
  rejected(limit: number): { id: string; reason: string }[] {
    const rows = this.file.read((db) =>
      db.prepare("SELECT id, reason FROM runs WHERE state = 'rejected' ORDER BY seq LIMIT ?").all(limit),
    );
    return rows.map((row) => ({ id: String(row.id), reason: String(row.reason) }));
  }

  /** Spans of skipped times that the server doesn't have, oldest first. */
  unsentSkips(limit: number): Skip[] {
    return unsentSkips(this.file, limit);
  }

  acknowledgeSkips(skips: readonly Skip[]): void {
    acknowledgeSkips(this.file, skips);
  }

  depth(): SpoolDepth {
    return this.file.read(depthOf);
  }

  [Symbol.dispose](): void {
    this.file[Symbol.dispose]();
  }

  #setClock(db: DatabaseSync, id: string, clockOffsetMs: number | undefined): void {
    db.prepare('UPDATE runs SET clock = NULL WHERE id = ?').run(id);
    const row = db.prepare('SELECT bytes, body FROM runs WHERE id = ?').get(id);
    const run = this.#open(row?.body, `run ${id}`);
    if (!run || clockOffsetMs === undefined) return; // one that is damaged is set aside when it is read
    const text = JSON.stringify({ ...JSON.parse(run.toString()), clockOffsetMs });
    const body = this.#seal.close(Buffer.from(text), `run ${id}`);
    db.prepare('UPDATE runs SET body = ?, bytes = ? WHERE id = ?').run(body, body.length, id);
    addToCount(db, 'bytes', body.length - Number(row?.bytes));
  }

  #insert(db: DatabaseSync, run: Run, files: readonly EvidenceFile[], mark: string | undefined): void {
    const lived = this.#lived();
    db.prepare("UPDATE counts SET value = ? WHERE name = 'lived'").run(lived);
    const body = this.#seal.close(Buffer.from(JSON.stringify(run)), `run ${run.id}`);
    const insert = db.prepare(
      "INSERT OR IGNORE INTO runs (id, outcome, state, stored_at, lived, bytes, body, clock) VALUES (?, ?, 'waiting', ?, ?, ?, ?, ?)",
    );
    const { changes } = insert.run(run.id, run.outcome, this.#now(), lived, body.length, body, mark ?? null);
    if (changes === 0) return; // stored already: the first attempt looked like a failure and was none
    for (const file of files) this.#insertFile(db, run.id, file, lived);
    db.prepare('UPDATE due SET going = NULL WHERE monitor_id = ? AND going = ?').run(run.monitorId, run.dueAt);
    db.prepare('UPDATE requests SET going = NULL WHERE request_id = ?').run(
      run.requestId ?? run.answersRequest ?? run.trialId ?? null,
    );
    addToCount(db, 'stored', 1);
    keepWithin(db, this.#bounds, lived);
  }

  #wasSentLately(sha256: string): boolean {
    const find = 'SELECT 1 FROM sent_files WHERE sha256 = ? AND lived > ?';
    return this.file.read((db) => db.prepare(find).get(sha256, this.#lived() - sentAgainAfterMs)) !== undefined;
  }

  #removeEvidence(runId: string, sha256: string): void {
    this.file.writeAnyway((db) =>
      db.prepare('DELETE FROM evidence WHERE run_id = ? AND sha256 = ?').run(runId, sha256),
    );
  }

  /** The spool's own clock, ms. */
  #lived(): number {
    return Math.floor(this.#livedAtOpen + this.#uptime() - this.#uptimeAtOpen);
  }

  #insertFile(db: DatabaseSync, runId: string, file: EvidenceFile, lived: number): void {
    const body = this.#seal.close(file.content, `evidence ${file.sha256}`);
    db.prepare(
      "INSERT OR IGNORE INTO evidence (run_id, sha256, media_type, state, lived, bytes, body, when_passed) VALUES (?, ?, ?, 'held', ?, ?, ?, ?)",
    ).run(runId, file.sha256, file.mediaType, lived, body.length, body, file.whenPassed ? 1 : 0);
  }

  #damagedRun(id: string): void {
    this.reject(id, 'it was damaged on the disk of the sentinel');
    this.file.write((db) => addToCount(db, 'damaged', 1));
  }

  #open(body: unknown, label: string): Buffer | undefined {
    return body instanceof Uint8Array ? this.#seal.open(body, label) : undefined;
  }
}

/** The depth of a spool whose file is open for reading. */
export function depthOf(db: DatabaseSync): SpoolDepth {
  const drops = readDrops(db);
  const droppedOf = (...kinds: Drop['kind'][]) =>
    drops.reduce((sum, { kind, count }) => sum + (kinds.includes(kind) ? count : 0), 0);
  const runsIn = (state: string) => countRows(db, 'SELECT count(*) AS n FROM runs WHERE state = ?', state);
  return {
    waiting: runsIn('waiting'),
    rejected: runsIn('rejected'),
    dropped: droppedOf('runs', 'refused runs'),
    evidence: countRows(db, 'SELECT count(*) AS n FROM evidence WHERE state <> ?', 'rejected'),
    droppedEvidence: droppedOf('evidence', 'traces'),
    drops,
    putOff: countRows(db, "SELECT count(*) AS n FROM runs WHERE state = 'waiting' AND tries > ?", 0),
    stored: readCount(db, 'stored'),
    acknowledged: readCount(db, 'acknowledged'),
    damaged: readCount(db, 'damaged'),
    bytes: readCount(db, 'bytes'),
  };
}

function countRows(db: DatabaseSync, sql: string, value: string | number): number {
  return Number(db.prepare(sql).get(value)?.n ?? 0);
}
