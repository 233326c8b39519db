import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { endOtherSessions, endSession, ownSessionsQuery } from '../api/account-queries.ts';
import type { OwnSession } from '../api/types.ts';
import { explain } from '../explain.ts';
import { accountWords as say } from '../messages/messages.ts';
import { BlockTable } from './BlockTable.tsx';
import { Confirm } from './Confirm.tsx';
import { Instant } from './Instant.tsx';
import { Bar, Loaded } from './Loaded.tsx';
import { Problem } from './Problem.tsx';

/** Where one is signed in; any but this one can be ended. */
export function OwnSessions() {
  const query = useQuery(ownSessionsQuery);
  const [ending, setEnding] = useState(false);
  return (
    <section className="panel" aria-labelledby="sessions">
      <header className="panel-head">
        <h2 id="sessions">{say.sessions}</h2>
        {(query.data?.sessions.length ?? 0) > 1 && (
          <Button variant="default" size="xs" onClick={() => setEnding(true)}>
            {say.endOthers}
          </Button>
        )}
      </header>
      <Loaded query={query} skeleton={<Bar width={240} height={16} />}>
        {({ sessions }) => <Table sessions={sessions} />}
      </Loaded>
      {ending && (
        <Confirm
          title={say.endOthersTitle}
          action={say.endOthers}
          onConfirm={endOtherSessions}
          onClose={() => setEnding(false)}
        >
          <p>{say.endOthersText}</p>
        </Confirm>
      )}
    </section>
  );
}

function Table({ sessions }: { sessions: readonly OwnSession[] }) {
  const [problem, setProblem] = useState<string>();
  const end = (id: string) =>
    endSession(id).then(
      () => setProblem(undefined),
      (error: unknown) => setProblem(explain(error)),
    );
  return (
    <div className="scroll">
      <Problem text={problem} />
      <BlockTable columns={[say.browser, say.from, say.signedIn, say.lastSeen, { name: say.actions, isHidden: true }]}>
        {sessions.map((session) => (
          <Row key={session.id} session={session} onEnd={() => void end(session.id)} />
        ))}
      </BlockTable>
    </div>
  );
}

function Row({ session, onEnd }: { session: OwnSession; onEnd(): void }) {
  const browser = session.browser ?? say.unknownBrowser;
  return (
    <tr>
      <th scope="row">
        {browser}
        {session.isThis && <span className="muted"> · {say.thisSession}</span>}
      </th>
      <td data-label={say.from}>{session.source}</td>
      <td data-label={say.signedIn}>
        <Instant at={session.beganAt} precision="minutes" />
      </td>
      <td data-label={say.lastSeen}>
        <Instant at={session.lastSeenAt} precision="minutes" />
      </td>
      <td className="number act">
        {!session.isThis && (
          <Button variant="default" size="compact-xs" onClick={onEnd}>
            {say.end}
            <span className="hidden"> {browser}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}
