import { Button } from '@mantine/core';
import { useState } from 'react';
import { signOut } from '../api/queries.ts';
import { words } from '../messages/messages.ts';
import { Problem } from './Problem.tsx';

/** The way out where there is no menu. A fresh load leaves nothing of one user's for the next. */
export function SignOut() {
  const [problem, setProblem] = useState<string>();
  const leave = () =>
    void signOut().then(
      () => location.assign('/sign-in'),
      () => setProblem(words.signOutFailed),
    );
  return (
    <>
      <Problem text={problem} />
      <Button variant="default" size="xs" onClick={leave}>
        {words.signOut}
      </Button>
    </>
  );
}
