import { useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { responseTimesQuery } from '../api/queries.ts';
import type { ResponseTimes as Answer, Monitor } from '../api/types.ts';
import { words } from '../words.ts';
import { ChartLegend } from './ChartLegend.tsx';
import { Choice } from './Choice.tsx';
import { useKey } from './keys.ts';
import { Loaded } from './Loaded.tsx';
import { Notice } from './Notice.tsx';
import { usePeriod } from './PeriodPicker.tsx';
import css from './ResponseTimes.module.css';
import { ChartSkeleton, type Layout, ResponseTimesCharts } from './ResponseTimesCharts.tsx';
import { ResponseTimesTable } from './ResponseTimesTable.tsx';

interface ResponseTimesProps {
  customerId: string;
  monitor: Monitor;
  colours: ReadonlyMap<string, number>;
}

/** Response times over the period: chart or table (key t), all transactions together or each apart. */
export function ResponseTimes({ customerId, monitor, colours }: ResponseTimesProps) {
  const [period] = usePeriod();
  const query = useQuery(responseTimesQuery(customerId, monitor.id, period));
  const [view, setView] = useView();
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
          {view === 'chart' && (
            <Choice
              name={words.chart}
              chosen={layout}
              options={[
                ['together', words.together],
                ['apart', words.apart],
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
          <Body
            answer={answer}
            monitor={monitor}
            colours={colours}
            view={view}
            layout={layout}
            customerId={customerId}
          />
        )}
      </Loaded>
    </section>
  );
}

type View = 'chart' | 'table';

function useView(): [View, (view: View) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const query = new URLSearchParams(search);
  const set = (view: View) => {
    query.delete('view');
    if (view === 'table') query.set('view', view);
    navigate(`${path}?${query}`.replace(/\?$/, ''), { replace: true });
  };
  return [query.get('view') === 'table' ? 'table' : 'chart', set];
}

interface BodyProps extends ResponseTimesProps {
  answer: Answer;
  view: View;
  layout: Layout;
}

function Body({ answer, monitor, colours, view, layout, customerId }: BodyProps) {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  if (answer.transactions.every((t) => t.points.length === 0) && answer.failures.length === 0) {
    return <Notice title={words.noRunsInPeriod} next={words.noRunsInPeriodNext} />;
  }
  const shown = answer.transactions.filter((t) => !hidden.has(t.name));
  const toggle = (name: string) => {
    const next = new Set(hidden);
    if (!next.delete(name)) next.add(name);
    setHidden(next);
  };
  return (
    <>
      <ChartLegend answer={answer} hidden={hidden} colours={colours} onToggle={toggle} />
      {view === 'table' ? (
        <ResponseTimesTable transactions={shown} colours={colours} step={answer.step} />
      ) : (
        <ResponseTimesCharts
          answer={{ ...answer, transactions: shown }}
          monitor={monitor}
          colours={colours}
          layout={layout}
          customerId={customerId}
        />
      )}
    </>
  );
}
