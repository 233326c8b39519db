import type { RunDetail } from '../api/types.ts';
import { bytes } from '../format.ts';
import { messages, words } from '../messages/messages.ts';
import { Icon } from './Icon.tsx';
import css from './Trace.module.css';

/** The run's trace, to open in Playwright's trace viewer or to take home. */
export function Trace({ run }: { run: RunDetail }) {
  const item = run.evidence.find(({ kind }) => kind === 'trace');
  if (!item) return null;
  const address = `/trace-viewer/?${new URLSearchParams({ trace: new URL(item.url, location.href).href })}`;
  return (
    <section className={`panel ${css.trace}`} aria-labelledby="trace">
      <h2 id="trace">{words.trace}</h2>
      <a href={address} target="_blank" rel="noreferrer">
        <Icon name="open" size={14} /> {messages.run.openTrace}
      </a>
      <a href={item.url} download="trace.zip">
        {messages.run.downloadTrace} <span className="faint">{bytes(item.bytes)}</span>
      </a>
      <p className="muted small">{messages.run.traceMeaning}</p>
    </section>
  );
}
