import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { about } from '../about.ts';
import { monitorQuery } from '../api/queries.ts';
import type { Monitor } from '../api/types.ts';
import { between } from '../format.ts';
import { Figures } from '../parts/Figures.tsx';
import { zone } from '../parts/Instant.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Locations } from '../parts/Locations.tsx';
import { type Allowed, MonitorActions } from '../parts/MonitorActions.tsx';
import { Notice } from '../parts/Notice.tsx';
import { usePeriod } from '../parts/PeriodPicker.tsx';
import { useParameter } from '../parts/parameter.ts';
import { ResponseTimes } from '../parts/ResponseTimes.tsx';
import { RunList } from '../parts/RunList.tsx';
import { State } from '../parts/State.tsx';
import { TransactionTable } from '../parts/TransactionTable.tsx';
import { Trouble } from '../parts/Trouble.tsx';
import { WeekMap } from '../parts/WeekMap.tsx';
import { colourNumbers } from '../series.ts';
import { spanSentences, stateWords, words } from '../words.ts';
import css from './Monitor.module.css';

interface MonitorPageProps extends Allowed {
  customerId: string;
  monitorId: string;
}

/** One monitor over the period: its figures, response times, transactions and runs. */
export function MonitorPage(props: MonitorPageProps) {
  const { customerId, monitorId } = props;
  const [period] = usePeriod();
  const query = useQuery(monitorQuery(customerId, monitorId, period));
  return (
    <div className="page">
      <Loaded query={query} skeleton={<Skeleton />}>
        {({ monitor, rule, period: bounds }) => (
          <div className={css.monitor}>
            <title>{`${monitor.name}: ${stateWords[monitor.state].toLowerCase()} · ${words.product}`}</title>
            <Head {...props} monitor={monitor} period={bounds} />
            <Trouble trouble={monitor.trouble} />
            {monitor.lastRun ? <Reports customerId={customerId} monitor={monitor} rule={rule} /> : <NoRuns />}
          </div>
        )}
      </Loaded>
    </div>
  );
}

interface HeadProps extends MonitorPageProps {
  monitor: Monitor;
  period: { from: number; to: number };
}

function Head({ monitor, period, ...props }: HeadProps) {
  const [asked] = usePeriod();
  const isAll = asked.kind === 'last' && asked.span === 'all';
  return (
    <div className="page-head">
      <div>
        <div className={css.title}>
          <h1>{monitor.name}</h1>
          <State state={monitor.state} since={monitor.since} />
        </div>
        <p className="muted">{about(monitor)}</p>
      </div>
      <div className={css.acts}>
        <MonitorActions {...props} isPaused={monitor.state === 'paused'} />
        <p className="muted">{isAll ? spanSentences.all : between(period.from, period.to, zone, Date.now())}</p>
      </div>
    </div>
  );
}

function Reports({ customerId, monitor, rule }: { customerId: string; monitor: Monitor; rule: string }) {
  const colours = colourNumbers(monitor.transactions.map((t) => t.name));
  return (
    <>
      <Figures monitor={monitor} rule={rule} />
      <ResponseTimes customerId={customerId} monitor={monitor} colours={colours} />
      <TransactionTable monitor={monitor} colours={colours} />
      <Compared customerId={customerId} monitor={monitor} />
      <RunList customerId={customerId} monitorId={monitor.id} colours={colours} />
    </>
  );
}

/** Hours of the week and locations, of whole runs or of a transaction. */
function Compared({ customerId, monitor }: { customerId: string; monitor: Monitor }) {
  const names = monitor.transactions.map((t) => t.name);
  const [of, setOf] = useParameter('of', ['', ...names]);
  const what = { customerId, monitorId: monitor.id, transaction: of === '' ? null : of };
  return (
    <>
      <div className={css.compared}>
        <h2>{words.compared}</h2>
        <NativeSelect
          size="xs"
          aria-label={words.transaction}
          value={of}
          onChange={(event) => setOf(event.currentTarget.value)}
          data={[{ value: '', label: words.wholeRun }, ...names]}
        />
      </div>
      <Locations {...what} />
      <WeekMap {...what} />
    </>
  );
}

function NoRuns() {
  return (
    <div className="panel">
      <Notice title={words.noRuns} next={words.noRunsNext} />
    </div>
  );
}

function Skeleton() {
  return (
    <div className={css.monitor}>
      <div className="page-head">
        <Bar width={280} height={28} />
      </div>
      <div className={`panel ${css.skeleton}`}>
        <Bar width="100%" height={72} />
      </div>
      <div className={`panel ${css.skeleton}`}>
        <Bar width="100%" height={360} />
      </div>
    </div>
  );
}
