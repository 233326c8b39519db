import { Button, PasswordInput, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useSearch } from 'wouter';
import { ApiError } from '../api/client.ts';
import { signIn } from '../api/queries.ts';
import { span } from '../format.ts';
import { Logo } from '../parts/Logo.tsx';
import { words } from '../words.ts';
import css from './SignIn.module.css';

const say = words.signIn;

/** Name and password. Where the user was going is in `?to=`; the session, once there, takes them on. */
export function SignInPage() {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const cameFrom = new URLSearchParams(useSearch()).has('to');
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [name, password] = [String(form.get('name')).trim(), String(form.get('password'))];
    if (name === '' || password === '') return setProblem(say.missing);
    setBusy(true);
    await signIn(name, password).catch((error: unknown) => {
      setProblem(explain(error));
      setBusy(false);
    });
  };
  return (
    <main className={css.page}>
      <title>{`${say.title} · ${words.product}`}</title>
      <div className={css.brand}>
        <Logo size={32} />
        <p className="muted">{say.lead}</p>
      </div>
      <form className={`panel ${css.form}`} onSubmit={(event) => void submit(event)} noValidate>
        <h1>{say.title}</h1>
        {cameFrom && !problem && <p className={css.hint}>{say.onward}</p>}
        {problem && (
          <p className={css.problem} role="alert">
            {problem}
          </p>
        )}
        <TextInput
          name="name"
          label={say.name}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          size="md"
        />
        <PasswordInput name="password" label={say.password} autoComplete="current-password" size="md" />
        <Button type="submit" loading={busy} size="md" fullWidth>
          {say.button}
        </Button>
      </form>
    </main>
  );
}

function explain(error: unknown): string {
  if (!(error instanceof ApiError) || error.status === 0) return say.unreachable;
  if (error.status === 429) return say.locked(error.retryAfter ? span(error.retryAfter * 1000) : say.aMoment);
  return error.status === 401 || error.status === 400 ? say.failed : words.serverFailed;
}
