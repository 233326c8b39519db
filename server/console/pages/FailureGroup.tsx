import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearch } from 'wouter';
import { failureGroupQuery, monitorQuery } from '../api/queries.ts';
import type { FailureGroup } from '../api/types.ts';
import { count } from '../format.ts';
import { because, codeMeanings, listed, words } from '../messages/messages.ts';
import figures from '../parts/Figures.module.css';
import { Figure } from '../parts/Figures.tsx';
import { Between, Instant } from '../parts/Instant.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { usePeriod } from '../parts/PeriodPicker.tsx';
import { RunTable } from '../parts/RunTable.tsx';
import { Spark } from '../parts/Spark.tsx';
import { Shape } from '../parts/State.tsx';
import { periodOf, usual } from '../period.ts';
import { colourNumbers } from '../series.ts';
import css from './FailureGroup.module.css';

/** Failures of one kind in the period, with their runs. */
export function FailureGroupPage({ customerId, groupId }: { customerId: string; groupId: string }) {
  const period = usePeriod();
  const search = useSearch();
  const [path, navigate] = useLocation();
  const before = new URLSearchParams(search).get('before') ?? undefined;
  const query = useQuery(failureGroupQuery(customerId, groupId, period, before));
  const colours = useColours(customerId, query.data?.group.monitor.id);
  const older = (next: string) => {
    const to = new URLSearchParams(search);
    to.set('before', next);
    navigate(`${path}?${to}`);
  };
  return (
    <div className="page">
      <Loaded query={query} skeleton={<Bar width="100%" height={240} />}>
        {({ group, runs, next, period: told }) => (
          <div className={css.group}>
            <title>{`${nameOf(group)} · ${words.product}`}</title>
            <Head group={group} customerId={customerId} told={told} />
            <Facts group={group} />
            <section className="panel" aria-labelledby="runs">
              <header className="panel-head">
                <h2 id="runs">{words.runs}</h2>
              </header>
              {runs.length === 0 ? (
                <Notice title={words.failuresPage.noRuns} next={words.failuresPage.noRunsNext} />
              ) : (
                <RunTable runs={runs} customerId={customerId} colours={colours} />
              )}
              {next !== null && (
                <button type="button" className={css.more} onClick={() => older(next)}>
                  {words.older}
                </button>
              )}
            </section>
          </div>
        )}
      </Loaded>
    </div>
  );
}

function nameOf(group: FailureGroup): string {
  return `${group.transaction ?? words.aRun}: ${because(group.code, group.message)}`;
}

interface HeadProps {
  group: FailureGroup;
  customerId: string;
  told: { from: number; to: number };
}

function Head({ group, customerId, told }: HeadProps) {
  const search = useSearch();
  return (
    <div className="page-head">
      <div>
        <p className="small">
          <Link href={`/c/${customerId}/failures${periodOf(search)}`}>{words.failures}</Link>
          {' · '}
          <Link href={`/c/${customerId}/monitors/${group.monitor.id}${periodOf(search)}`}>{group.monitor.name}</Link>
        </p>
        <h1>{nameOf(group)}</h1>
        <p className={`muted ${css.code}`}>
          <Shape kind={group.outcome} size={10} />
          <code>{group.code}</code>
          {codeMeanings[group.code]}
        </p>
        <p className={`muted ${css.message}`}>
          <code>{group.message}</code>
        </p>
      </div>
      <p className="muted">
        <Between {...told} />
      </p>
    </div>
  );
}

function Facts({ group }: { group: FailureGroup }) {
  return (
    <dl className={`panel ${figures.figures}`}>
      <Figure name={words.runs} value={count(group.count)}>
        <Spark parts={group.parts} />
      </Figure>
      <Figure
        name={words.failuresPage.lastSeen}
        value={group.lastAt === null ? words.never : <Instant at={group.lastAt} precision="minutes" />}
      >
        {group.firstAt !== null && (
          <>
            {words.failuresPage.firstSeen} <Instant at={group.firstAt} />
          </>
        )}
      </Figure>
      <Figure name={words.failuresPage.locations} value={count(group.locations.length)}>
        {listed(group.locations)}
      </Figure>
    </dl>
  );
}

function useColours(customerId: string, monitorId: string | undefined): Map<string, number> {
  const { data } = useQuery({ ...monitorQuery(customerId, monitorId ?? '', usual), enabled: monitorId !== undefined });
  return colourNumbers((data?.monitor.transactions ?? []).map((t) => t.name));
}
