import { parentPort } from 'node:worker_threads';
import type { CustomerDb } from '../../db/customers.ts';
import { openReadOnly } from '../../db/engines/sqlite.ts';
import { Refused, TooMuch } from '../http/refused.ts';
import type { Answer, Question } from './reading-thread.ts';
import { readings } from './readings.ts';

/* The thread of a `ReadingThread`. */

parentPort?.on('message', async (asked: Question) => {
  parentPort?.postMessage({ number: asked.number, ...(await answered(asked)) } satisfies Answer);
});

async function answered({ file, name, args }: Question): Promise<Omit<Answer, 'number'>> {
  const db = openReadOnly(file) as CustomerDb;
  try {
    const read: (db: CustomerDb, ...args: unknown[]) => Promise<unknown> = readings[name] as never;
    return { value: await read(db, ...args) };
  } catch (error) {
    if (error instanceof Refused) return { refused: { message: error.message, isTooMuch: error instanceof TooMuch } };
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    await db.destroy();
  }
}
