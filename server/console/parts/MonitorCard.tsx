import { Link } from 'wouter';
import type { Monitor } from '../api/types.ts';
import { duration, share, span } from '../format.ts';
import { colourNumbers } from '../series.ts';
import { words } from '../words.ts';
import { Instant } from './Instant.tsx';
import css from './MonitorCard.module.css';
import { Shape, State } from './State.tsx';
import { Strip } from './Strip.tsx';
import { Swatch } from './Swatch.tsx';
import { Trouble } from './Trouble.tsx';

/** A monitor on the overview: how it is, how it was, and how quick each transaction answered last. */
export function MonitorCard({ monitor, customerId, search }: { monitor: Monitor; customerId: string; search: string }) {
  return (
    <article className={`panel ${css.card}`} aria-labelledby={`monitor-${monitor.id}`}>
      <header className={css.head}>
        <State state={monitor.state} since={monitor.since} />
        <div className={css.title}>
          <h2 id={`monitor-${monitor.id}`} className={css.name}>
            <Link href={`/c/${customerId}/monitors/${monitor.id}${search}`}>{monitor.name}</Link>
          </h2>
          <p className={css.meta}>{about(monitor)}</p>
        </div>
      </header>
      <dl className={css.figures}>
        <div>
          <dt>{words.availability}</dt>
          <dd>{share(monitor.availability)}</dd>
        </div>
        <div>
          <dt>{words.coverage}</dt>
          <dd>{share(monitor.coverage)}</dd>
        </div>
      </dl>
      <div className={css.trouble}>
        <Trouble trouble={monitor.trouble} />
      </div>
      {monitor.lastRun ? <Transactions monitor={monitor} /> : <p className={css.none}>{words.noRunsNext}</p>}
      <div className={css.strip}>
        <Strip
          runs={monitor.strip}
          href={(runId) => `/c/${customerId}/runs/${runId}`}
          label={`${words.lastRuns}: ${monitor.name}`}
        />
        <p className={css.meta}>
          {words.lastRun} {monitor.lastRun ? <Instant at={monitor.lastRun.startedAt} /> : words.never}
        </p>
      </div>
    </article>
  );
}

/** `every 30 s · shop.spec.ts, version 3 · https://shop.example`. */
export function about(monitor: Monitor): string {
  const script = `${monitor.script.name}, ${words.version(monitor.script.version)}`;
  return [schedule(monitor), script, monitor.baseURL].filter(Boolean).join(' · ');
}

/** `every 30 s`, `cron 0 6 * * *`, and the hours that hold, with their time zone. */
function schedule({ everyMs, cron, hours, timeZone }: Monitor): string {
  const when = cron === null ? words.every(span(everyMs)) : words.cron(cron);
  return [when, hours, timeZone && `(${timeZone})`].filter(Boolean).join(' ');
}

function Transactions({ monitor }: { monitor: Monitor }) {
  const numbers = colourNumbers(monitor.transactions.map((t) => t.name));
  return (
    <ul className={css.transactions}>
      {monitor.transactions.map((transaction) => (
        <li key={transaction.name}>
          <span className={css.transaction} title={transaction.name}>
            <Swatch number={numbers.get(transaction.name) ?? 0} />
            <span>{transaction.name}</span>
          </span>
          <Latest transaction={transaction} />
          <span className={css.median}>
            {words.median.toLowerCase()} {duration(transaction.p50Us)}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Latest({ transaction }: { transaction: Monitor['transactions'][number] }) {
  const { lastOutcome, lastErrorCode, lastResponseUs } = transaction;
  if (lastOutcome === 'failed' || lastOutcome === 'errored') {
    return (
      <span className={css.latest} data-outcome={lastOutcome}>
        <Shape kind={lastOutcome} size={10} />
        <code>{lastErrorCode}</code>
      </span>
    );
  }
  if (lastOutcome === 'skipped')
    return (
      <span className={css.latest} data-outcome="skipped">
        {words.notReached}
      </span>
    );
  return <span className={css.latest}>{duration(lastResponseUs)}</span>;
}
