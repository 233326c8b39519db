import type { CustomerDb } from '../../../db/customers.ts';
import { tagsOf } from '../../assignments/monitor-settings.ts';
import { Refused } from '../../http/refused.ts';
import { calendarOf } from '../../rollups/calendar.ts';
import { watchedMonitors } from '../../rollups/watched.ts';
import { ruleOf } from '../report.ts';
import { applications } from './applications.ts';
import { coverage, locations } from './at-locations.ts';
import { datesBefore, instantsOf, monthBefore, readDates } from './calendar-period.ts';
import { type Ground, locationNames, sumOf, tallies } from './ground.ts';
import { logoOf } from './logo.ts';
import { rowOf } from './row.ts';
import { serviceLevel } from './service-level.ts';
import type { Hours, ServiceReport, ServiceTable, Template } from './shapes.ts';
import { worstTransactions } from './worst-transactions.ts';

export interface ServiceQuestion {
  customer: string;
  template: Template;
  /** As `readDates` takes it; the last whole month, if left out. */
  period?: string | undefined;
  /** Ids; all if left out. */
  monitors?: readonly string[] | undefined;
  hours: Hours;
  maintenance: 'included' | 'excluded';
}

const templates: Record<Template, (ground: Ground) => Promise<ServiceTable[]>> = {
  'service-level': serviceLevel,
  applications,
  locations,
  'worst-transactions': worstTransactions,
  coverage,
};

/** A report for a service manager, in the customer's own days. Throws `Refused` where the period has not begun. */
export async function serviceReport(db: CustomerDb, question: ServiceQuestion, now: number): Promise<ServiceReport> {
  const { customer, template, hours, maintenance } = question;
  const calendar = await calendarOf(db);
  const { timeZone, businessHours } = calendar;
  const calendarPeriod = question.period ?? monthBefore(now, timeZone);
  const dates = readDates(calendarPeriod);
  if (!dates) throw new Refused('period: must be as in 2026-10, 2026-Q4, 2026 or 2026-10-05..2026-10-20');
  const period = instantsOf(dates, timeZone);
  if (period.from > now) throw new Refused(`period: ${calendarPeriod} has not begun`);
  const all = [...(await watchedMonitors(db)).values()];
  const isChosen = (id: string) => question.monitors?.includes(id) ?? true;
  const ground: Ground = {
    ...{ db, now, calendar, period, hours },
    before: instantsOf(datesBefore(dates), timeZone),
    withoutMaintenance: maintenance === 'excluded',
    watched: all.filter(({ monitor }) => isChosen(monitor.id)),
    locations: await locationNames(db),
  };
  return {
    ...{ template, customer, calendarPeriod, period, timeZone, businessHours, hours, maintenance },
    until: Math.min(period.to, now),
    rule: ruleOf({ businessHours: hours === 'business', maintenance }, calendar),
    monitors: all.map(({ monitor }) => {
      const { id, name } = monitor;
      return { id, name, tags: tagsOf(monitor), chosen: isChosen(id) };
    }),
    whole: await wholeOf(ground),
    tables: await templates[template](ground),
    logo: await logoOf(db),
  };
}

async function wholeOf(ground: Ground) {
  const { period, hours } = ground;
  const each = await Promise.all(
    ground.watched.map(async (watched) => (await tallies(ground, watched, { transactionIds: [0] }))(0)),
  );
  return rowOf(sumOf(each), { period, hours });
}
