import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { restoredQuery, restoredRunsQuery } from '../api/archive-queries.ts';
import { utcMonth } from '../archive-words.ts';
import { count, instant } from '../format.ts';
import { messages, words as product } from '../messages/messages.ts';
import { Icon } from '../parts/Icon.tsx';
import { zone } from '../parts/Instant.tsx';
import { Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { RunTable } from '../parts/RunTable.tsx';
import { ListSkeleton } from '../parts/Skeletons.tsx';
import { colourNumbers } from '../series.ts';
import css from './Restored.module.css';

const words = messages.archive;

/** A month that was brought back from the archive: monitors with their runs in it. */
export function RestoredPage({ customerId, month }: { customerId: string; month: string }) {
  const query = useQuery(restoredQuery(customerId, month));
  const [chosen, setChosen] = useState<string>();
  return (
    <div className="page">
      <title>{`${words.restoredTitle(utcMonth(month))} · ${product.product}`}</title>
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {({ until, monitors }) => {
          const monitor = monitors.find(({ id }) => id === chosen) ?? monitors[0];
          return (
            <div className={css.stack}>
              <div className="page-head">
                <div>
                  <p>
                    <Link href={`/c/${customerId}/archive?month=${month}`}>{words.toArchive}</Link>
                  </p>
                  <h1>{words.restoredTitle(utcMonth(month))}</h1>
                  <p className="muted">{words.restoredLead(instant(until, zone, Date.now(), 'minutes'))}</p>
                </div>
              </div>
              {monitor === undefined ? (
                <div className="panel">
                  <Notice title={words.restoredEmpty} next={words.restoredEmptyNext} />
                </div>
              ) : (
                <>
                  <fieldset className={`chips ${css.monitors}`}>
                    <legend className="hidden">{words.chooseMonitor}</legend>
                    {monitors.map(({ id, name, runs }) => (
                      <button key={id} type="button" aria-pressed={id === monitor.id} onClick={() => setChosen(id)}>
                        <span>{name}</span> <span>{count(runs)}</span>
                      </button>
                    ))}
                  </fieldset>
                  <Runs key={monitor.id} customerId={customerId} month={month} monitor={monitor} />
                </>
              )}
            </div>
          );
        }}
      </Loaded>
    </div>
  );
}

function Runs(props: { customerId: string; month: string; monitor: { id: string; name: string } }) {
  const { customerId, month, monitor } = props;
  const [pages, setPages] = useState<readonly string[]>([]);
  const query = useQuery(restoredRunsQuery(customerId, month, monitor.id, pages.at(-1)));
  return (
    <section className="panel" aria-labelledby="runs">
      <header className="panel-head">
        <h2 id="runs" className={css.name}>
          {words.monitorRuns(monitor.name)}
        </h2>
      </header>
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {({ runs, next }) => (
          <>
            <RunTable
              runs={runs}
              customerId={customerId}
              colours={colourNumbers([...new Set(runs.flatMap((run) => run.transactions.map(({ name }) => name)))])}
            />
            {(pages.length > 0 || next !== null) && (
              <nav className={`chips ${css.pages}`} aria-label={product.runPages}>
                <button type="button" disabled={pages.length === 0} onClick={() => setPages(pages.slice(0, -1))}>
                  <Icon name="left" size={12} />
                  {product.newer}
                </button>
                <button
                  type="button"
                  disabled={next === null}
                  onClick={() => next !== null && setPages([...pages, next])}
                >
                  {product.older}
                  <Icon name="right" size={12} />
                </button>
              </nav>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}
