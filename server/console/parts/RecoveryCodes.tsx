import { Button } from '@mantine/core';
import { useState } from 'react';
import { accountWords as say } from '../messages/messages.ts';
import css from './Form.module.css';

/** Shown once: whoever goes on says that they have them. */
export function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept(): void }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(codes.join('\n')).then(
      () => setCopied(true),
      () => setCopied(false), // the browser allows none; they can be selected
    );
  return (
    <section className={css.form} aria-label={say.codesTitle}>
      <h2>{say.codesTitle}</h2>
      <p>{say.codesText}</p>
      <ul className={css.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={css.buttons}>
        <Button onClick={onKept} autoFocus>
          {say.kept}
        </Button>
        <Button variant="default" onClick={copy}>
          {copied ? say.copied : say.copyCodes}
        </Button>
      </div>
    </section>
  );
}
