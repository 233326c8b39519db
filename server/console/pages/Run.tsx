import { useQuery } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import { monitorQuery, runQuery } from '../api/queries.ts';
import type { RunDetail } from '../api/types.ts';
import { duration } from '../format.ts';
import { outcomeWords, reasonWords, words } from '../messages/messages.ts';
import { AriaSnapshot } from '../parts/AriaSnapshot.tsx';
import { RestoredRun } from '../parts/archive/RestoredRun.tsx';
import { Facts } from '../parts/Facts.tsx';
import { Fault } from '../parts/Fault.tsx';
import { Icon } from '../parts/Icon.tsx';
import { Instant } from '../parts/Instant.tsx';
import { useKey } from '../parts/keys.ts';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { PageFacts } from '../parts/PageFacts.tsx';
import { PageLoads } from '../parts/PageLoads.tsx';
import { Retry } from '../parts/Retry.tsx';
import { isCompared, Screenshot } from '../parts/Screenshot.tsx';
import { OutcomeBadge } from '../parts/State.tsx';
import { Trace } from '../parts/Trace.tsx';
import { Waterfall } from '../parts/Waterfall.tsx';
import { usual } from '../period.ts';
import { colourNumbers } from '../series.ts';
import css from './Run.module.css';

/** One run, whole: its transactions against time, what went wrong, the screenshot, the facts. */
export function RunPage({ customerId, runId }: { customerId: string; runId: string }) {
  const query = useQuery(runQuery(customerId, runId));
  return (
    <div className="page">
      <Loaded query={query} skeleton={<Skeleton />}>
        {(run) => <Run run={run} customerId={customerId} />}
      </Loaded>
    </div>
  );
}

function Run({ run, customerId }: { run: RunDetail; customerId: string }) {
  const wrong = run.transactions.find((t) => t.outcome === 'failed' || t.outcome === 'errored');
  const error = run.error ?? wrong?.error ?? null;
  return (
    <div className={css.run}>
      <title>{`${run.monitor.name}: ${outcomeWords[run.outcome].toLowerCase()} · ${words.product}`}</title>
      <Head run={run} customerId={customerId} />
      <RestoredRun run={run} customerId={customerId} />
      <Retry run={run} customerId={customerId} />
      {error && <Fault error={error} transaction={wrong?.name} lastPassed={run.lastPassed} customerId={customerId} />}
      {run.reason && <p className={`panel ${css.reason}`}>{reasonWords[run.reason] ?? run.reason}</p>}
      <section className="panel" aria-labelledby="transactions">
        <header className="panel-head">
          <h2 id="transactions">{words.transactions}</h2>
          <p className="muted small">{words.waterfallHow}</p>
        </header>
        <Waterfall run={run} colours={useColours(customerId, run)} />
      </section>
      <PageLoads run={run} />
      {isCompared(run) && <Screenshot run={run} customerId={customerId} />}
      <div className={css.columns}>
        <div className={css.evidence}>
          {!isCompared(run) && <Screenshot run={run} customerId={customerId} />}
          <PageFacts run={run} />
          <AriaSnapshot run={run} customerId={customerId} />
          <Trace run={run} />
        </div>
        <Facts run={run} />
      </div>
    </div>
  );
}

function Head({ run, customerId }: { run: RunDetail; customerId: string }) {
  return (
    <div className="page-head">
      <div>
        <p className="small">
          <Link href={`/c/${customerId}/monitors/${run.monitor.id}`}>{run.monitor.name}</Link>
        </p>
        <h1 className={css.title}>
          <span>
            {words.runOf} <Instant at={run.startedAt} />
          </span>
          <OutcomeBadge outcome={run.outcome} />
        </h1>
        <p className="muted">
          {run.sentinel.location} · {run.sentinel.name} · {duration(run.durationUs)}
        </p>
      </div>
      <nav className={css.neighbours} aria-label={words.runs}>
        {run.failureGroupId !== null && (
          <Link className={css.neighbour ?? ''} href={`/c/${customerId}/failures/${run.failureGroupId}?period=30d`}>
            {words.failuresPage.likeThis}
          </Link>
        )}
        <Neighbour customerId={customerId} runId={run.previousRunId} side="left" />
        <Neighbour customerId={customerId} runId={run.nextRunId} side="right" />
      </nav>
    </div>
  );
}

function Neighbour({ customerId, runId, side }: { customerId: string; runId: string | null; side: 'left' | 'right' }) {
  const [, navigate] = useLocation();
  const href = `/c/${customerId}/runs/${runId}`;
  const text = side === 'left' ? words.previousRun : words.nextRun;
  useKey(side === 'left' ? '[' : ']', text, () => navigate(href), runId !== null);
  const content = (
    <>
      {side === 'left' && <Icon name="left" size={14} />}
      {text}
      {side === 'right' && <Icon name="right" size={14} />}
    </>
  );
  return runId === null ? (
    <span className={css.neighbour}>{content}</span>
  ) : (
    <Link className={css.neighbour ?? ''} href={href}>
      {content}
    </Link>
  );
}

// The monitor knows all its transactions and so their colours; a run alone may have fewer.
function useColours(customerId: string, run: RunDetail): Map<string, number> {
  const { data } = useQuery(monitorQuery(customerId, run.monitor.id, usual));
  const names = (data?.monitor.transactions ?? []).map((t) => t.name);
  return colourNumbers([...new Set([...names, ...run.transactions.map((t) => t.name)])]);
}

function Skeleton() {
  return (
    <div className={css.run}>
      <div className="page-head">
        <Bar width={320} height={28} />
      </div>
      <div className={`panel ${css.skeleton}`}>
        {[1, 2, 3, 4, 5].map((n) => (
          <Bar key={n} width={`${100 - n * 8}%`} height={20} />
        ))}
      </div>
      <div className={`panel ${css.skeleton}`}>
        <Bar width="100%" height={240} />
      </div>
    </div>
  );
}
