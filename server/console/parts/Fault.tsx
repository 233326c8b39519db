import type { RunDetail } from '../api/types.ts';
import { because, words } from '../words.ts';
import css from './Fault.module.css';

type RunError = NonNullable<RunDetail['error']>;

/** What went wrong in a run: a sentence, the code with its meaning, the message as it came, the place in the script. */
export function Fault({ error, transaction }: { error: RunError; transaction: string | undefined }) {
  const sentence = because(error.code, error.message);
  return (
    <section className={`panel ${css.fault}`} aria-labelledby="fault">
      <h2 id="fault">
        {transaction ?? words.errorTitle}: {sentence}
      </h2>
      <p>
        <code className={css.code}>{error.code}</code> <span className="muted">{error.meaning}</span>
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long message scrolls in itself, by keyboard too */}
      <pre className={css.message} tabIndex={0}>
        {error.message}
      </pre>
      {error.location && (
        <p className="muted">
          {words.inScript}{' '}
          <code>
            {error.location.file}:{error.location.line}:{error.location.column}
          </code>
        </p>
      )}
    </section>
  );
}
