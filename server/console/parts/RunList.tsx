import { useQuery } from '@tanstack/react-query';
import { memo } from 'react';
import { type RunFilter, runsQuery } from '../api/queries.ts';
import type { Outcome, RunPage } from '../api/types.ts';
import { outcomeWords, words } from '../messages/messages.ts';
import { ArchiveHint } from './archive/ArchiveHint.tsx';
import { Icon } from './Icon.tsx';
import { Bar, Loaded } from './Loaded.tsx';
import { Notice } from './Notice.tsx';
import css from './RunList.module.css';
import { RunTable } from './RunTable.tsx';
import { outcomes, useRunFilter } from './run-filter.ts';
import { Shape } from './State.tsx';

interface RunListProps {
  customerId: string;
  monitorId: string;
  colours: ReadonlyMap<string, number>;
}

/** The runs of a monitor, newest first. Outcome and page are in the address. */
export const RunList = memo(function RunList({ customerId, monitorId, colours }: RunListProps) {
  const { filter, setFilter, newer, goNewer } = useRunFilter();
  const query = useQuery(runsQuery(customerId, monitorId, filter));
  return (
    <section className="panel below" aria-labelledby="runs">
      <header className="panel-head">
        <h2 id="runs">{words.runs}</h2>
        <OutcomeFilter chosen={filter.outcome} onPick={(outcome) => setFilter(outcome ? { outcome } : {})} />
      </header>
      <Loaded query={query} skeleton={<Skeleton />}>
        {(page) => (
          <>
            {page.runs.length === 0 ? (
              <None outcome={filter.outcome} />
            ) : (
              <RunTable runs={page.runs} customerId={customerId} colours={colours} />
            )}
            <Pages page={page} filter={filter} newer={newer} onPick={setFilter} onNewer={goNewer} />
            {page.next === null && page.archivedUntil > 0 && (
              <ArchiveHint customerId={customerId} until={page.archivedUntil} at={page.archivedUntil} />
            )}
          </>
        )}
      </Loaded>
    </section>
  );
});

function OutcomeFilter({
  chosen,
  onPick,
}: {
  chosen: Outcome | undefined;
  onPick(outcome: Outcome | undefined): void;
}) {
  return (
    <fieldset className="chips">
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

function None({ outcome }: { outcome: Outcome | undefined }) {
  if (!outcome) return <Notice title={words.noRuns} next={words.noRunsNext} />;
  return <Notice title={words.noRunsOfOutcome(outcomeWords[outcome].toLowerCase())} next={words.noRunsOfOutcomeNext} />;
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
    <nav className={`chips ${css.pages}`} aria-label={words.runPages}>
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
