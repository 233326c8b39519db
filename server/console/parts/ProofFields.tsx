import { PasswordInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
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
      <HiddenName name={user?.name ?? ''} />
      <PasswordInput
        name="password"
        label={say.current}
        autoComplete="current-password"
        required
        withAsterisk={false}
        data-autofocus
      />
      {user?.hasSecondFactor && (
        <TextInput
          name="code"
          label={say.code}
          description={say.codeHint}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
        />
      )}
    </>
  );
}

/** What was filled in there. */
export function proofOf(field: (name: string) => string): Proof {
  const [password, code] = [field('password'), field('code')];
  if (password === '') throw new Unfit(say.currentMissing);
  return { password, ...(code !== '' && { code }) };
}
