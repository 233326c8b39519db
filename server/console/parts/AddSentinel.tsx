import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { addCode } from '../api/queries.ts';
import type { NewCode } from '../api/types.ts';
import { Unfit } from '../explain.ts';
import { type Life, lives, sentinelWords as say } from '../messages/messages.ts';
import { tagsTyped } from '../tags.ts';
import { Choice } from './Choice.tsx';
import css from './Dialog.module.css';
import { DialogButtons } from './DialogButtons.tsx';
import { InstallLines } from './InstallLines.tsx';
import { MakeDialog } from './MakeDialog.tsx';
import { PlaceFields } from './PlaceFields.tsx';
import { Problem } from './Problem.tsx';
import { useSubmit } from './use-submit.ts';

interface AddSentinelProps {
  customerId: string;
  locations: readonly string[];
  onClose(): void;
}

/** Asks where the device is, makes a code, and shows the line to run there. */
export function AddSentinel({ customerId, locations, onClose }: AddSentinelProps) {
  return (
    <MakeDialog<NewCode>
      title={(made) => (made ? say.made : say.add)}
      size="xl"
      wish={(onMade) => <Wish customerId={customerId} locations={locations} onMade={onMade} />}
      shown={(made) => <InstallLines made={made} onDone={onClose} />}
      onClose={onClose}
    />
  );
}

function Wish(props: { customerId: string; locations: readonly string[]; onMade(code: NewCode): void }) {
  const [many, setMany] = useState<'one' | 'pool'>('one');
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    const [location, tags] = [field('location').trim(), tagsTyped(field('tags'))];
    const uses = many === 'one' ? 1 : Number(field('uses'));
    if (location === '') throw new Unfit(say.locationMissing);
    if (!Number.isInteger(uses) || uses < 1 || uses > 100_000) throw new Unfit(say.usesWrong);
    props.onMade(await addCode(props.customerId, { location, tags, uses, lifeMs: lives[field('life') as Life] }));
  });
  return (
    <form className={css.stack} onSubmit={onSubmit} noValidate>
      <Problem text={problem} />
      <PlaceFields locations={props.locations} locationHint={say.locationHint} />
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
      <DialogButtons action={say.make} busy={busy} />
    </form>
  );
}
