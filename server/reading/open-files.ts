import type { Knex } from 'knex';
import { openReadOnly } from '../../db/engines/sqlite.ts';

/** Each takes three files of the process and up to 2 MB. */
const mostOpen = 8;

interface Open {
  db: Knex;
  users: number;
  /** To be closed by whoever uses it last. */
  isLeft: boolean;
}

/** Databases of SQLite that are open for reading: those used last stay so, since opening takes longer than most questions. */
export class OpenFiles {
  readonly #open = new Map<string, Open>(); // in order of use, longest ago first

  /** Lends `work` the database of a file that is there. */
  async use<T>(file: string, work: (db: Knex) => Promise<T>): Promise<T> {
    const entry = this.#open.get(file) ?? { db: openReadOnly(file), users: 0, isLeft: false };
    this.#open.delete(file);
    this.#open.set(file, entry);
    entry.users += 1;
    try {
      await this.#leaveOldest();
      return await work(entry.db);
    } catch (error) {
      this.#leave(file, entry); // what went wrong may be its connection's fault
      throw error;
    } finally {
      entry.users -= 1;
      await closeLeft(entry);
    }
  }

  /** Closes it, once nobody uses it; a later use opens it anew. */
  async close(file: string): Promise<void> {
    const entry = this.#open.get(file);
    if (!entry) return;
    this.#leave(file, entry);
    await closeLeft(entry);
  }

  async #leaveOldest(): Promise<void> {
    const [oldest] = this.#open.keys();
    if (this.#open.size > mostOpen && oldest !== undefined) await this.close(oldest);
  }

  #leave(file: string, entry: Open): void {
    entry.isLeft = true;
    if (this.#open.get(file) === entry) this.#open.delete(file);
  }
}

async function closeLeft({ db, users, isLeft }: Open): Promise<void> {
  if (isLeft && users === 0) await db.destroy();
}
