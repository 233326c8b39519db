import { parentPort } from 'node:worker_threads';
import type { CustomerDb } from '../../db/customers.ts';
import { Refused, TooMuch } from '../http/refused.ts';
import { OpenFiles } from './open-files.ts';
import type { Answer, Question } from './reading-thread.ts';
import { readings } from './readings.ts';

/* The thread of a `ReadingThread`. */

const files = new OpenFiles();

parentPort?.on('message', async (asked: Question) => {
  const answer: Answer = { number: asked.number, ...(await answered(asked)) };
  parentPort?.postMessage(answer, answer.value instanceof Uint8Array ? [answer.value.buffer as ArrayBuffer] : []);
});

async function answered({ file, reading }: Question): Promise<Omit<Answer, 'number'>> {
  if (reading === undefined) return { value: await files.close(file) };
  try {
    const read: (db: CustomerDb, ...args: unknown[]) => Promise<unknown> = readings[reading.name] as never;
    return { value: await files.use(file, (db) => read(db as CustomerDb, ...reading.args)) };
  } catch (error) {
    if (error instanceof Refused) return { refused: { message: error.message, isTooMuch: error instanceof TooMuch } };
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
