import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { fileOf } from '../../db/engines/sqlite.ts';
import type { ServerContext } from '../http/context.ts';
import { ReadingThread } from '../reading/reading-thread.ts';
import { type QuestionName, type questions, reportBytes } from './questions.ts';

type Questions = typeof questions;
/** What follows the database. */
type Args<Name extends QuestionName> = Parameters<Questions[Name]> extends [CustomerDb, ...infer Rest] ? Rest : never;

/**
 * Answers questions for reports. Long ones of a customer on SQLite are read in a thread, so that the server goes on
 * meanwhile; all others where they are asked: other engines are waited for without stopping anybody, and what is made of
 * their rows is made in turns with everybody else.
 */
export class Reporter {
  readonly #server: ServerContext;
  readonly #thread: ReadingThread;

  constructor(server: ServerContext) {
    this.#server = server;
    this.#thread = new ReadingThread(server);
    server.stopping.signal.addEventListener('abort', () => this.#thread.end(new Error('the server is stopping')));
  }

  /** The answer as JSON; undefined where there is nothing of that name. Throws `Refused`, and whatever `customers.use` does. */
  ask<Name extends QuestionName>(
    customerId: CustomerId,
    isLong: boolean,
    name: Name,
    ...args: Args<Name>
  ): Promise<Buffer | undefined> {
    return this.#server.customers.use(customerId, async (db) => {
      this.#server.stopping.signal.throwIfAborted();
      const file = isLong ? fileOf(db) : undefined;
      const asked =
        file === undefined ? reportBytes(db, name, args) : this.#thread.ask(file, 'reportBytes', name, args);
      const bytes = await asked;
      return bytes && Buffer.from(bytes.buffer);
    });
  }
}
