import { type FormEvent, useState } from 'react';
import { explain, Unfit } from '../explain.ts';

/** A form that does something: what it says went wrong, above it or at a field, and whether it is at it. */
export function useSubmit(act: (fields: (name: string) => string) => Promise<unknown>) {
  const [wrong, setWrong] = useState<{ text: string; field: string | undefined }>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const filled = new FormData(form);
    setBusy(true);
    setWrong(undefined);
    await act((name) => String(filled.get(name) ?? '')).catch((error: unknown) => {
      const field = error instanceof Unfit ? error.field : undefined;
      setWrong({ text: explain(error), field });
      const input = field === undefined ? null : form.elements.namedItem(field);
      if (input instanceof HTMLElement) input.focus();
    });
    setBusy(false);
  };
  return {
    problem: wrong?.field === undefined ? wrong?.text : undefined,
    faultOf: (field: string) => (wrong?.field === field ? wrong.text : undefined),
    busy,
    onSubmit: (event: FormEvent<HTMLFormElement>) => void submit(event),
  };
}
