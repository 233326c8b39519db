import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'wouter';
import { scriptsQuery } from '../api/script-queries.ts';
import { messages, words } from '../messages/messages.ts';
import { Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { ScriptTable } from '../parts/ScriptTable.tsx';
import { ListSkeleton } from '../parts/Skeletons.tsx';

const say = messages.scripts;

/** A customer's scripts: what is published, by whom, and what it may do. */
export function ScriptsPage({ customerId, mayChange }: { customerId: string; mayChange: boolean }) {
  const query = useQuery(scriptsQuery(customerId));
  return (
    <div className="page">
      <title>{`${say.title} · ${words.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{say.title}</h1>
          <p className="muted">{say.lead}</p>
        </div>
        {mayChange && (
          <Button component={Link} href={`/c/${customerId}/scripts/new`}>
            {say.add}
          </Button>
        )}
      </div>
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {({ scripts }) => (
          <div className="panel">
            {scripts.length === 0 ? (
              <Notice title={say.empty} next={say.emptyNext} />
            ) : (
              <ScriptTable scripts={scripts} customerId={customerId} />
            )}
          </div>
        )}
      </Loaded>
    </div>
  );
}
