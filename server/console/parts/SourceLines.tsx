import type { RunDetail } from '../api/types.ts';
import { messages, words } from '../messages/messages.ts';
import css from './SourceLines.module.css';

type RunError = NonNullable<RunDetail['error']>;

interface SourceLinesProps {
  place: NonNullable<RunError['location']>;
  source: RunError['source'];
}

/** The author's lines around a place of the script, that one marked; where they aren't known, the place alone. */
export function SourceLines({ place, source }: SourceLinesProps) {
  return (
    <figure className={css.source}>
      <figcaption className="muted">
        {words.inScript} <code>{messages.run.source(place.file, place.line, place.column)}</code>
        {source === null && <span className="faint"> {messages.run.noSource}</span>}
      </figcaption>
      {source && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines scroll in themselves, by keyboard too
        // biome-ignore lint/a11y/useSemanticElements: lines of code are no fieldset
        <div className={css.lines} tabIndex={0} role="group" aria-label={messages.run.sourceOf(place.file)}>
          {source.lines.map((text, i) => {
            const number = source.from + i;
            return (
              <code key={number} {...(number === place.line && { 'aria-current': 'location', className: css.here })}>
                <span className={css.number}>{number}</span>
                {text === '' ? ' ' : text}
              </code>
            );
          })}
        </div>
      )}
    </figure>
  );
}
