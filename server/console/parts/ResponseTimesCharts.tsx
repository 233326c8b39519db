import { lazy, Suspense, useMemo } from 'react';
import { navigate } from 'wouter/use-browser-location';
import type { PeriodAnswer } from '../api/queries.ts';
import type { Monitor, ResponseTimes } from '../api/types.ts';
import { between, instant } from '../format.ts';
import { messages, words } from '../messages/messages.ts';
import { bounds, isAll, type Period, periodKey, stepMs, zoomed } from '../period.ts';
import { aligned, axisStart } from '../series.ts';
import { AvailabilityLine } from './AvailabilityLine.tsx';
import type { Marks } from './chart-options.ts';
import { zone } from './Instant.tsx';
import { Bar } from './Loaded.tsx';
import { periodNow, setPeriod } from './PeriodPicker.tsx';
import css from './ResponseTimesCharts.module.css';

// The drawing library is only needed where a chart is on screen.
const ResponseTimesChart = lazy(async () => ({
  default: (await import('./ResponseTimesChart.tsx')).ResponseTimesChart,
}));

export type Layout = 'together' | 'apart' | 'stacked';

interface ChartsProps {
  answer: PeriodAnswer;
  /** What is asked for; the answer may still be of the period before. */
  period: Period;
  monitor: Monitor;
  customerId: string;
  colours: ReadonlyMap<string, number>;
  layout: Layout;
  /** The period before, if it is compared. */
  before: ResponseTimes | undefined;
}

/** One chart of all transactions, or one for each. Dragging over it chooses the period, a click opens a failed run. */
export function ResponseTimesCharts(props: ChartsProps) {
  const { answer, before, monitor, layout, customerId } = props;
  const axis = axisOf(props);
  const isStacked = layout === 'stacked';
  const groups = useMemo(
    () => (layout === 'apart' ? answer.transactions.map((t) => [t]) : [answer.transactions]),
    [answer, layout],
  );
  const then = useMemo(() => (before && !isStacked ? movedOnto(answer, before) : []), [answer, before, isStacked]);
  return (
    <div className={layout === 'apart' ? css.apart : css.together}>
      <Suspense fallback={<ChartSkeleton />}>
        {groups.map((group) => (
          <figure key={group.map((t) => t.name).join()} className={css.chart}>
            {layout === 'apart' && <figcaption>{group[0]?.name}</figcaption>}
            <Group {...props} group={group} then={then} axis={axis} />
          </figure>
        ))}
      </Suspense>
      <AvailabilityLine
        answer={answer}
        {...axis}
        dueMs={Math.max(stepMs[answer.step], monitor.everyMs)}
        availability={monitor.availability}
        href={`/c/${customerId}/monitors/${monitor.id}`}
      />
      <p className={css.how}>
        {isStacked ? messages.monitor.stackedHow : words.chartHow}{' '}
        {!isStacked && answer.transactions.some((t) => t.results.length > 0) && words.chartDots}{' '}
        {before && !isStacked && words.chartBefore} {answer.maintenance.length > 0 && words.chartMaintenance}{' '}
        {axis.from > answer.period.from && words.chartBegins(instant(axis.from, zone, Date.now(), 'minutes'))}
      </p>
    </div>
  );
}

interface Axis {
  from: number;
  to: number;
}

/** What is asked for as long as its figures are not there: the part of the old ones that lies in it shows at once. */
function axisOf({ answer, period, monitor }: ChartsProps): Axis {
  if (answer.of !== periodKey(period) && !isAll(period)) return bounds(period, Date.now());
  return { from: axisStart(answer.period, firstInstant(answer), monitor.coverage), to: answer.period.to };
}

type GroupProps = ChartsProps & {
  group: ResponseTimes['transactions'];
  /** Their figures of the period before. */
  then: ResponseTimes['transactions'];
  axis: Axis;
};

function Group({ answer, group, then, axis, monitor, colours, layout, customerId }: GroupProps) {
  const isStacked = layout === 'stacked';
  const due = Math.max(stepMs[answer.step], answer.step === 'minute' ? monitor.everyMs : 0);
  const lines = useMemo(() => aligned(group, due, then), [group, due, then]);
  const marks = useMemo(() => marksOf(answer, group, isStacked), [answer, group, isStacked]);
  const zoom = (part: Axis) => setPeriod({ kind: 'between', ...part }, { back: true });
  // What is asked for, not what is still on screen of before; of all time only the answer knows the beginning.
  const asked = () => (isAll(periodNow()) ? axis : bounds(periodNow(), Date.now()));
  return (
    <ResponseTimesChart
      lines={lines}
      step={answer.step}
      isStacked={isStacked}
      marks={marks}
      colours={colours}
      {...axis}
      height={layout === 'apart' ? 160 : 320}
      label={words.chartLabel(group.map((t) => t.name).join(', '), between(axis.from, axis.to, zone, Date.now()))}
      onPeriod={(from, to) => zoom({ from, to })}
      onZoom={(factor, centre) => zoom(zoomed(asked(), factor, centre, Date.now()))}
      onRun={(runId) => navigate(`/c/${customerId}/runs/${runId}`)}
    />
  );
}

function marksOf(answer: ResponseTimes, group: ResponseTimes['transactions'], isStacked: boolean): Marks {
  const failures = answer.failures.filter((f) => f.transaction === null || group.some((t) => t.name === f.transaction));
  const { maintenance } = answer;
  if (isStacked) return { failures, maintenance, thresholds: [], results: [] };
  return {
    failures,
    maintenance,
    thresholds: group.flatMap(({ name, thresholdUs }) => (thresholdUs === null ? [] : { name, us: thresholdUs })),
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
