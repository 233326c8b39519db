import { Button } from '@mantine/core';
import { useState } from 'react';
import { retireKey } from '../../api/archive-queries.ts';
import type { ArchiveKey } from '../../api/types.ts';
import { utcDay } from '../../archive-words.ts';
import { messages } from '../../messages/messages.ts';
import { BlockTable } from '../BlockTable.tsx';
import { Confirm } from '../Confirm.tsx';
import { AddArchiveKey } from './AddArchiveKey.tsx';
import css from './ArchivePanels.module.css';

const words = messages.archive;

interface ArchiveKeysProps {
  customerId: string;
  keys: readonly ArchiveKey[];
  /** What loss means. */
  loss: string;
  mayKeep: boolean;
}

/** To whom months are sealed, and were; the customer's own administrators add and retire keys. */
export function ArchiveKeys({ customerId, keys, loss, mayKeep }: ArchiveKeysProps) {
  const [adding, setAdding] = useState(false);
  const [retiring, setRetiring] = useState<ArchiveKey>();
  const inUse = keys.filter((key) => key.retiredAt === null).length;
  return (
    <section className="panel" aria-labelledby="keys">
      <header className="panel-head">
        <div>
          <h2 id="keys">{words.keys}</h2>
          <p className="muted small">{words.keysLead}</p>
        </div>
        {mayKeep && (
          <Button variant="default" size="compact-sm" onClick={() => setAdding(true)}>
            {words.addKey}
          </Button>
        )}
      </header>
      {keys.length > 0 && (
        <div className="scroll">
          <BlockTable
            columns={[
              words.keyName,
              words.recipient,
              words.state,
              words.added,
              { name: words.actions, isHidden: true },
            ]}
          >
            {keys.map((key) => (
              <Row key={key.recipient} archiveKey={key} {...(mayKeep && inUse > 1 && { onRetire: setRetiring })} />
            ))}
          </BlockTable>
        </div>
      )}
      <p className={`muted small ${css.loss}`}>
        <strong>{words.lossTitle}.</strong> {loss} {mayKeep && words.rotateHint}
      </p>
      {adding && <AddArchiveKey customerId={customerId} loss={loss} onClose={() => setAdding(false)} />}
      {retiring && (
        <Confirm
          title={words.retireTitle(retiring.name)}
          action={words.retire.replace('…', '')}
          isFinal
          onConfirm={() => retireKey(customerId, retiring.recipient)}
          onClose={() => setRetiring(undefined)}
        >
          <p>{words.retireText}</p>
        </Confirm>
      )}
    </section>
  );
}

function Row({ archiveKey, onRetire }: { archiveKey: ArchiveKey; onRetire?(key: ArchiveKey): void }) {
  const { name, recipient, addedBy, addedAt, retiredAt, copyKept, waits } = archiveKey;
  const state = retiredAt === null ? words.inUse : `${words.retired} ${utcDay(retiredAt)}`;
  const more = [...(copyKept ? [words.copyKept] : []), ...(waits ? [words.waits] : [])];
  return (
    <tr className={retiredAt === null ? undefined : css.gone}>
      <th scope="row" className={css.name}>
        {name}
      </th>
      <td data-label={words.recipient} className={css.recipient}>
        <code className="small">{recipient}</code>
      </td>
      <td data-label={words.state}>{[state, ...more].join(', ')}</td>
      <td data-label={words.added}>
        {addedBy} <span className="faint small">{utcDay(addedAt)}</span>
      </td>
      <td className="number act">
        {retiredAt === null && onRetire && (
          <Button variant="default" size="compact-xs" onClick={() => onRetire(archiveKey)}>
            {words.retire}
            <span className="hidden"> {name}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}
