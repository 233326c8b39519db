import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useLocation, useSearch } from 'wouter';
import { type AuditFilter, auditQuery } from '../api/queries.ts';
import type { AuditEntry } from '../api/types.ts';
import { instant } from '../format.ts';
import { actionName, detailWords, words } from '../messages/messages.ts';
import { BlockTable } from '../parts/BlockTable.tsx';
import { Instant, zone } from '../parts/Instant.tsx';
import { Bar, Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { usePeriod } from '../parts/PeriodPicker.tsx';
import css from './Audit.module.css';

const say = words.audit;

/** Who did what at a customer, newest first; without one, on the whole server. Person and action are in the address. */
export function AuditPage({ customerId }: { customerId?: string }) {
  const [filter, setFilter] = useFilter();
  const period = usePeriod();
  const query = useInfiniteQuery(auditQuery(customerId, filter, period));
  const address = customerId === undefined ? '/api/v1/audit' : `/api/v1/customers/${customerId}/audit`;
  const entries = query.data?.pages.flatMap((page) => page.entries) ?? [];
  return (
    <div className="page">
      <title>{`${say.title} · ${words.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{say.title}</h1>
          <p className="muted">{customerId === undefined ? say.providerLead : say.lead}</p>
        </div>
        <Button component="a" href={`${address}/export`} variant="default">
          {say.download}
        </Button>
      </div>
      <Filter
        filter={filter}
        actions={query.data?.pages[0]?.actions ?? []}
        people={peopleIn(entries)}
        onPick={setFilter}
      />
      <Loaded query={query} skeleton={<Skeleton />}>
        {() => (
          <>
            <div className="panel">{entries.length === 0 ? <None /> : <Table entries={entries} />}</div>
            {query.hasNextPage && (
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                {say.older}
              </Button>
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}

function useFilter(): [AuditFilter, (filter: AuditFilter) => void] {
  const query = new URLSearchParams(useSearch());
  const [path, navigate] = useLocation();
  const [person, action] = [query.get('person') ?? '', query.get('action') ?? ''];
  const filter = { ...(person !== '' && { person }), ...(action !== '' && { action }) };
  const go = (next: AuditFilter) => {
    for (const key of ['person', 'action']) query.delete(key);
    for (const [key, value] of Object.entries(next)) if (value !== '') query.set(key, value);
    navigate(`${path}?${query}`.replace(/\?$/, ''), { replace: true });
  };
  return [filter, go];
}

interface FilterProps {
  filter: AuditFilter;
  actions: readonly string[];
  people: readonly string[];
  onPick(filter: AuditFilter): void;
}

function Filter({ filter, actions, people, onPick }: FilterProps) {
  const options = [{ value: '', label: say.any }, ...actions.map((value) => ({ value, label: actionName(value) }))];
  return (
    <div className={css.filter}>
      <TextInput
        label={say.person}
        placeholder={say.any}
        list="people"
        maxLength={200}
        defaultValue={filter.person ?? ''}
        key={filter.person ?? ''}
        onBlur={(event) => onPick({ ...filter, person: event.currentTarget.value })}
        onKeyDown={(event) => event.key === 'Enter' && onPick({ ...filter, person: event.currentTarget.value })}
      />
      <datalist id="people">
        {people.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <NativeSelect
        label={say.action}
        data={options}
        value={filter.action ?? ''}
        onChange={(event) => onPick({ ...filter, action: event.currentTarget.value })}
      />
    </div>
  );
}

function Table({ entries }: { entries: readonly AuditEntry[] }) {
  return (
    <BlockTable className={css.table} columns={[say.when, say.who, say.what, say.details]}>
      {entries.map((entry) => (
        <tr key={entry.id}>
          <td className={css.when}>
            <Instant at={entry.at} />
          </td>
          <td className={css.who}>
            <bdi>{entry.actor.name ?? entry.actor.kind}</bdi>
            {say.kinds[entry.actor.kind] !== '' && <span className="muted small"> {say.kinds[entry.actor.kind]}</span>}
          </td>
          <td className={css.what}>{entry.told}</td>
          <td className={`muted small ${css.details}`}>
            {detailWords(entry.detail, (at) => instant(at, zone, Date.now()))}
          </td>
        </tr>
      ))}
    </BlockTable>
  );
}

function None() {
  return <Notice title={say.empty} next={say.emptyNext} />;
}

function Skeleton() {
  return (
    <div className={`panel ${css.skeleton}`}>
      {[1, 2, 3, 4, 5, 6].map((n) => (
        <Bar key={n} width="100%" height={16} />
      ))}
    </div>
  );
}

function peopleIn(entries: readonly AuditEntry[]): string[] {
  return [...new Set(entries.flatMap(({ actor }) => actor.name ?? []))].sort();
}
