import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { addCode } from '../api/queries.ts';
import type { NewCode } from '../api/types.ts';
import { type Life, lives, say } from '../sentinel-words.ts';
import { words } from '../words.ts';
import { Choice } from './Choice.tsx';
import { explain } from './Confirm.tsx';
import css from './Dialog.module.css';
import { InstallLines } from './InstallLines.tsx';

interface AddSentinelProps {
  customerId: string;
  locations: readonly string[];
  onClose(): void;
}

/** Asks where the device is, makes a code, and shows the line to run there. */
export function AddSentinel({ customerId, locations, onClose }: AddSentinelProps) {
  const [made, setMade] = useState<NewCode>();
  return (
    <Modal
      opened
      onClose={onClose}
      title={made ? say.made : say.add}
      size={made ? 'xl' : 'md'}
      closeOnClickOutside={!made}
      closeButtonProps={{ 'aria-label': words.close }}
    >
      {made ? (
        <InstallLines made={made} onDone={onClose} />
      ) : (
        <Wish customerId={customerId} locations={locations} onMade={setMade} />
      )}
    </Modal>
  );
}

function Wish(props: { customerId: string; locations: readonly string[]; onMade(code: NewCode): void }) {
  const [many, setMany] = useState<'one' | 'pool'>('one');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const location = String(form.get('location')).trim();
    const uses = many === 'one' ? 1 : Number(form.get('uses'));
    if (location === '') return setProblem(say.locationMissing);
    if (!Number.isInteger(uses) || uses < 1 || uses > 100_000) return setProblem(say.usesWrong);
    setBusy(true);
    const wish = { location, uses, lifeMs: lives[String(form.get('life')) as Life] };
    await addCode(props.customerId, wish).then(props.onMade, (error: unknown) => {
      setProblem(explain(error));
      setBusy(false);
    });
  };
  return (
    <form className={css.stack} onSubmit={(event) => void submit(event)} noValidate>
      {problem && (
        <p role="alert" className={css.problem}>
          {problem}
        </p>
      )}
      <div className={css.field}>
        <TextInput name="location" label={say.location} list="locations" maxLength={200} data-autofocus w="100%" />
        <datalist id="locations">
          {props.locations.map((location) => (
            <option key={location} value={location} />
          ))}
        </datalist>
        <p className={css.hint}>{say.locationHint}</p>
      </div>
      <div className={css.field}>
        <span className={css.label}>{say.forWhat}</span>
        <Choice<'one' | 'pool'>
          name={say.forWhat}
          chosen={many}
          options={[
            ['one', say.one],
            ['pool', say.pool],
          ]}
          onPick={setMany}
        />
        {many === 'pool' && <p className={css.hint}>{say.poolHint}</p>}
      </div>
      <div className={css.pair}>
        {many === 'pool' && (
          <TextInput name="uses" label={say.uses} type="number" min={1} max={100_000} defaultValue="10" />
        )}
        <NativeSelect name="life" label={say.life} data={Object.keys(lives)} />
      </div>
      <div className={css.buttons}>
        <Button type="submit" loading={busy}>
          {say.make}
        </Button>
      </div>
    </form>
  );
}
