import { useQuery } from '@tanstack/react-query';
import { useSearch } from 'wouter';
import { monitorsQuery } from '../api/queries.ts';
import type { Monitor, MonitorState, Monitors } from '../api/types.ts';
import { between } from '../format.ts';
import { zone } from '../parts/Instant.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { MonitorCard } from '../parts/MonitorCard.tsx';
import { Notice } from '../parts/Notice.tsx';
import { periodOf, readPeriod } from '../period.ts';
import { overviewHeadline, words } from '../words.ts';
import css from './Overview.module.css';

const urgency = { failing: 0, degraded: 1, noData: 2, up: 3, paused: 4 } as const satisfies Record<
  MonitorState,
  number
>;

/** All monitors of a customer, the worst first. */
export function OverviewPage({ customerId }: { customerId: string }) {
  const search = useSearch();
  const query = useQuery(monitorsQuery(customerId, readPeriod(search)));
  return (
    <div className="page">
      <title>{`${words.overview} · ${words.product}`}</title>
      <Loaded query={query} skeleton={<Skeleton />}>
        {(data) => <Cards data={data} customerId={customerId} search={periodOf(search)} />}
      </Loaded>
    </div>
  );
}

function Cards({ data, customerId, search }: { data: Monitors; customerId: string; search: string }) {
  const sorted = data.monitors.toSorted(byUrgency);
  if (sorted.length === 0) {
    return (
      <div className="panel">
        <Notice title={words.overviewEmpty} next={words.overviewEmptyNext} />
      </div>
    );
  }
  return (
    <div className={css.cards}>
      <div className="page-head">
        <div>
          <h1>{overviewHeadline(sorted.map((monitor) => monitor.state))}</h1>
          <p className="muted">{between(data.period.from, data.period.to, zone, Date.now())}</p>
        </div>
      </div>
      {sorted.map((monitor) => (
        <MonitorCard key={monitor.id} monitor={monitor} customerId={customerId} search={search} />
      ))}
      <p className="faint small">{data.rule}</p>
    </div>
  );
}

function byUrgency(a: Monitor, b: Monitor): number {
  return urgency[a.state] - urgency[b.state] || a.name.localeCompare(b.name);
}

function Skeleton() {
  return (
    <div className={css.cards}>
      <div className="page-head">
        <Bar width={280} height={28} />
      </div>
      {[1, 2].map((n) => (
        <div key={n} className={`panel ${css.skeleton}`}>
          <Bar width={240} height={24} />
          <Bar width="100%" height={64} />
          <Bar width="100%" height={28} />
        </div>
      ))}
    </div>
  );
}
