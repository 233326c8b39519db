import type { ReactNode } from 'react';
import type { ServiceReport, ServiceTable } from '../../api/types.ts';
import { periodName } from '../../calendar.ts';
import { dayAndTime } from '../../format.ts';
import { messages } from '../../messages/messages.ts';
import { Notice } from '../Notice.tsx';
import { DaysLegend, ReportDays } from './ReportDays.tsx';
import { ReportFigures } from './ReportFigures.tsx';
import css from './ReportSheet.module.css';
import { ReportTable } from './ReportTable.tsx';

const words = messages.reports;

/** A report as it is read and printed; `generatedAt` (ms) is when its figures were asked for. */
export function ReportSheet({ report, generatedAt }: { report: ServiceReport; generatedAt: number }) {
  const days = report.tables.filter(({ name }) => name === 'days');
  const tables = report.tables.filter(({ name }) => name !== 'days');
  return (
    <article className={css.sheet} data-report={report.template}>
      <Head report={report} />
      <ReportFigures report={report} />
      {isEmpty(report) && <Notice title={words.empty.nothing} next={words.empty.nothingNext} />}
      {!isEmpty(report) &&
        tables.map((table, i) => (
          <Section
            key={`${table.name} ${table.of}`}
            table={table}
            days={days.find(({ of }) => of === table.of)}
            report={report}
            withLegend={i === 1}
          />
        ))}
      <Foot report={report} generatedAt={generatedAt} />
    </article>
  );
}

/** Nothing was measured, and nothing was to be. */
function isEmpty({ whole }: ServiceReport): boolean {
  return whole.passed + whole.failed + (whole.expected ?? 0) === 0;
}

function Head({ report }: { report: ServiceReport }) {
  const { template, customer, calendarPeriod, period, until, timeZone, logo } = report;
  return (
    <header className={css.head}>
      <div className={css.titles}>
        <p className={css.customer}>{customer}</p>
        <h2 className={css.title}>{words.templates[template].name}</h2>
        <p className={css.period}>
          {periodName(calendarPeriod)}
          {until < period.to && <span className={css.soFar}> {words.head.soFar(dayAndTime(until, timeZone))}</span>}
        </p>
      </div>
      {logo && <img className={css.logo} src={logo} alt={words.targetsPage.logoAlt(customer)} />}
    </header>
  );
}

interface SectionProps {
  table: ServiceTable;
  days: ServiceTable | undefined;
  report: ServiceReport;
  /** Said once: what the bars of days mean. */
  withLegend: boolean;
}

function Section({ table, days, report, withLegend }: SectionProps) {
  const empty = { failing: words.empty.noFailures, slowest: words.empty.noTimes }[table.name as string];
  return (
    <section className={`${css.section} ${table.rows.length > 12 ? '' : css.whole}`}>
      <h3 className={css.heading}>
        {table.of ?? words.tables[table.name]}{' '}
        {table.of !== null && <span className={css.kind}>{words.tables[table.name]}</span>}
      </h3>
      {days && days.rows.length > 1 && (
        <>
          <ReportDays table={days} report={report} />
          {withLegend && <DaysLegend />}
        </>
      )}
      {table.rows.length === 0 ? (
        <p className="muted">{empty ?? words.empty.nothing}</p>
      ) : (
        <ReportTable table={table} report={report} />
      )}
    </section>
  );
}

function Foot({ report, generatedAt }: { report: ServiceReport; generatedAt: number }) {
  const { head } = words;
  const { timeZone, hours, businessHours, maintenance, monitors, rule } = report;
  const chosen = monitors.filter((monitor) => monitor.chosen);
  const isOfAll = chosen.length === monitors.length;
  const facts: [string, ReactNode][] = [
    [head.rule, rule],
    [
      head.hours,
      hours === 'business'
        ? head.businessHours(businessHours)
        : `${words.allHours}; ${head.businessHours(businessHours)}`,
    ],
    [head.maintenance, maintenance === 'excluded' ? head.maintenanceLeftOut : head.maintenanceCounted],
    [head.monitors, isOfAll ? words.choose.allMonitors : chosen.map(({ name }) => name).join(', ')],
    [head.timeZone, timeZone],
    [head.madeAt, dayAndTime(generatedAt, timeZone)],
  ];
  return (
    <dl className={css.foot}>
      {facts.map(([name, fact]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{fact}</dd>
        </div>
      ))}
    </dl>
  );
}
