import { Button } from '@mantine/core';
import type { Token } from '../api/types.ts';
import { accessWords as say } from '../messages/messages.ts';
import { BlockTable } from './BlockTable.tsx';
import { Instant } from './Instant.tsx';
import css from './TokenTable.module.css';

/** Tokens as rows: what each can do, whether it still can, and when it was last used. */
export function TokenTable({ tokens, onRevoke }: { tokens: readonly Token[]; onRevoke(token: Token): void }) {
  return (
    <div className="scroll">
      <BlockTable
        className={css.table}
        columns={[say.tokenName, say.scope, say.state, say.lastUse, say.madeBy, { name: say.actions, isHidden: true }]}
      >
        {tokens.map((token) => (
          <Row key={token.id} token={token} onRevoke={() => onRevoke(token)} />
        ))}
      </BlockTable>
    </div>
  );
}

function Row({ token, onRevoke }: { token: Token; onRevoke(): void }) {
  const isUsable = token.revokedAt === null && token.expiresAt > Date.now();
  return (
    <tr className={isUsable ? undefined : css.gone}>
      <th scope="row" className={css.name}>
        {token.name}
        <code className="faint small">{token.start}…</code>
      </th>
      <td data-label={say.scope}>{token.scope.join(', ')}</td>
      <td data-label={say.state}>
        <State token={token} />
      </td>
      <td data-label={say.lastUse}>
        {token.lastUsedAt === null ? say.neverUsed : <Instant at={token.lastUsedAt} precision="minutes" />}
        {token.lastUsedFrom !== null && <span className="faint small"> {say.from(token.lastUsedFrom)}</span>}
      </td>
      <td data-label={say.madeBy}>
        {token.addedBy}
        <span className="faint small">
          {' '}
          <Instant at={token.addedAt} precision="minutes" />
        </span>
      </td>
      <td className="number act">
        {isUsable && (
          <Button variant="default" size="compact-xs" onClick={onRevoke}>
            {say.revoke}
            <span className="hidden"> {token.name}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}

function State({ token: { revokedAt, expiresAt } }: { token: Token }) {
  const at = revokedAt ?? expiresAt;
  const word = revokedAt !== null ? say.revoked : expiresAt <= Date.now() ? say.expired : say.usable;
  return (
    <>
      {word}
      <span className="faint small">
        {' '}
        {word === say.usable && say.until} <Instant at={at} precision="minutes" />
      </span>
    </>
  );
}
