import { PasswordInput, TextInput, type TextInputProps } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Ref } from 'react';
import type { Proof } from '../api/account-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import { Unfit } from '../explain.ts';
import { accountWords as say } from '../messages/messages.ts';
import { HiddenName } from './PasswordForm.tsx';

/** Asks who is signed in for their password, and for a code where they have a second factor. */
export function ProofFields() {
  const user = useQuery(sessionQuery).data?.user;
  return (
    <>
      <OwnPassword name={user?.name ?? ''} description={say.currentWhy} />
      {user?.hasSecondFactor && <CodeField required withAsterisk={false} />}
    </>
  );
}

/** Asks somebody of this name for their present password. */
export function OwnPassword({ name, description }: { name: string; description?: string }) {
  return (
    <>
      <HiddenName name={name} />
      <PasswordInput
        name="password"
        label={say.current}
        description={description}
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-autofocus
      />
    </>
  );
}

/** The field for a code of a second factor, or a recovery code. */
export function CodeField(props: TextInputProps & { ref?: Ref<HTMLInputElement> }) {
  return (
    <TextInput
      name="code"
      label={say.code}
      description={say.codeHint}
      autoComplete="one-time-code"
      autoCapitalize="none"
      spellCheck={false}
      {...props}
    />
  );
}

/** What was filled in there. */
export function proofOf(field: (name: string) => string): Proof {
  const [password, code] = [field('password'), field('code')];
  if (password === '') throw new Unfit(say.currentMissing);
  return { password, ...(code !== '' && { code }) };
}
