import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useLocation, useSearch } from 'wouter';
import { failuresQuery } from '../api/queries.ts';
import type { Failures } from '../api/types.ts';
import { plural, words } from '../messages/messages.ts';
import { FailureTable } from '../parts/FailureTable.tsx';
import { Between } from '../parts/Instant.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { usePeriod } from '../parts/PeriodPicker.tsx';
import css from './Failures.module.css';

const filters = ['monitor', 'location', 'code'] as const;
type Filter = (typeof filters)[number];

/** What went wrong in the period, those of a kind together; what is shown is in the address. */
export function FailuresPage({ customerId }: { customerId: string }) {
  const period = usePeriod();
  const [chosen, choose] = useFilters();
  const query = useQuery(failuresQuery(customerId, period, chosen));
  return (
    <div className="page">
      <title>{`${words.failures} · ${words.product}`}</title>
      <Loaded query={query} skeleton={<Skeleton />}>
        {(answer) => (
          <div className={css.failures}>
            <div className="page-head">
              <div>
                <h1>{headline(answer)}</h1>
                <p className="muted">
                  <Between {...answer.period} />
                </p>
              </div>
            </div>
            <section className="panel" aria-label={words.failures}>
              <Filters answer={answer} chosen={chosen} onChoose={choose} />
              {answer.groups.length === 0 ? (
                <None answer={answer} />
              ) : (
                <FailureTable groups={answer.groups} customerId={customerId} />
              )}
              {answer.groups.length < answer.total && (
                <p className={css.more}>{words.failuresPage.more(answer.groups.length, answer.total)}</p>
              )}
            </section>
            <p className="faint small">{words.failuresPage.how}</p>
          </div>
        )}
      </Loaded>
    </div>
  );
}

function headline({ total, groups }: Failures): string {
  if (total === 0) return words.failuresPage.noneTitle;
  const runs = groups.reduce((sum, group) => sum + group.count, 0);
  return words.failuresPage.headline(plural(total, 'kind of failure', 'kinds of failures'), plural(runs, 'run'));
}

function None({ answer }: { answer: Failures }) {
  const isFiltered = answer.codes.length > 0;
  const said = words.failuresPage;
  return isFiltered ? (
    <Notice title={said.noneLikeThat} next={said.noneLikeThatNext} />
  ) : (
    <Notice title={said.none} next={said.noneNext} />
  );
}

function useFilters(): [Partial<Record<Filter, string>>, (filter: Filter, value: string) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const query = new URLSearchParams(search);
  const chosen = filters.flatMap((filter) => (query.get(filter) ? [[filter, query.get(filter) ?? '']] : []));
  const choose = (filter: Filter, value: string) => {
    query.delete(filter);
    if (value !== '') query.set(filter, value);
    navigate(`${path}?${query}`.replace(/\?$/, ''), { replace: true });
  };
  return [Object.fromEntries(chosen), choose];
}

interface FiltersProps {
  answer: Failures;
  chosen: Partial<Record<Filter, string>>;
  onChoose(filter: Filter, value: string): void;
}

function Filters({ answer, chosen, onChoose }: FiltersProps) {
  const named = (all: readonly { id: string; name: string }[]) =>
    all.map(({ id, name }) => ({ value: id, label: name }));
  const options: Record<Filter, { value: string; label: string }[]> = {
    monitor: named(answer.monitors),
    location: named(answer.locations),
    code: answer.codes.map((code) => ({ value: code, label: code })),
  };
  return (
    <header className={`panel-head ${css.filters}`}>
      {filters.map((filter) => (
        <NativeSelect
          key={filter}
          className={css.filter ?? ''}
          size="xs"
          aria-label={words.failuresPage.filters[filter].name}
          value={chosen[filter] ?? ''}
          onChange={(event) => onChoose(filter, event.currentTarget.value)}
          data={[
            { value: '', label: words.failuresPage.filters[filter].all },
            // What was chosen stays to be seen where the period has none of it.
            ...missing(options[filter], chosen[filter]),
            ...options[filter],
          ]}
        />
      ))}
    </header>
  );
}

function missing(options: readonly { value: string }[], chosen: string | undefined) {
  return chosen && !options.some(({ value }) => value === chosen) ? [{ value: chosen, label: chosen }] : [];
}

function Skeleton() {
  return (
    <div className={css.failures}>
      <div className="page-head">
        <Bar width={280} height={28} />
      </div>
      <div className={`panel ${css.skeleton}`}>
        {[1, 2, 3, 4, 5].map((n) => (
          <Bar key={n} width="100%" height={32} />
        ))}
      </div>
    </div>
  );
}
