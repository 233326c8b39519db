import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import { overviewQuery } from '../api/queries.ts';
import type { Overview } from '../api/types.ts';
import { instant } from '../format.ts';
import { overviewHeadline, words } from '../messages/messages.ts';
import { countStates, groupsOf, readView, sections, type View, writeView } from '../overview.ts';
import { zone } from '../parts/Instant.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { OverviewFilter } from '../parts/OverviewFilter.tsx';
import { OverviewLegend } from '../parts/OverviewLegend.tsx';
import { OverviewTable } from '../parts/OverviewTable.tsx';
import css from './Overview.module.css';

/** All monitors of a customer at all their locations over the last 24 hours, the worst first. */
export function OverviewPage({ customerId }: { customerId: string }) {
  const query = useQuery(overviewQuery(customerId));
  const asOf = instant(query.dataUpdatedAt, zone, Date.now(), 'minutes');
  return (
    <div className={`page ${css.wide}`}>
      <title>{`${words.overview} · ${words.product}`}</title>
      <Loaded query={query} skeleton={<Skeleton />}>
        {(overview) =>
          overview.monitors.length === 0 ? (
            <div className="panel">
              <Notice isPage title={words.overviewEmpty} next={words.overviewEmptyNext} />
            </div>
          ) : (
            <Matrix overview={overview} asOf={asOf} customerId={customerId} />
          )
        }
      </Loaded>
    </div>
  );
}

function Matrix({ overview, asOf, customerId }: { overview: Overview; asOf: string; customerId: string }) {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const view = readView(search);
  const setView = (next: View) => navigate(`${path}?${writeView(next, search)}`.replace(/\?$/, ''), { replace: true });
  // Typing goes on while many lines are still being drawn.
  const shownSearch = useDeferredValue(search);
  const shown = useMemo(() => sections(overview, readView(shownSearch)), [overview, shownSearch]);
  const lines = shown.reduce((sum, { rows }) => sum + rows.length, 0);
  return (
    <div className={css.matrix}>
      <div className="page-head">
        <div>
          <h1>{overviewHeadline(overview.monitors.map((monitor) => monitor.state))}</h1>
          <p className="muted">{words.overviewPage.lead(asOf)}</p>
        </div>
      </div>
      <section className="panel" aria-label={words.monitors}>
        <OverviewFilter
          view={view}
          counts={countStates(overview.monitors)}
          offered={groupsOf(overview)}
          onView={setView}
        />
        {lines === 0 ? (
          <Notice title={words.overviewPage.none} next={words.overviewPage.noneNext}>
            <Button variant="default" size="xs" onClick={() => setView({ ...view, typed: '', state: undefined })}>
              {words.overviewPage.showAll}
            </Button>
          </Notice>
        ) : (
          <OverviewTable sections={shown} overview={overview} customerId={customerId} />
        )}
      </section>
      <OverviewLegend />
      <p className="faint small">{overview.rule}</p>
    </div>
  );
}

function Skeleton() {
  return (
    <div className={css.matrix}>
      <div className="page-head">
        <Bar width={280} height={28} />
      </div>
      <div className={`panel ${css.skeleton}`}>
        {[0, 1, 2, 3, 4, 5, 6, 7].map((n) => (
          <Bar key={n} width="100%" height={20} />
        ))}
      </div>
    </div>
  );
}
