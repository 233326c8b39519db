import { Worker } from 'node:worker_threads';
import type { CustomerDb } from '../../db/customers.ts';
import { fileOf } from '../../db/engines/sqlite.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused, TooMuch } from '../http/refused.ts';
import type { readings } from './readings.ts';

type Readings = typeof readings;
type Name = keyof Readings;
/** What follows the database. */
type Args<Reading> = Reading extends (db: CustomerDb, ...args: infer Rest) => unknown ? Rest : never;

export interface Question {
  number: number;
  file: string;
  /** None: the file is to be closed. */
  reading?: { name: Name; args: readonly unknown[] };
}

export interface Answer {
  number: number;
  value?: unknown;
  /** Why it was refused. */
  refused?: { message: string; isTooMuch: boolean };
  /** What went wrong, with its stack. */
  failed?: string;
}

/**
 * A thread beside the server's own, in which SQLite files are read: node:sqlite stops its thread. It is started by the
 * first question. A file stays open there until its customer's database is closed, or others were used since.
 */
export class ReadingThread {
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #worker: Worker | undefined;
  #last = 0;

  constructor({ customers }: Pick<ServerContext, 'customers'>) {
    customers.beforeClosing(async (db) => {
      const file = fileOf(db);
      if (file !== undefined && this.#worker) await this.#send(file).catch(ended);
    });
  }

  /** What the reading gives, of the customer's database in `file`. Throws `Refused`, or what went wrong. */
  ask<Of extends Name>(file: string, name: Of, ...args: Args<Readings[Of]>): ReturnType<Readings[Of]> {
    return this.#send(file, { name, args }) as ReturnType<Readings[Of]>;
  }

  /** Ends the thread; whoever waits is told `error`. The next question starts another. */
  end(error: unknown): void {
    void this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #send(file: string, reading?: Question['reading']): Promise<unknown> {
    const answer = Promise.withResolvers<unknown>();
    const number = ++this.#last;
    this.#waiting.set(number, answer);
    this.#worker ??= this.#begin();
    this.#worker.ref(); // only for as long as somebody waits
    this.#worker.postMessage({ number, file, ...(reading && { reading }) } satisfies Question);
    return answer.promise;
  }

  #begin(): Worker {
    const worker = new Worker(new URL('./worker.ts', import.meta.url));
    worker.on('message', ({ number, value, refused, failed }: Answer) => {
      const waiting = this.#waiting.get(number);
      this.#waiting.delete(number);
      if (this.#waiting.size === 0) worker.unref();
      if (refused) waiting?.reject(new (refused.isTooMuch ? TooMuch : Refused)(refused.message));
      else if (failed !== undefined) waiting?.reject(new Error(`reading failed in its thread: ${failed}`));
      else waiting?.resolve(value);
    });
    worker.on('error', (error) => this.end(error));
    return worker;
  }
}

function ended(): void {
  // With the thread all that it had open is closed.
}
