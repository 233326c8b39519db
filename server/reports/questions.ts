import type { CustomerDb } from '../../db/customers.ts';
import { failureGroupAnswer } from './failure-group.ts';
import { failures } from './failures.ts';
import { jsonInTurns } from './in-turns.ts';
import { locations } from './locations.ts';
import { monitorAnswer, monitorsAnswer } from './monitors.ts';
import { overview } from './overview.ts';
import { report } from './report.ts';
import { responseTimes } from './response-times.ts';
import { serviceReport } from './service/service-report.ts';
import type { ChartStep, Period } from './shapes.ts';
import { week } from './week.ts';

/**
 * Every report that may take long, by name: what a worker can be asked too, so question and answer are plain values. An
 * answer is undefined where the customer has no such monitor.
 */
export const questions = {
  monitors: monitorsAnswer,
  monitor: monitorAnswer,
  overview,
  week,
  locations,
  failures,
  failureGroup: failureGroupAnswer,
  report,
  serviceReport,
  async responseTimes(db: CustomerDb, monitorId: string, period: Period, step: ChartStep, now: number) {
    const there = await db('monitors').where({ id: monitorId }).first('id');
    return there && responseTimes(db, monitorId, period, step, now);
  },
};

export type QuestionName = keyof typeof questions;

/** The answer to a question as JSON, the bytes that are sent: in memory of its own, so that a thread can hand it over. */
export async function reportBytes(
  db: CustomerDb,
  name: QuestionName,
  args: readonly unknown[],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const ask: (db: CustomerDb, ...args: readonly unknown[]) => Promise<unknown> = questions[name] as never;
  const found = await ask(db, ...args);
  return found === undefined ? undefined : new TextEncoder().encode(await jsonInTurns(found));
}
