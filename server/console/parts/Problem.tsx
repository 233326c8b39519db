import css from './Dialog.module.css';

/** What went wrong, above the form in which it did. */
export function Problem({ text }: { text: string | undefined }) {
  if (text === undefined) return null;
  return (
    <p role="alert" className={css.problem}>
      {text}
    </p>
  );
}
