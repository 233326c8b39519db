import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { beginFactor, confirmFactor } from '../api/account-queries.ts';
import type { NewFactor } from '../api/types.ts';
import { accountWords as say } from '../messages/messages.ts';
import css from './Form.module.css';
import { Problem } from './Problem.tsx';
import { OwnPassword } from './ProofFields.tsx';
import { RecoveryCodes } from './RecoveryCodes.tsx';
import { useSubmit } from './use-submit.ts';

/** From the password over the app's picture to the recovery codes. */
export function FactorSetUp({ name, onDone }: { name: string; onDone?: () => void }) {
  const [factor, setFactor] = useState<NewFactor>();
  const [made, setMade] = useState<Awaited<ReturnType<typeof confirmFactor>>>();
  const finish = () => {
    made?.done();
    onDone?.();
  };
  if (made) return <RecoveryCodes codes={made.recoveryCodes} onKept={finish} />;
  if (factor) return <Confirm factor={factor} onDone={setMade} />;
  return <Begin name={name} onBegun={setFactor} />;
}

function Begin({ name, onBegun }: { name: string; onBegun(factor: NewFactor): void }) {
  const { problem, busy, onSubmit } = useSubmit(async (field) => onBegun(await beginFactor(field('password'))));
  return (
    <form className={css.form} onSubmit={onSubmit}>
      <Problem text={problem} />
      <OwnPassword name={name} />
      <Button type="submit" loading={busy} className={css.start ?? ''}>
        {say.begin}
      </Button>
    </form>
  );
}

interface ConfirmProps {
  factor: NewFactor;
  onDone(made: Awaited<ReturnType<typeof confirmFactor>>): void;
}

function Confirm({ factor, onDone }: ConfirmProps) {
  const { problem, busy, onSubmit } = useSubmit(async (field) => onDone(await confirmFactor(field('code').trim())));
  return (
    <form className={css.form} onSubmit={onSubmit}>
      <Problem text={problem} />
      <p>{say.scan}</p>
      <img className={css.qr} alt={say.qrCode} src={`data:image/svg+xml,${encodeURIComponent(factor.qrCode)}`} />
      <p>{say.secret}</p>
      <code className={css.secret}>{factor.secret}</code>
      <TextInput
        name="code"
        label={say.enterCode}
        autoComplete="one-time-code"
        inputMode="numeric"
        required
        withAsterisk={false}
        autoFocus
      />
      <Button type="submit" loading={busy} className={css.start ?? ''}>
        {say.switchOn}
      </Button>
    </form>
  );
}
