import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { choosePassword, lookAtLink } from '../api/account-queries.ts';
import { ApiError } from '../api/client.ts';
import { accountWords as say, words } from '../messages/messages.ts';
import css from '../parts/Form.module.css';
import { Refused } from '../parts/Notice.tsx';
import { HiddenName, NewPassword } from '../parts/PasswordForm.tsx';
import { Plate } from '../parts/Plate.tsx';
import { Problem } from '../parts/Problem.tsx';
import { useSubmit } from '../parts/use-submit.ts';

/** Where a link leads by which somebody chooses a password. It is in the part of the address that is sent nowhere. */
export function PasswordLinkPage() {
  const [token] = useState(location.hash.slice(1));
  const link = useQuery({
    queryKey: ['link', token],
    queryFn: () => lookAtLink(token),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (link.data) return <Choose token={token} name={link.data.name} title={say.linkTitle[link.data.purpose]} />;
  if (link.isPending) return null;
  if (link.error instanceof ApiError && link.error.status === 410) {
    return (
      <Plate title={say.linkGone}>
        <p>{say.linkGoneNext}</p>
      </Plate>
    );
  }
  return (
    <Refused
      title={words.failedToLoad}
      next={words.unreachable}
      action={words.tryAgain}
      onAction={() => void link.refetch()}
    />
  );
}

function Choose({ token, name, title }: { token: string; name: string; title: string }) {
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    await choosePassword(token, field('password'));
    location.assign('/sign-in?chosen'); // a fresh load: whoever was signed in here is nobody's concern now
  });
  return (
    <Plate title={title}>
      <form className={css.form} onSubmit={onSubmit}>
        <Problem text={problem} />
        <p>
          {say.name}: <strong>{name}</strong>
        </p>
        <HiddenName name={name} />
        <NewPassword />
        <Button type="submit" loading={busy} size="md" fullWidth>
          {say.linkSave}
        </Button>
      </form>
    </Plate>
  );
}
