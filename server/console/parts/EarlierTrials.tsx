import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { trialsQuery } from '../api/script-queries.ts';
import type { ListedTrial } from '../api/types.ts';
import { messages } from '../messages/messages.ts';
import { BlockTable } from './BlockTable.tsx';
import { Instant } from './Instant.tsx';
import { OutcomeBadge } from './State.tsx';
import css from './VersionTable.module.css';

const say = messages.scripts;

interface EarlierTrialsProps {
  customerId: string;
  script: string;
  /** Which of them is looked at. */
  shown: string | undefined;
  onShow(trialId: string): void;
}

/** What was tried of a script's drafts before, by anybody; nothing where there is none. */
export function EarlierTrials({ customerId, script, shown, onShow }: EarlierTrialsProps) {
  const { data } = useQuery(trialsQuery(customerId, script));
  if (!data || data.trials.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="trials">
      <header className="panel-head">
        <h2 id="trials">{say.trials}</h2>
        <p className="muted small">{say.trialsHow}</p>
      </header>
      <div className={`scroll ${css.box}`}>
        <BlockTable
          className={css.table}
          columns={[say.asked, say.sentinel, say.found, { name: say.show, isHidden: true }]}
        >
          {data.trials.map((trial) => (
            <Row key={trial.id} trial={trial} isShown={trial.id === shown} onShow={onShow} />
          ))}
        </BlockTable>
      </div>
    </section>
  );
}

function Row({ trial, isShown, onShow }: { trial: ListedTrial; isShown: boolean; onShow(trialId: string): void }) {
  const { id, askedAt, askedBy, sentinel, outcome, state } = trial;
  return (
    <tr aria-current={isShown ? 'true' : undefined} className={css.row}>
      <th scope="row">
        <Instant at={askedAt} /> <span className="muted small">{say.askedBy(askedBy)}</span>
      </th>
      <td data-label={say.sentinel}>{`${sentinel.name}, ${sentinel.location}`}</td>
      <td data-label={say.found}>
        {outcome ? <OutcomeBadge outcome={outcome} /> : <span className="muted">{say.notYet[state]}</span>}
      </td>
      <td className={css.acts}>
        <Button variant="default" size="compact-xs" onClick={() => onShow(id)}>
          {say.show}
          <span className="hidden"> {say.trialOf(sentinel.name, sentinel.location)}</span>
        </Button>
      </td>
    </tr>
  );
}
