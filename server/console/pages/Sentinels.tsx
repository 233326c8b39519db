import { Button, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { revokeSentinel, sentinelsQuery } from '../api/queries.ts';
import type { Sentinel, Sentinels } from '../api/types.ts';
import {
  byUrgency,
  matches,
  needsCare,
  sentinelWords as say,
  sentinelStates,
  sentinelsHeadline,
  words,
} from '../messages/messages.ts';
import { AddSentinel } from '../parts/AddSentinel.tsx';
import { ChangeSentinel } from '../parts/ChangeSentinel.tsx';
import { Choice } from '../parts/Choice.tsx';
import { Confirm } from '../parts/Confirm.tsx';
import { DecideMachine } from '../parts/DecideMachine.tsx';
import { Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { OpenCodes } from '../parts/OpenCodes.tsx';
import { type SentinelAction, SentinelTable } from '../parts/SentinelTable.tsx';
import { ListSkeleton } from '../parts/Skeletons.tsx';
import css from './Sentinels.module.css';

interface SentinelsProps {
  customerId: string;
  /** Whether the user may add, change and revoke. */
  mayChange: boolean;
}

/** A customer's sentinels, those that need a look first; administrators add, change and revoke here. */
export function SentinelsPage({ customerId, mayChange }: SentinelsProps) {
  const query = useQuery(sentinelsQuery(customerId));
  const [adding, setAdding] = useState(false);
  return (
    <div className="page">
      <title>{`${say.title} · ${words.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{query.data ? sentinelsHeadline(query.data.sentinels.map(({ state }) => state)) : say.title}</h1>
          {!mayChange && <p className="muted">{say.onlyAdmins}</p>}
        </div>
        {mayChange && <Button onClick={() => setAdding(true)}>{say.add}</Button>}
      </div>
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {(data) => <List data={data} customerId={customerId} mayChange={mayChange} />}
      </Loaded>
      <OpenCodes customerId={customerId} mayChange={mayChange} />
      {adding && (
        <AddSentinel customerId={customerId} locations={query.data?.locations ?? []} onClose={() => setAdding(false)} />
      )}
    </div>
  );
}

function List({ data, customerId, mayChange }: SentinelsProps & { data: Sentinels }) {
  const [typed, setTyped] = useState('');
  const [shown, setShown] = useState<'all' | 'care'>('all');
  const [acting, setActing] = useState<{ action: SentinelAction; sentinel: Sentinel }>();
  const stop = () => setActing(undefined);
  if (data.sentinels.length === 0) {
    return (
      <div className="panel">
        <Notice title={say.empty} next={mayChange ? say.emptyNext : say.emptyNextViewer} />
      </div>
    );
  }
  const found = data.sentinels.filter((sentinel) => matches(typed, textsOf(sentinel))).toSorted(byUrgency);
  const care = found.filter(({ state }) => needsCare(state));
  const rows = shown === 'care' ? care : found;
  return (
    <section className="panel" aria-label={say.title}>
      <header className="panel-head">
        <TextInput
          className={css.filter ?? ''}
          type="search"
          size="xs"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          placeholder={say.filter}
          aria-label={say.filter}
        />
        <Choice<'all' | 'care'>
          name={say.show}
          chosen={shown}
          options={[
            ['all', say.all],
            ['care', say.needLook(care.length)],
          ]}
          onPick={setShown}
        />
      </header>
      {rows.length === 0 ? (
        <Notice title={say.none} next={say.noneNext} />
      ) : (
        <SentinelTable
          sentinels={rows}
          onAct={mayChange ? (action, sentinel) => setActing({ action, sentinel }) : undefined}
        />
      )}
      {acting?.action === 'change' && (
        <ChangeSentinel customerId={customerId} sentinel={acting.sentinel} locations={data.locations} onClose={stop} />
      )}
      {acting?.action === 'decide' && (
        <DecideMachine customerId={customerId} sentinel={acting.sentinel} onClose={stop} />
      )}
      {acting?.action === 'revoke' && (
        <Confirm
          title={say.revokeTitle(acting.sentinel.name)}
          action={say.revoke}
          isFinal
          onConfirm={() => revokeSentinel(customerId, acting.sentinel.id)}
          onClose={stop}
        >
          <p>{say.revokeText}</p>
        </Confirm>
      )}
    </section>
  );
}

function textsOf({ name, location, tags, platform, version, browser, state }: Sentinel): (string | null)[] {
  return [name, location, ...tags, platform, version, browser, sentinelStates[state]];
}
