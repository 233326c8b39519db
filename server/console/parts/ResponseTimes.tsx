import { useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { memo, useMemo, useState } from 'react';
import { type PeriodAnswer as Answer, beforeQuery, responseTimesQuery } from '../api/queries.ts';
import type { Monitor, ResponseTimes as ResponseTimesAnswer } from '../api/types.ts';
import { messages, words } from '../messages/messages.ts';
import { bounds, isAll, type Period, stepFor, zoomed } from '../period.ts';
import { ArchiveHint } from './archive/ArchiveHint.tsx';
import { ChartLegend } from './ChartLegend.tsx';
import { Choice } from './Choice.tsx';
import { useKey } from './keys.ts';
import { Loaded } from './Loaded.tsx';
import { Notice } from './Notice.tsx';
import { periodNow, setPeriod, useZoomed } from './PeriodPicker.tsx';
import { useParameter } from './parameter.ts';
import css from './ResponseTimes.module.css';
import { ChartSkeleton, type Layout, ResponseTimesCharts } from './ResponseTimesCharts.tsx';
import { ResponseTimesTable } from './ResponseTimesTable.tsx';

interface ResponseTimesProps {
  customerId: string;
  monitor: Monitor;
  colours: ReadonlyMap<string, number>;
  period: Period;
}

/** Response times over the period: chart or table (key t), all transactions together or each apart. */
export const ResponseTimes = memo(function ResponseTimes(props: ResponseTimesProps) {
  const { customerId, monitor, period } = props;
  const query = useQuery(responseTimesQuery(customerId, monitor.id, period));
  const [view, setView] = useParameter('view', ['chart', 'table']);
  const [compare, setCompare] = useParameter('compare', ['no', 'before']);
  const isCompared = compare === 'before' && !isAll(period);
  const before = useQuery(beforeQuery(customerId, monitor.id, period, isCompared ? query.data : undefined));
  const toggle = () => setCompare(compare === 'before' ? 'no' : 'before');
  const zoom = (factor: number) => {
    // What is asked for, not what is still on screen of before; of all time only the answer knows the beginning.
    const asked = isAll(periodNow()) ? query.data?.period : bounds(periodNow(), Date.now());
    if (!asked) return;
    const part = zoomed(asked, factor, (asked.from + asked.to) / 2, Date.now());
    setPeriod({ kind: 'between', ...part }, { back: true });
  };
  useKey('+', words.keyHelp.zoomIn, () => zoom(0.5));
  useKey('-', words.keyHelp.zoomOut, () => zoom(2));
  useKey('Escape', words.keyHelp.zoomBack, () => window.history.back(), useZoomed());
  useKey('c', words.keyHelp.compare, toggle, !isAll(period));
  const [layout, setLayout] = useLocalStorage<Layout>({ key: 'vedette-chart', defaultValue: 'together' });
  useKey('t', words.keyHelp.table, () => setView(view === 'chart' ? 'table' : 'chart'));
  return (
    <section className="panel" aria-labelledby="response-times">
      <header className="panel-head">
        <h2 id="response-times">
          {words.responseTime}
          {query.data && <span className={css.step}>{words.steps[query.data.step]}</span>}
        </h2>
        <div className={css.choices}>
          {view === 'chart' && !isAll(period) && layout !== 'stacked' && (
            <button
              type="button"
              className={css.compare}
              aria-pressed={isCompared}
              title={words.compareMeaning}
              onClick={toggle}
            >
              {words.compare}
            </button>
          )}
          {view === 'chart' && (
            <Choice
              name={words.chart}
              chosen={layout}
              options={[
                ['together', words.together],
                ['apart', words.apart],
                ['stacked', messages.monitor.stacked],
              ]}
              onPick={(option) => setLayout(option)}
            />
          )}
          <Choice
            name={words.responseTime}
            chosen={view}
            options={[
              ['chart', words.chart],
              ['table', words.table],
            ]}
            onPick={setView}
          />
        </div>
      </header>
      <Loaded query={query} skeleton={<ChartSkeleton />}>
        {(answer) => (
          <>
            {answer.period.from < answer.archivedUntil && (
              <ArchiveHint
                customerId={customerId}
                until={answer.archivedUntil}
                at={answer.period.to - 1}
                isByDay={answer.step === 'day' && stepFor(answer.period) !== 'day'}
              />
            )}
            <Body
              {...props}
              answer={answer}
              before={isCompared ? before.data : undefined}
              view={view}
              layout={layout}
            />
          </>
        )}
      </Loaded>
    </section>
  );
});

type View = 'chart' | 'table';

interface BodyProps extends ResponseTimesProps {
  answer: Answer;
  before: ResponseTimesAnswer | undefined;
  view: View;
  layout: Layout;
}

const Body = memo(function Body({ answer, view, ...props }: BodyProps) {
  const { colours } = props;
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(
    () => ({ ...answer, transactions: answer.transactions.filter((t) => !hidden.has(t.name)) }),
    [answer, hidden],
  );
  if (answer.transactions.every((t) => t.points.length === 0) && answer.failures.length === 0) {
    return <Notice title={words.noRunsInPeriod} next={words.noRunsInPeriodNext} />;
  }
  const toggle = (name: string) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  return (
    <>
      <ChartLegend answer={answer} hidden={hidden} colours={colours} onToggle={toggle} />
      {view === 'table' ? (
        <ResponseTimesTable transactions={shown.transactions} colours={colours} step={answer.step} />
      ) : (
        <ResponseTimesCharts {...props} answer={shown} />
      )}
    </>
  );
});
