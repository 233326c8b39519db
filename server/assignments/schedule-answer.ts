import { z } from 'zod';
import type { CustomerId } from '../../db/customers.ts';
import type { Schedule } from '../../sentinel/protocol/messages.ts';
import { expectedRuns, nextDueAt } from '../../sentinel/protocol/schedule.ts';
import { findCustomer } from '../accounts/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { faults } from '../http/router.ts';
import { needsZone, scheduleFault, schedulePart } from './schedules.ts';

/** As it is typed: what does not fit is answered, not refused. */
export const ScheduleQuestion = z.object({
  everyMs: z.coerce.number().optional(),
  cron: z.string().max(200).optional(),
  hours: z.string().max(500).optional(),
  timeZone: z.string().max(100).optional(),
});

/** What comes of a schedule; with `fault` nothing does. Instants are ms since 1970. */
export const ScheduleAnswer = z.object({
  fault: z.string().nullable(),
  /** The next times, without the shift that each sentinel has. */
  next: z.array(z.int()),
  /** How often each sentinel runs it in seven days from now. */
  runsPerWeek: z.int(),
  timeZone: z.string(),
});
export type ScheduleAnswer = z.infer<typeof ScheduleAnswer>;

const shown = 6;
const weekMs = 7 * 86_400_000;
const Part = z.object(schedulePart);

/** When a schedule's next runs are due, or what is wrong with it. */
export async function scheduleAnswer(
  server: ServerContext,
  customerId: CustomerId,
  question: z.output<typeof ScheduleQuestion>,
): Promise<ScheduleAnswer> {
  const { timeZone: usual } = await findCustomer(server, customerId);
  const now = server.now();
  const parsed = Part.safeParse({ ...(needsZone(question) && { timeZone: usual }), ...question });
  const fault = parsed.success ? scheduleFault(parsed.data) : faults(parsed.error);
  const timeZone = question.timeZone ?? usual;
  if (!parsed.success || fault !== undefined) return { fault: fault ?? '', next: [], runsPerWeek: 0, timeZone };
  const { everyMs = 60_000, ...rest } = parsed.data;
  const schedule: Schedule = { everyMs, ...rest };
  return {
    fault: null,
    next: nextOf(schedule, now),
    runsPerWeek: expectedRuns(schedule, 0, now, now + weekMs),
    timeZone,
  };
}

function nextOf(schedule: Schedule, now: number): number[] {
  const times: number[] = [];
  let at = nextDueAt(schedule, 0, now);
  for (; times.length < shown && Number.isFinite(at); at = nextDueAt(schedule, 0, at)) times.push(at);
  return times;
}
