import { lazy, Suspense } from 'react';
import { useLocation } from 'wouter';
import type { Monitor, ResponseTimes } from '../api/types.ts';
import { between, instant } from '../format.ts';
import { stepMs } from '../period.ts';
import { aligned, axisStart } from '../series.ts';
import { words } from '../words.ts';
import { zone } from './Instant.tsx';
import { Bar } from './Loaded.tsx';
import { usePeriod } from './PeriodPicker.tsx';
import css from './ResponseTimesCharts.module.css';

// The drawing library is only needed where a chart is on screen.
const ResponseTimesChart = lazy(async () => ({
  default: (await import('./ResponseTimesChart.tsx')).ResponseTimesChart,
}));

export type Layout = 'together' | 'apart';

interface ChartsProps {
  answer: ResponseTimes;
  monitor: Monitor;
  customerId: string;
  colours: ReadonlyMap<string, number>;
  layout: Layout;
}

/** One chart of all transactions, or one for each. Dragging over it chooses the period, a click opens a failed run. */
export function ResponseTimesCharts({ answer, monitor, colours, layout, customerId }: ChartsProps) {
  const [, setPeriod] = usePeriod();
  const [, navigate] = useLocation();
  const first = firstInstant(answer);
  const from = axisStart(answer.period, first, monitor.coverage);
  const groups = layout === 'apart' ? answer.transactions.map((t) => [t]) : [answer.transactions];
  const due = Math.max(stepMs[answer.step], answer.step === 'minute' ? monitor.everyMs : 0);
  return (
    <div className={layout === 'apart' ? css.apart : css.together}>
      <Suspense fallback={<ChartSkeleton />}>
        {groups.map((group) => (
          <figure key={group.map((t) => t.name).join()} className={css.chart}>
            {layout === 'apart' && <figcaption>{group[0]?.name}</figcaption>}
            <ResponseTimesChart
              lines={aligned(group, due)}
              step={answer.step}
              failures={answer.failures.filter(
                (f) => f.transaction === null || group.some((t) => t.name === f.transaction),
              )}
              colours={colours}
              from={from}
              to={answer.period.to}
              height={layout === 'apart' ? 160 : 320}
              label={words.chartLabel(
                group.map((t) => t.name).join(', '),
                between(from, answer.period.to, zone, Date.now()),
              )}
              onPeriod={(start, end) => setPeriod({ kind: 'between', from: start, to: end })}
              onRun={(runId) => navigate(`/c/${customerId}/runs/${runId}`)}
            />
          </figure>
        ))}
      </Suspense>
      <p className={css.how}>
        {words.chartHow} {from > answer.period.from && words.chartBegins(instant(from, zone, Date.now(), 'minutes'))}
      </p>
    </div>
  );
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
