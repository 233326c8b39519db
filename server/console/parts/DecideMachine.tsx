import { useState } from 'react';
import { decideMachine } from '../api/queries.ts';
import type { Sentinel } from '../api/types.ts';
import { sentinelWords as say } from '../messages/messages.ts';
import { Confirm } from './Confirm.tsx';
import css from './DecideMachine.module.css';
import { Instant } from './Instant.tsx';

/** Asks which of the machines with one identity goes on. */
export function DecideMachine(props: { customerId: string; sentinel: Sentinel; onClose(): void }) {
  const { customerId, sentinel, onClose } = props;
  const [boot, setBoot] = useState(sentinel.machines[0]?.boot ?? '');
  return (
    <Confirm
      title={say.decideTitle(sentinel.name)}
      action={say.goesOn}
      onConfirm={() => decideMachine(customerId, sentinel.id, boot)}
      onClose={onClose}
    >
      <p>
        {say.decideText} <code className={css.command}>{say.anew}</code>
      </p>
      <fieldset className={css.machines}>
        <legend className="hidden">{say.machines}</legend>
        {sentinel.machines.map((machine) => (
          <label key={machine.boot}>
            <input type="radio" name="machine" checked={boot === machine.boot} onChange={() => setBoot(machine.boot)} />
            <span>
              <strong>{machine.address}</strong> {say[machine.state]}, {say.since} <Instant at={machine.since} />
            </span>
            <code className="faint">{machine.boot}</code>
          </label>
        ))}
      </fieldset>
    </Confirm>
  );
}
