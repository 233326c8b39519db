import { useLocalStorage } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { responseTimesQuery } from '../api/queries.ts';
import type { ResponseTimes as Answer, Monitor } from '../api/types.ts';
import { between, instant } from '../format.ts';
import { stepMs } from '../period.ts';
import { aligned, axisStart } from '../series.ts';
import { words } from '../words.ts';
import { zone } from './Instant.tsx';
import { useKey } from './keys.ts';
import { Bar, Loaded } from './Loaded.tsx';
import { Notice } from './Notice.tsx';
import { usePeriod } from './PeriodPicker.tsx';
import css from './ResponseTimes.module.css';
import { ResponseTimesTable } from './ResponseTimesTable.tsx';
import { Shape } from './State.tsx';
import { Swatch } from './Swatch.tsx';

// The drawing library is only needed where a chart is on screen.
const ResponseTimesChart = lazy(async () => ({
  default: (await import('./ResponseTimesChart.tsx')).ResponseTimesChart,
}));

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
  const [layout, setLayout] = useLocalStorage<'together' | 'apart'>({ key: 'vedette-chart', defaultValue: 'together' });
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
      <Loaded query={query} skeleton={<Skeleton />}>
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

interface ChoiceProps<T extends string> {
  name: string;
  chosen: T;
  options: readonly (readonly [T, string])[];
  onPick(option: T): void;
}

function Choice<T extends string>({ name, chosen, options, onPick }: ChoiceProps<T>) {
  return (
    <fieldset className={css.choice}>
      <legend className="hidden">{name}</legend>
      {options.map(([option, text]) => (
        <button key={option} type="button" aria-pressed={chosen === option} onClick={() => onPick(option)}>
          {text}
        </button>
      ))}
    </fieldset>
  );
}

interface BodyProps extends ResponseTimesProps {
  answer: Answer;
  view: View;
  layout: 'together' | 'apart';
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
      <Legend answer={answer} hidden={hidden} colours={colours} onToggle={toggle} />
      {view === 'table' ? (
        <ResponseTimesTable transactions={shown} colours={colours} step={answer.step} />
      ) : (
        <Charts
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

function Legend(props: {
  answer: Answer;
  hidden: ReadonlySet<string>;
  colours: ReadonlyMap<string, number>;
  onToggle(name: string): void;
}) {
  const { answer, hidden, colours, onToggle } = props;
  return (
    <ul className={css.legend} aria-label={words.transactions}>
      {answer.transactions.map(({ name }) => (
        <li key={name}>
          <button
            type="button"
            aria-pressed={!hidden.has(name)}
            aria-label={words.showTransaction(name)}
            title={words.showTransaction(name)}
            onClick={() => onToggle(name)}
          >
            <Swatch number={colours.get(name) ?? 0} off={hidden.has(name)} />
            <span>{name}</span>
          </button>
        </li>
      ))}
      <li className={css.failed}>
        <Shape kind="failed" size={9} />
        {words.failures}: {answer.failures.length}
      </li>
    </ul>
  );
}

function Charts({ answer, monitor, colours, layout, customerId }: Omit<BodyProps, 'view'>) {
  const [, setPeriod] = usePeriod();
  const [, navigate] = useLocation();
  const first = firstInstant(answer);
  const from = axisStart(answer.period, first, monitor.coverage);
  const groups = layout === 'apart' ? answer.transactions.map((t) => [t]) : [answer.transactions];
  const due = Math.max(stepMs[answer.step], answer.step === 'minute' ? monitor.everyMs : 0);
  return (
    <div className={layout === 'apart' ? css.apart : css.together}>
      <Suspense fallback={<Skeleton />}>
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

function firstInstant(answer: Answer): number | undefined {
  const instants = answer.transactions.flatMap((t) => t.points.slice(0, 1).map((p) => p.at));
  const failure = answer.failures[0]?.at;
  if (failure !== undefined) instants.push(failure);
  return instants.length === 0 ? undefined : Math.min(...instants);
}

function Skeleton() {
  return (
    <div className={css.skeleton}>
      <Bar width="100%" height={320} />
    </div>
  );
}
