import type { SpoolFile } from './spool-file.ts';

/** What a sentinel must still know after a restart or a kill; it lies in the spool's file and is as durable. */
export class Memory {
  readonly #file: SpoolFile;

  constructor(file: SpoolFile) {
    this.#file = file;
  }

  /** The last due time (ms) of each monitor for which a run was begun. */
  lastDue(): Map<string, number> {
    const rows = this.#file.read((db) => db.prepare('SELECT monitor_id, due_at FROM due').all());
    return new Map(rows.map((row) => [String(row.monitor_id), Number(row.due_at)]));
  }

  /** Written before the run starts, so that a restart doesn't run the same slot twice. */
  begun(monitorId: string, dueAt: number): void {
    this.#file.write((db) => db.prepare('INSERT OR REPLACE INTO due VALUES (?, ?)').run(monitorId, dueAt));
  }

  /** The highest version of a script that was ever accepted, 0 if none. */
  highestVersion(script: string): number {
    const row = this.#file.read((db) => db.prepare('SELECT version FROM script_versions WHERE script = ?').get(script));
    return Number(row?.version ?? 0);
  }

  /** Raises the highest version; a lower one changes nothing. */
  sawVersion(script: string, version: number): void {
    if (version <= this.highestVersion(script)) return;
    this.#file.write((db) => db.prepare('INSERT OR REPLACE INTO script_versions VALUES (?, ?)').run(script, version));
  }

  /** When the server last answered (ms since 1970, the sentinel's clock), and what is wrong; for `status`. */
  note(name: 'lastContactAt' | 'problems', value: string): void {
    try {
      this.#file.write((db) => db.prepare('INSERT OR REPLACE INTO facts VALUES (?, ?)').run(name, value));
    } catch {
      // a courtesy to who asks for the status; what keeps it from being written is shown where runs are stored
    }
  }
}
