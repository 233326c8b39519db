import { Worker } from 'node:worker_threads';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { fileOf } from '../../db/engines/sqlite.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { questions } from './questions.ts';

type Questions = typeof questions;
export type QuestionName = keyof Questions;
/** What follows the database. */
type Args<Name extends QuestionName> = Parameters<Questions[Name]> extends [CustomerDb, ...infer Rest] ? Rest : never;

export interface WorkerQuestion {
  number: number;
  file: string;
  name: QuestionName;
  args: readonly unknown[];
}

export interface WorkerAnswer {
  number: number;
  /** JSON; left out where the answer is undefined. */
  text?: string | undefined;
  /** Why it was refused. */
  refused?: string;
  /** What went wrong, with its stack. */
  failed?: string;
}

/**
 * Answers questions for reports. Long ones of a customer on SQLite are read in a worker, so that the server goes on
 * meanwhile; all others where they are asked, since other engines are waited for without stopping anybody.
 */
export class Reporter {
  readonly #server: ServerContext;
  readonly #waiting = new Map<number, PromiseWithResolvers<string | undefined>>();
  #worker: Worker | undefined;
  #last = 0;

  constructor(server: ServerContext) {
    this.#server = server;
    server.stopping.signal.addEventListener('abort', () => this.#end(new Error('the server is stopping')));
  }

  /** The answer as JSON; undefined where there is nothing of that name. Throws `Refused`, and whatever `customers.use` does. */
  ask<Name extends QuestionName>(
    customerId: CustomerId,
    isLong: boolean,
    name: Name,
    ...args: Args<Name>
  ): Promise<string | undefined> {
    return this.#server.customers.use(customerId, async (db) => {
      const file = isLong ? fileOf(db) : undefined;
      if (file !== undefined) return this.#askWorker({ file, name, args });
      const here: (db: CustomerDb, ...args: readonly unknown[]) => Promise<unknown> = questions[name] as never;
      return JSON.stringify(await here(db, ...args));
    });
  }

  #askWorker(question: Omit<WorkerQuestion, 'number'>): Promise<string | undefined> {
    if (this.#server.stopping.signal.aborted) throw new Error('the server is stopping');
    const answer = Promise.withResolvers<string | undefined>();
    const number = ++this.#last;
    this.#waiting.set(number, answer);
    this.#worker ??= this.#begin();
    this.#worker.postMessage({ number, ...question } satisfies WorkerQuestion);
    return answer.promise;
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./report-worker.ts', import.meta.url));
    worker.unref();
    worker.on('message', ({ number, text, refused, failed }: WorkerAnswer) => {
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (refused !== undefined) waiting?.reject(new Refused(refused));
      else if (failed !== undefined) waiting?.reject(new Error(`a report failed in the worker: ${failed}`));
      else waiting?.resolve(text);
    });
    // The next question starts another.
    worker.on('error', (error) => this.#end(error));
    return worker;
  }

  #end(error: unknown): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
