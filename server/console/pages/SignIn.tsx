import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useSearch } from 'wouter';
import { ApiError } from '../api/client.ts';
import { signIn } from '../api/queries.ts';
import { accountWords as say, words } from '../messages/messages.ts';
import css from '../parts/Form.module.css';
import { Plate } from '../parts/Plate.tsx';
import { Problem } from '../parts/Problem.tsx';
import { CodeField } from '../parts/ProofFields.tsx';
import { useSubmit } from '../parts/use-submit.ts';

/** Whether one signed in here with a code before: then it is asked for from the start. */
const remembered = 'vedette-signs-in-with-code';

/**
 * Name and password, and then a code: the server tells nobody which of them was wrong or missing, so the field for it
 * comes with the first failure. Where the user was going is in `?to=`; the session, once there, takes them on.
 */
export function SignInPage() {
  const [withCode, setWithCode] = useState(localStorage.getItem(remembered) !== null);
  const [missing, setMissing] = useState(false);
  const code = useRef<HTMLInputElement>(null);
  const failedFirst = useRef(false);
  const search = new URLSearchParams(useSearch());
  useEffect(() => {
    if (withCode && failedFirst.current) code.current?.focus();
  }, [withCode]);
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    const [name, password] = [field('name').trim(), field('password')];
    setMissing(name === '' || password === '');
    if (name === '' || password === '') return;
    await signIn(name, password, field('code').trim()).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'SIGN_IN_FAILED') {
        failedFirst.current = true;
        setWithCode(true);
      }
      throw error;
    });
    if (field('code') === '') localStorage.removeItem(remembered);
    else localStorage.setItem(remembered, '');
  });
  const told = missing ? words.signIn.missing : problem;
  return (
    <Plate title={words.signIn.title} lead={words.signIn.lead}>
      <form className={css.form} onSubmit={onSubmit} noValidate>
        {search.has('to') && !told && <p className={css.hint}>{words.signIn.onward}</p>}
        {search.has('chosen') && !told && <p className={css.hint}>{say.linkDone}</p>}
        <Problem text={told} />
        <TextInput
          name="name"
          label={words.signIn.name}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          size="md"
        />
        <PasswordInput name="password" label={words.signIn.password} autoComplete="current-password" size="md" />
        {withCode && <CodeField ref={code} size="md" />}
        <Button type="submit" loading={busy} size="md" fullWidth>
          {words.signIn.button}
        </Button>
      </form>
    </Plate>
  );
}
