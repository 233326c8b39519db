import { messages } from '../../messages/messages.ts';
import { Shape } from '../State.tsx';
import css from './Verdict.module.css';

const words = messages.reports;

/** What was agreed on, and by shape and word whether it was met: `≥ 99.5 % ● met`. */
export function Verdict({ target, met }: { target: string; met: boolean | null }) {
  const word = met === null ? words.notMeasured : met ? words.met : words.missed;
  const kind = met === null ? 'noData' : met ? 'passed' : 'failed';
  return (
    <span className={css.verdict}>
      <span>{target}</span>{' '}
      <span className={`${css.word} ${met === false ? css.missed : ''}`}>
        <Shape kind={kind} size={9} />
        {word}
      </span>
    </span>
  );
}
