import type { ResponseTimes } from '../api/types.ts';
import { words } from '../messages/messages.ts';
import css from './ChartLegend.module.css';
import { Shape } from './State.tsx';
import { Swatch } from './Swatch.tsx';

/** The transactions in their colours; each can be hidden. */
export function ChartLegend(props: {
  answer: ResponseTimes;
  hidden: ReadonlySet<string>;
  colours: ReadonlyMap<string, number>;
  onToggle(name: string): void;
}) {
  const { answer, hidden, colours, onToggle } = props;
  return (
    <ul className={css.legend} aria-label={words.transactions}>
      {answer.transactions.map(({ name }) => (
        <li key={name}>
          <button
            type="button"
            aria-pressed={!hidden.has(name)}
            aria-label={words.showTransaction(name)}
            title={words.showTransaction(name)}
            onClick={() => onToggle(name)}
          >
            <Swatch number={colours.get(name) ?? 0} off={hidden.has(name)} />
            <span>{name}</span>
          </button>
        </li>
      ))}
      <li className={css.failed}>
        <Shape kind="failed" size={9} />
        {words.failures}: {answer.failures.length}
      </li>
    </ul>
  );
}
