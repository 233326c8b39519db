import type { Skip } from '../protocol/messages.ts';
import { readCount } from './schema.ts';
import { addSkip, endSkips } from './skips.ts';
import type { SpoolFile } from './spool-file.ts';

/** How long (ms, counted while the sentinel runs) it is known of what is not assigned any more: far longer than a request to run now counts. */
const keepsGoneMs = 86_400_000;

/** What a sentinel must still know after a restart or a kill; it lies in the spool's file and is as durable. */
export class Memory {
  readonly #file: SpoolFile;

  constructor(file: SpoolFile) {
    this.#file = file;
  }

  /**
   * Up to when (ms) each time of a monitor was run or told as skipped, and by which schedule; '' where that is not known.
   * `isGone`: that was before it was assigned no more, or until it came back.
   */
  settled(): Map<string, { dueAt: number; schedule: string; isGone?: true }> {
    const rows = this.#file.read((db) => db.prepare('SELECT monitor_id, due_at, schedule, gone_at FROM due').all());
    return new Map(
      rows.map((row) => {
        const gone = row.gone_at === null ? {} : { isGone: true as const };
        return [String(row.monitor_id), { dueAt: Number(row.due_at), schedule: String(row.schedule), ...gone }];
      }),
    );
  }

  /**
   * Written before the run starts, so that a restart doesn't run the same time twice. One that was written before and never
   * started, since the disk had said it wasn't, is told as skipped.
   */
  begun(monitorId: string, dueAt: number, schedule = ''): void {
    this.#file.writeAnyway((db) => {
      const going = db.prepare('SELECT going FROM due WHERE monitor_id = ?').get(monitorId)?.going ?? dueAt;
      const before = Number(going);
      if (before !== dueAt) addSkip(db, { monitorId, reason: 'storage', from: before, to: before, count: 1 });
      db.prepare(writeDue).run(monitorId, dueAt, schedule, dueAt);
      endSkips(db, monitorId);
    });
  }

  /** All times of the monitor up to `dueAt` are done with: those that were not run are `skips`. */
  skipped(monitorId: string, dueAt: number, schedule: string, skips: readonly Skip[]): void {
    this.#file.writeAnyway((db) => {
      const going = db.prepare('SELECT going FROM due WHERE monitor_id = ?').get(monitorId)?.going ?? null;
      for (const skip of skips) addSkip(db, skip);
      db.prepare(writeDue).run(monitorId, dueAt, schedule, going);
    });
  }

  /** Runs that were going when the sentinel was ended, and brought no result, are told as skipped; called at each start. */
  tellInterrupted(): void {
    this.#file.writeAnyway((db) => {
      const rows = db.prepare('SELECT monitor_id, going FROM due WHERE going IS NOT NULL').all();
      db.exec('UPDATE due SET going = NULL');
      for (const { monitor_id, going } of rows) {
        const dueAt = Number(going);
        addSkip(db, { monitorId: String(monitor_id), reason: 'off', from: dueAt, to: dueAt, count: 1 });
      }
    });
  }

  /**
   * What is no longer assigned was not skipped: should it come back, it begins anew. For a day it is known what of it was
   * run, so that neither a time nor a request to run now is run twice. Trials are among the ids.
   */
  keepOnly(monitorIds: readonly string[]): void {
    const isHere = (id: string) => monitorIds.includes(id);
    const [present, absent] = [this.#known('gone_at IS NULL'), this.#known('gone_at IS NOT NULL')];
    const gone = present.filter((id) => !isHere(id));
    const back = absent.filter(isHere);
    if (gone.length + back.length === 0) return;
    this.#file.writeAnyway((db) => {
      const lived = readCount(db, 'lived');
      for (const table of ['due', 'requests']) {
        const leave = db.prepare(`UPDATE ${table} SET gone_at = ?, going = NULL WHERE monitor_id = ?`);
        const forget = db.prepare(`DELETE FROM ${table} WHERE monitor_id = ? AND gone_at < ?`);
        for (const id of gone) leave.run(lived, id);
        for (const id of absent) if (!isHere(id)) forget.run(id, lived - keepsGoneMs);
      }
      const stay = db.prepare('UPDATE requests SET gone_at = NULL WHERE monitor_id = ?'); // of `due` what is written next does it
      for (const id of back) stay.run(id);
      for (const id of gone) {
        db.prepare('DELETE FROM pictures WHERE monitor_id = ?').run(id);
        endSkips(db, id);
      }
    });
  }

  #known(which: string): string[] {
    const find = `SELECT monitor_id FROM (SELECT monitor_id, gone_at FROM due UNION SELECT monitor_id, gone_at FROM requests
      UNION SELECT monitor_id, NULL FROM pictures) WHERE ${which}`;
    return this.#file.read((db) => db.prepare(find).all()).map(({ monitor_id }) => String(monitor_id));
  }

  /** The latest request to run it now that each monitor has honoured. */
  honoured(): Map<string, string> {
    const rows = this.#file.read((db) => db.prepare('SELECT monitor_id, request_id FROM requests').all());
    return new Map(rows.map(({ monitor_id, request_id }) => [String(monitor_id), String(request_id)]));
  }

  /** Written before the run starts, so that a request is honoured once; with `dueAt` (ms), that the run of then answers it and goes now. */
  honour(monitorId: string, requestId: string, dueAt?: number): void {
    const write = 'INSERT OR REPLACE INTO requests (monitor_id, request_id, going) VALUES (?, ?, ?)';
    this.#file.writeAnyway((db) => db.prepare(write).run(monitorId, requestId, dueAt ?? null));
  }

  /**
   * Requests whose runs were going when the sentinel was ended, and brought no result; whether that was a time of the
   * schedule, as long as `tellInterrupted` has not told it.
   */
  interruptedRequests(): { monitorId: string; requestId: string; dueAt: number; isOfSchedule: boolean }[] {
    const find = `SELECT r.*, d.going IS NOT NULL AS of_schedule FROM requests r
      LEFT JOIN due d ON d.monitor_id = r.monitor_id AND d.going = r.going WHERE r.going IS NOT NULL`;
    const rows = this.#file.read((db) => db.prepare(find).all());
    return rows.map(({ monitor_id, request_id, going, of_schedule }) => ({
      monitorId: String(monitor_id),
      requestId: String(request_id),
      dueAt: Number(going),
      isOfSchedule: Boolean(of_schedule),
    }));
  }

  /** When (ms) pictures of a monitor that passed were last taken, and of what; undefined if they never were. */
  pictured(monitorId: string): { of: string; at: number } | undefined {
    const row = this.#file.read((db) => db.prepare('SELECT of, at FROM pictures WHERE monitor_id = ?').get(monitorId));
    return row && { of: String(row.of), at: Number(row.at) };
  }

  picture(monitorId: string, of: string, at: number): void {
    const write = 'INSERT OR REPLACE INTO pictures VALUES (?, ?, ?)';
    this.#file.writeAnyway((db) => db.prepare(write).run(monitorId, of, at));
  }

  /** The highest version of a script that was ever accepted, 0 if none. */
  highestVersion(script: string): number {
    const row = this.#file.read((db) => db.prepare('SELECT version FROM script_versions WHERE script = ?').get(script));
    return Number(row?.version ?? 0);
  }

  /** Raises the highest version; a lower one changes nothing. */
  sawVersion(script: string, version: number): void {
    if (version <= this.highestVersion(script)) return;
    this.#file.writeAnyway((db) =>
      db.prepare('INSERT OR REPLACE INTO script_versions VALUES (?, ?)').run(script, version),
    );
  }

  /** When the server last answered (ms since 1970, the sentinel's clock), where the way to it stalls, what is wrong; for `status`. */
  note(name: 'lastContactAt' | 'stall' | 'problems', value: string): void {
    try {
      const there = this.#file.read((db) => db.prepare('SELECT value FROM facts WHERE name = ?').get(name));
      if (there?.value === value) return; // each write would wake the disk
      this.#file.write((db) => db.prepare('INSERT OR REPLACE INTO facts VALUES (?, ?)').run(name, value));
    } catch {
      // a courtesy to who asks for the status; what keeps it from being written is shown where runs are stored
    }
  }
}

const writeDue = 'INSERT OR REPLACE INTO due (monitor_id, due_at, schedule, going) VALUES (?, ?, ?, ?)';
