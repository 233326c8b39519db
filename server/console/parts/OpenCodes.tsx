import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { openCodesQuery, withdrawCode } from '../api/queries.ts';
import type { OpenCode } from '../api/types.ts';
import { sentinelWords as say } from '../messages/messages.ts';
import { Confirm } from './Confirm.tsx';
import { Instant } from './Instant.tsx';
import { Tags } from './Tags.tsx';

/** The codes with which devices can still enrol; nothing where there are none. */
export function OpenCodes({ customerId, mayChange }: { customerId: string; mayChange: boolean }) {
  const { data } = useQuery(openCodesQuery(customerId));
  const [leaving, setLeaving] = useState<OpenCode>();
  if (!data || data.codes.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="codes">
      <header className="panel-head">
        <h2 id="codes">{say.codes}</h2>
        <p className="muted small">{say.codesHow}</p>
      </header>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th>{say.location}</th>
              <th>{say.begins}</th>
              <th className="number">{say.usesLeft}</th>
              <th>{say.until}</th>
              <th>{say.madeBy}</th>
              {mayChange && (
                <th>
                  <span className="hidden">{say.actions}</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {data.codes.map((code) => (
              <Row key={code.id} code={code} onWithdraw={mayChange ? () => setLeaving(code) : undefined} />
            ))}
          </tbody>
        </table>
      </div>
      {leaving && (
        <Confirm
          title={say.withdrawTitle(leaving.location)}
          action={say.withdraw}
          isFinal
          onConfirm={() => withdrawCode(customerId, leaving.id)}
          onClose={() => setLeaving(undefined)}
        >
          <p>{say.withdrawText}</p>
        </Confirm>
      )}
    </section>
  );
}

function Row({ code, onWithdraw }: { code: OpenCode; onWithdraw: (() => void) | undefined }) {
  return (
    <tr>
      <th scope="row">
        {code.location}
        <Tags tags={code.tags} />
      </th>
      <td>{code.prefix && <code>{code.prefix}-…</code>}</td>
      <td className="number">{say.ofUses(code.usesLeft, code.uses)}</td>
      <td>
        <Instant at={code.expiresAt} precision="minutes" />
      </td>
      <td>{code.addedBy}</td>
      {onWithdraw && (
        <td className="number">
          <Button variant="default" size="compact-xs" onClick={onWithdraw}>
            {say.withdraw}
            <span className="hidden"> {code.location}</span>
          </Button>
        </td>
      )}
    </tr>
  );
}
