import { lazy, Suspense } from 'react';
import { useLocation } from 'wouter';
import type { Monitor, ResponseTimes } from '../api/types.ts';
import { between, instant } from '../format.ts';
import { messages } from '../messages/messages.ts';
import { bounds, stepMs, zoomed } from '../period.ts';
import { aligned, axisStart } from '../series.ts';
import { words } from '../words.ts';
import { AvailabilityLine } from './AvailabilityLine.tsx';
import type { Marks } from './chart-options.ts';
import { zone } from './Instant.tsx';
import { Bar } from './Loaded.tsx';
import { usePeriod } from './PeriodPicker.tsx';
import css from './ResponseTimesCharts.module.css';

// The drawing library is only needed where a chart is on screen.
const ResponseTimesChart = lazy(async () => ({
  default: (await import('./ResponseTimesChart.tsx')).ResponseTimesChart,
}));

export type Layout = 'together' | 'apart' | 'stacked';

interface ChartsProps {
  answer: ResponseTimes;
  monitor: Monitor;
  customerId: string;
  colours: ReadonlyMap<string, number>;
  layout: Layout;
  /** The period before, if it is compared. */
  before: ResponseTimes | undefined;
}

/** One chart of all transactions, or one for each. Dragging over it chooses the period, a click opens a failed run. */
export function ResponseTimesCharts({ answer, before, monitor, colours, layout, customerId }: ChartsProps) {
  const [period, setPeriod] = usePeriod();
  const [, navigate] = useLocation();
  const first = firstInstant(answer);
  const from = axisStart(answer.period, first, monitor.coverage);
  const groups = layout === 'apart' ? answer.transactions.map((t) => [t]) : [answer.transactions];
  const due = Math.max(stepMs[answer.step], answer.step === 'minute' ? monitor.everyMs : 0);
  // What is asked for, not what is still on screen of before; of all time only the answer knows the beginning.
  const isAll = period.kind === 'last' && period.span === 'all';
  const asked = isAll ? { from, to: answer.period.to } : bounds(period, Date.now());
  const zoom = (part: { from: number; to: number }) => setPeriod({ kind: 'between', ...part }, { back: true });
  const isStacked = layout === 'stacked';
  const then = before && !isStacked ? movedOnto(answer, before) : [];
  return (
    <div className={layout === 'apart' ? css.apart : css.together}>
      <Suspense fallback={<ChartSkeleton />}>
        {groups.map((group) => (
          <figure key={group.map((t) => t.name).join()} className={css.chart}>
            {layout === 'apart' && <figcaption>{group[0]?.name}</figcaption>}
            <ResponseTimesChart
              lines={aligned(group, due, then)}
              step={answer.step}
              isStacked={isStacked}
              marks={isStacked ? { ...marksOf(answer, group), thresholds: [], results: [] } : marksOf(answer, group)}
              colours={colours}
              from={from}
              to={answer.period.to}
              height={layout === 'apart' ? 160 : 320}
              label={words.chartLabel(
                group.map((t) => t.name).join(', '),
                between(from, answer.period.to, zone, Date.now()),
              )}
              onPeriod={(start, end) => zoom({ from: start, to: end })}
              onZoom={(factor, centre) => zoom(zoomed(asked, factor, centre, Date.now()))}
              onRun={(runId) => navigate(`/c/${customerId}/runs/${runId}`)}
            />
          </figure>
        ))}
      </Suspense>
      <AvailabilityLine
        answer={answer}
        from={from}
        to={answer.period.to}
        dueMs={Math.max(stepMs[answer.step], monitor.everyMs)}
        availability={monitor.availability}
        href={`/c/${customerId}/monitors/${monitor.id}`}
      />
      <p className={css.how}>
        {isStacked ? messages.monitor.stackedHow : words.chartHow}{' '}
        {!isStacked && answer.transactions.some((t) => t.results.length > 0) && words.chartDots}{' '}
        {before && !isStacked && words.chartBefore} {answer.maintenance.length > 0 && words.chartMaintenance}{' '}
        {from > answer.period.from && words.chartBegins(instant(from, zone, Date.now(), 'minutes'))}
      </p>
    </div>
  );
}

function marksOf({ failures, maintenance }: ResponseTimes, group: ResponseTimes['transactions']): Marks {
  return {
    failures: failures.filter((f) => f.transaction === null || group.some((t) => t.name === f.transaction)),
    thresholds: group.flatMap(({ name, thresholdUs }) => (thresholdUs === null ? [] : { name, us: thresholdUs })),
    maintenance,
    results: group.flatMap(({ name, results }) => results.map((result) => ({ name, ...result }))),
  };
}

/** The points of the period before, as much later as that began earlier. */
function movedOnto({ period }: ResponseTimes, before: ResponseTimes): ResponseTimes['transactions'] {
  const later = period.from - before.period.from;
  return before.transactions.map((transaction) => ({
    ...transaction,
    points: transaction.points.map((point) => ({ ...point, at: point.at + later })),
  }));
}

function firstInstant(answer: ResponseTimes): number | undefined {
  const instants = answer.transactions.flatMap((t) => t.points.slice(0, 1).map((p) => p.at));
  const failure = answer.failures[0]?.at;
  if (failure !== undefined) instants.push(failure);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

/** Where a chart will be. */
export function ChartSkeleton() {
  return (
    <div className={css.skeleton}>
      <Bar width="100%" height={320} />
    </div>
  );
}
