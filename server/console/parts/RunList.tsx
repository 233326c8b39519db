import { useQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearch } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import { type RunFilter, runsQuery } from '../api/queries.ts';
import type { Outcome, RunPage, RunRow } from '../api/types.ts';
import { duration } from '../format.ts';
import { axisEnd, barAt } from '../waterfall.ts';
import { because, outcomeWords, words } from '../words.ts';
import { Icon } from './Icon.tsx';
import { Instant } from './Instant.tsx';
import { Bar, Loaded } from './Loaded.tsx';
import { Notice } from './Notice.tsx';
import css from './RunList.module.css';
import { OutcomeMark, Shape } from './State.tsx';

interface RunListProps {
  customerId: string;
  monitorId: string;
  colours: ReadonlyMap<string, number>;
}

const outcomes: readonly Outcome[] = ['passed', 'failed', 'errored', 'skipped'];

/** The runs of a monitor, newest first. Outcome and page are in the address. */
export function RunList({ customerId, monitorId, colours }: RunListProps) {
  const { filter, setFilter, newer, goNewer } = useFilter();
  const query = useQuery(runsQuery(customerId, monitorId, filter));
  return (
    <section className="panel" aria-labelledby="runs">
      <header className="panel-head">
        <h2 id="runs">{words.runs}</h2>
        <OutcomeFilter chosen={filter.outcome} onPick={(outcome) => setFilter(outcome ? { outcome } : {})} />
      </header>
      <Loaded query={query} skeleton={<Skeleton />}>
        {(page) => (
          <>
            <Rows page={page} filter={filter} customerId={customerId} colours={colours} />
            <Pages page={page} filter={filter} newer={newer} onPick={setFilter} onNewer={goNewer} />
          </>
        )}
      </Loaded>
    </section>
  );
}

// The pages one came by lie in the history's state, since a cursor only knows the way to older runs.
function useFilter() {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const trail = trailOf(useHistoryState<unknown>());
  const query = new URLSearchParams(search);
  const outcome = outcomes.find((known) => known === query.get('outcome'));
  const before = query.get('before') ?? undefined;
  const filter: RunFilter = { ...(outcome ? { outcome } : {}), ...(before ? { before } : {}) };
  const go = (next: RunFilter, state: { trail: readonly string[] }) => {
    for (const key of ['outcome', 'before']) query.delete(key);
    for (const [key, value] of Object.entries(next)) if (value !== '') query.set(key, value);
    navigate(`${path}?${query}`.replace(/\?$/, ''), { state });
  };
  return {
    filter,
    newer: trail.length > 0,
    setFilter: (next: RunFilter) => go(next, { trail: next.before ? [...trail, before ?? ''] : [] }),
    goNewer: () => go({ ...filter, before: trail.at(-1) ?? '' }, { trail: trail.slice(0, -1) }),
  };
}

function trailOf(state: unknown): readonly string[] {
  const trail = typeof state === 'object' && state !== null && 'trail' in state ? state.trail : [];
  return Array.isArray(trail) ? trail.filter((entry) => typeof entry === 'string') : [];
}

function OutcomeFilter({
  chosen,
  onPick,
}: {
  chosen: Outcome | undefined;
  onPick(outcome: Outcome | undefined): void;
}) {
  return (
    <fieldset className={css.filter}>
      <legend className="hidden">{words.outcome}</legend>
      <button type="button" aria-pressed={!chosen} onClick={() => onPick(undefined)}>
        {words.all}
      </button>
      {outcomes.map((outcome) => (
        <button key={outcome} type="button" aria-pressed={chosen === outcome} onClick={() => onPick(outcome)}>
          <Shape kind={outcome} size={9} />
          {outcomeWords[outcome]}
        </button>
      ))}
    </fieldset>
  );
}

function Rows({
  page,
  filter,
  customerId,
  colours,
}: {
  page: RunPage;
  filter: RunFilter;
  customerId: string;
  colours: RunListProps['colours'];
}) {
  if (page.runs.length === 0) {
    const { outcome } = filter;
    if (!outcome) return <Notice title={words.noRuns} next={words.noRunsNext} />;
    return (
      <Notice title={words.noRunsOfOutcome(outcomeWords[outcome].toLowerCase())} next={words.noRunsOfOutcomeNext} />
    );
  }
  const longest = Math.max(...page.runs.map(axisEnd));
  return (
    <div className="scroll">
      <table className={`table ${css.table}`}>
        <thead>
          <tr>
            <th>{words.started}</th>
            <th>{words.outcome}</th>
            <th className="number">{words.duration}</th>
            <th>{words.transactions}</th>
            <th>{words.whatWentWrong}</th>
            <th>{words.where}</th>
          </tr>
        </thead>
        <tbody>
          {page.runs.map((run) => (
            <Row key={run.id} run={run} href={`/c/${customerId}/runs/${run.id}`} longest={longest} colours={colours} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row({
  run,
  href,
  longest,
  colours,
}: {
  run: RunRow;
  href: string;
  longest: number;
  colours: RunListProps['colours'];
}) {
  return (
    <tr className="opens">
      <td>
        <Link href={href} className={css.open ?? ''}>
          <Instant at={run.startedAt} />
        </Link>
      </td>
      <td>
        <OutcomeMark outcome={run.outcome} />
      </td>
      <td className="number">{duration(run.durationUs)}</td>
      <td>
        <Lane run={run} longest={longest} colours={colours} />
      </td>
      <td className={css.wrong}>
        <Wrong run={run} />
      </td>
      <td className={css.where} title={run.sentinel}>
        {run.location}
      </td>
    </tr>
  );
}

// The run in small: its transactions in their colours, to the scale of the longest run on the page.
function Lane({ run, longest, colours }: { run: RunRow; longest: number; colours: RunListProps['colours'] }) {
  return (
    <div className={css.lane} aria-hidden="true">
      {run.transactions
        .filter((t) => t.outcome !== 'skipped')
        .map((t) => {
          const { left, width } = barAt(t.startUs, t.durationUs, longest);
          const background = t.outcome === 'passed' ? `var(--series-${colours.get(t.name) ?? 0})` : 'var(--bad)';
          return (
            <i
              key={t.name}
              title={`${t.name} ${duration(t.durationUs)}`}
              style={{ left: `${left}%`, width: `${width}%`, background }}
            />
          );
        })}
    </div>
  );
}

function Wrong({ run }: { run: RunRow }) {
  if (run.errorCode === null) return null;
  return (
    <span className={css.sentence}>
      {run.transaction ? `${run.transaction}: ` : ''}
      {because(run.errorCode, run.message ?? '')} <code>{run.errorCode}</code>
      {run.screenshot && (
        <span className={css.shot} title={words.hasScreenshot}>
          <Icon name="image" size={14} />
          <span className="hidden">, {words.hasScreenshot}</span>
        </span>
      )}
    </span>
  );
}

interface PagesProps {
  page: RunPage;
  filter: RunFilter;
  newer: boolean;
  onPick(filter: RunFilter): void;
  onNewer(): void;
}

function Pages({ page, filter, newer, onPick, onNewer }: PagesProps) {
  const { before, ...first } = filter;
  const { next } = page;
  if (!before && next === null) return null;
  return (
    <nav className={css.pages} aria-label={words.runPages}>
      <button type="button" disabled={!before} onClick={() => onPick(first)}>
        {words.newest}
      </button>
      <button type="button" disabled={!newer} onClick={onNewer}>
        <Icon name="left" size={12} />
        {words.newer}
      </button>
      <button
        type="button"
        disabled={next === null}
        onClick={() => next !== null && onPick({ ...first, before: next })}
      >
        {words.older}
        <Icon name="right" size={12} />
      </button>
    </nav>
  );
}

function Skeleton() {
  return (
    <div className={css.skeleton}>
      {[1, 2, 3, 4, 5, 6].map((n) => (
        <Bar key={n} width="100%" height={16} />
      ))}
    </div>
  );
}
