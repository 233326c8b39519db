import type { RunDetail } from '../api/types.ts';
import { bytes } from '../format.ts';
import { words } from '../words.ts';
import { Icon } from './Icon.tsx';
import css from './Trace.module.css';

/** The run's trace as a download, with the command that opens it. */
export function Trace({ run }: { run: RunDetail }) {
  const item = run.evidence.find(({ kind }) => kind === 'trace');
  if (!item) return null;
  return (
    <section className={`panel ${css.trace}`} aria-labelledby="trace">
      <h2 id="trace">{words.trace}</h2>
      <a href={item.url} download="trace.zip">
        <Icon name="open" size={14} /> trace.zip <span className="faint">{bytes(item.bytes)}</span>
      </a>
      <p className="muted">
        {words.traceHow} <code>npx playwright show-trace trace.zip</code>
      </p>
    </section>
  );
}
