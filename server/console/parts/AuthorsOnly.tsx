import { messages } from '../messages/messages.ts';
import css from './AuthorsOnly.module.css';
import { CopyLine } from './CopyLine.tsx';

const say = messages.scripts;

/** Why a script can't be published here, and by which command it is. */
export function AuthorsOnly() {
  return (
    <section className={`panel ${css.notice}`}>
      <h2>{say.authorsOnly}</h2>
      <p className="muted">{say.authorsOnlyNext}</p>
      <CopyLine text={say.authorsOnlyLine} label={say.authorsOnly} />
    </section>
  );
}
