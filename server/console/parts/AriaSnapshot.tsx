import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { evidenceTextQuery } from '../api/queries.ts';
import type { RunDetail } from '../api/types.ts';
import { bytes } from '../format.ts';
import { words } from '../messages/messages.ts';
import css from './AriaSnapshot.module.css';

/** The page as a screen reader would tell it when the run went wrong. It is fetched when it is opened. */
export function AriaSnapshot({ run, customerId }: { run: RunDetail; customerId: string }) {
  const [opened, setOpened] = useState(false);
  const item = run.evidence.find(({ kind }) => kind === 'aria');
  if (!item) return null;
  return (
    <details className={`panel ${css.snapshot}`} onToggle={(event) => setOpened(event.currentTarget.open)}>
      <summary>
        <h2>{words.ariaSnapshot}</h2>
        <span className="muted small">
          {words.ariaMeaning}, {bytes(item.bytes)}
        </span>
      </summary>
      {opened && <Text customerId={customerId} url={item.url} />}
    </details>
  );
}

function Text({ customerId, url }: { customerId: string; url: string }) {
  const { data, isError } = useQuery(evidenceTextQuery(customerId, url));
  const text = data ?? (isError ? words.failedToLoad : words.loading);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a long snapshot scrolls in itself, by keyboard too
    <pre className={css.text} tabIndex={0} aria-busy={data === undefined && !isError}>
      {text}
    </pre>
  );
}
