import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { memo, useDeferredValue, useMemo } from 'react';
import { about } from '../about.ts';
import { monitorQuery } from '../api/queries.ts';
import type { Monitor } from '../api/types.ts';
import { spanSentences, stateWords, words } from '../messages/messages.ts';
import { Figures } from '../parts/Figures.tsx';
import { Between } from '../parts/Instant.tsx';
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
import { isAll, type Period } from '../period.ts';
import { colourNumbers } from '../series.ts';
import css from './Monitor.module.css';

interface MonitorPageProps extends Allowed {
  customerId: string;
  monitorId: string;
}

/**
 * One monitor over the period: its figures, response times, transactions and runs. Another period is drawn after the
 * answer to whoever chose it: the picker shows it at once, and drawing gives way to the next key.
 */
export function MonitorPage(props: MonitorPageProps) {
  const period = useDeferredValue(usePeriod());
  return (
    <div className="page">
      <Sheet {...props} period={period} />
    </div>
  );
}

const Sheet = memo(function Sheet(props: MonitorPageProps & { period: Period }) {
  const { customerId, monitorId, period } = props;
  const query = useQuery(monitorQuery(customerId, monitorId, period));
  return (
    <Loaded query={query} skeleton={<Skeleton />}>
      {({ monitor, rule, archivedUntil, period: bounds }) => (
        <div className={css.monitor}>
          <title>{`${monitor.name}: ${stateWords[monitor.state].toLowerCase()} · ${words.product}`}</title>
          <Head {...props} monitor={monitor} bounds={bounds} />
          <Trouble trouble={monitor.trouble} />
          {monitor.lastRun || archivedUntil > 0 ? (
            <Reports customerId={customerId} monitor={monitor} rule={rule} period={period} />
          ) : (
            <NoRuns />
          )}
        </div>
      )}
    </Loaded>
  );
});

interface HeadProps extends MonitorPageProps {
  monitor: Monitor;
  period: Period;
  /** What of it was told of. */
  bounds: { from: number; to: number };
}

function Head({ monitor, period, bounds, ...props }: HeadProps) {
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
        <MonitorActions {...props} name={monitor.name} isPaused={monitor.state === 'paused'} />
        <p className="muted">{isAll(period) ? spanSentences.all : <Between {...bounds} />}</p>
      </div>
    </div>
  );
}

interface ReportsProps {
  customerId: string;
  monitor: Monitor;
  rule: string;
  period: Period;
}

const Reports = memo(function Reports({ customerId, monitor, rule, period }: ReportsProps) {
  const names = useSame(monitor.transactions.map(({ name }) => name));
  const colours = useMemo(() => colourNumbers(names), [names]);
  // What one sees first is drawn first.
  const isAllDrawn = useDeferredValue(true, false);
  return (
    <>
      <Figures monitor={monitor} rule={rule} />
      <ResponseTimes customerId={customerId} monitor={monitor} colours={colours} period={period} />
      {isAllDrawn && (
        <>
          <TransactionTable monitor={monitor} colours={colours} />
          <Compared customerId={customerId} monitorId={monitor.id} names={names} period={period} />
          <RunList customerId={customerId} monitorId={monitor.id} colours={colours} />
        </>
      )}
    </>
  );
});

interface ComparedProps {
  customerId: string;
  monitorId: string;
  /** Of its transactions. */
  names: readonly string[];
  period: Period;
}

/** Hours of the week and locations, of whole runs or of a transaction. */
const Compared = memo(function Compared({ names, ...at }: ComparedProps) {
  const [of, setOf] = useParameter('of', ['', ...names]);
  const what = { ...at, transaction: of === '' ? null : of };
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
});

/** The list as it was before, as long as it says the same. */
function useSame(names: readonly string[]): readonly string[] {
  const said = JSON.stringify(names);
  return useMemo((): readonly string[] => JSON.parse(said), [said]);
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
