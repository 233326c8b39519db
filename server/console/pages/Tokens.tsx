import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { revokeToken, tokensQuery } from '../api/access-queries.ts';
import type { Token } from '../api/types.ts';
import { accessWords as say, words } from '../messages/messages.ts';
import { AddToken } from '../parts/AddToken.tsx';
import { Confirm } from '../parts/Confirm.tsx';
import { Loaded } from '../parts/Loaded.tsx';
import { Notice } from '../parts/Notice.tsx';
import { ListSkeleton } from '../parts/Skeletons.tsx';
import { TokenTable } from '../parts/TokenTable.tsx';

/** A customer's tokens for the API; its administrators make and revoke them here. */
export function TokensPage({ customerId }: { customerId: string }) {
  const query = useQuery(tokensQuery(customerId));
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Token>();
  return (
    <div className="page">
      <title>{`${say.tokens} · ${words.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{say.tokens}</h1>
          <p className="muted">{say.tokensLead}</p>
        </div>
        <Button onClick={() => setAdding(true)}>{say.addToken}</Button>
      </div>
      <Loaded query={query} skeleton={<ListSkeleton />}>
        {({ tokens }) => (
          <div className="panel">
            {tokens.length === 0 ? (
              <Notice title={say.tokensEmpty} next={say.tokensEmptyNext} />
            ) : (
              <TokenTable tokens={tokens} onRevoke={setLeaving} />
            )}
          </div>
        )}
      </Loaded>
      {adding && (
        <AddToken customerId={customerId} scopes={query.data?.scopes ?? []} onClose={() => setAdding(false)} />
      )}
      {leaving && (
        <Confirm
          title={say.revokeTitle(leaving.name)}
          action={say.revoke}
          isFinal
          onConfirm={() => revokeToken(customerId, leaving.id)}
          onClose={() => setLeaving(undefined)}
        >
          <p>{say.revokeText}</p>
        </Confirm>
      )}
    </div>
  );
}
