import { Button, PasswordInput } from '@mantine/core';
import { useRef } from 'react';
import { changePassword } from '../api/account-queries.ts';
import { accountWords as say } from '../messages/messages.ts';
import css from './Form.module.css';
import { Problem } from './Problem.tsx';
import { useSubmit } from './use-submit.ts';

/** Changes one's own password. The name is there for password managers. */
export function PasswordForm({ name, onDone }: { name: string; onDone?: () => void }) {
  const form = useRef<HTMLFormElement>(null);
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    await changePassword(field('current'), field('password'));
    form.current?.reset();
    onDone?.();
  });
  return (
    <form ref={form} className={css.form} onSubmit={onSubmit}>
      <Problem text={problem} />
      <HiddenName name={name} />
      <PasswordInput name="current" label={say.current} autoComplete="current-password" required withAsterisk={false} />
      <NewPassword />
      <Button type="submit" loading={busy} className={css.start ?? ''}>
        {say.change}
      </Button>
    </form>
  );
}

/** The field for a password that one chooses. */
export function NewPassword() {
  return (
    <PasswordInput
      name="password"
      label={say.choose}
      description={say.rules}
      autoComplete="new-password"
      required
      withAsterisk={false}
    />
  );
}

/** By which a password manager knows whose password it is. */
export function HiddenName({ name }: { name: string }) {
  return <input type="text" autoComplete="username" value={name} readOnly hidden />;
}
