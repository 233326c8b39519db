import { type FormEvent, useState } from 'react';
import { explain } from '../explain.ts';

/** A form that does something: what it says went wrong, and whether it is at it. */
export function useSubmit(act: (fields: (name: string) => string) => Promise<unknown>) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    await act((name) => String(form.get(name) ?? '')).catch((error: unknown) => setProblem(explain(error)));
    setBusy(false);
  };
  return { problem, busy, onSubmit: (event: FormEvent<HTMLFormElement>) => void submit(event) };
}
