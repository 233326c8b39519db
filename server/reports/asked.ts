import { z } from 'zod';
import { Uuid } from '../../sentinel/protocol/messages.ts';
import { HttpProblem, notFound } from '../http/problem.ts';
import { Refused, TooMuch } from '../http/refused.ts';
import type { RouteContext } from '../http/router.ts';
import { hourMs } from '../rollups/hours.ts';
import { dayMs, rowsLimitMs } from './period.ts';
import { instant } from './query-parts.ts';
import type { Period, Step } from './shapes.ts';
import { refuseManySteps } from './steps.ts';

/* What routes of reports have in common: how they are asked, and how they answer. */

/** Of [from, to), ms since 1970; the last 24 hours unless said. */
export const PeriodQuery = z.object({ from: instant.optional(), to: instant.optional() });
export const CustomerPath = z.object({ customerId: z.string() });
export const MonitorPath = CustomerPath.extend({ monitorId: Uuid });

/** Whether what is read may be much. Minutes are told by rows alone; of any other report there are two hours of them at most. */
export function isLong({ from, to }: Period, step?: Step): boolean {
  return to - from > (step === 'minute' ? 2 * hourMs : rowsLimitMs);
}

/** Answers with JSON, with 404 where there is none, or with why it was refused. */
export async function answer(ctx: RouteContext<unknown>, asked: Promise<Buffer | undefined>): Promise<void> {
  ctx.body = await answered(asked);
  ctx.type = 'application/json';
}

/** What was answered; throws 404 where there is none, or why it was refused. */
export async function answered(asked: Promise<Buffer | undefined>): Promise<Buffer> {
  const json = await asked.catch((error: unknown) => {
    throw problemOf(error);
  });
  return there(json);
}

function problemOf(error: unknown): unknown {
  if (error instanceof TooMuch) return new HttpProblem(422, 'REPORT_TOO_LONG', error.message);
  return error instanceof Refused ? new HttpProblem(400, 'QUERY_INVALID', error.message) : error;
}

/** What is asked for, or 404. */
export function there<T>(found: T | undefined): T {
  if (found === undefined) throw notFound();
  return found;
}

/** The months of all the years that can be asked for are few enough for any report. */
export function periodOf(asked: z.output<typeof PeriodQuery>, now: number, step: Step = 'month'): Period {
  const to = asked.to ?? now;
  const from = asked.from ?? to - dayMs;
  if (from >= to) throw new HttpProblem(400, 'QUERY_INVALID', 'from: must be before to');
  try {
    refuseManySteps({ from, to }, step);
  } catch (error) {
    throw problemOf(error);
  }
  return { from, to };
}
