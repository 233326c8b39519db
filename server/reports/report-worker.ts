import { parentPort } from 'node:worker_threads';
import type { CustomerDb } from '../../db/customers.ts';
import { openReadOnly } from '../../db/engines/sqlite.ts';
import { Refused } from '../http/refused.ts';
import { questions } from './questions.ts';
import type { WorkerAnswer, WorkerQuestion } from './reporter.ts';

/* A thread beside the server's own, in which long reports are read from SQLite files: node:sqlite stops its thread. */

parentPort?.on('message', async (asked: WorkerQuestion) => {
  parentPort?.postMessage({ number: asked.number, ...(await answered(asked)) } satisfies WorkerAnswer);
});

async function answered({ file, name, args }: WorkerQuestion): Promise<Omit<WorkerAnswer, 'number'>> {
  const db = openReadOnly(file) as CustomerDb;
  try {
    const ask: (db: CustomerDb, ...args: unknown[]) => Promise<unknown> = questions[name] as never;
    return { text: JSON.stringify(await ask(db, ...args)) };
  } catch (error) {
    if (error instanceof Refused) return { refused: error.message };
    return { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  } finally {
    await db.destroy();
  }
}
