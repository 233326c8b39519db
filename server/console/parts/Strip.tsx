import { type KeyboardEvent, useRef } from 'react';
import { Link } from 'wouter';
import type { Monitor } from '../api/types.ts';
import { instant } from '../format.ts';
import { outcomeWords, words } from '../words.ts';
import { zone } from './Instant.tsx';
import css from './Strip.module.css';

const places = 40;

/** The last runs, oldest first: a short bar passed, a tall one went wrong. Each opens its run; arrows go along. */
export function Strip({ runs, href, label }: { runs: Monitor['strip']; href(runId: string): string; label: string }) {
  const list = useRef<HTMLUListElement>(null);
  const walk = (event: KeyboardEvent) => {
    const links = [...(list.current?.querySelectorAll('a') ?? [])];
    const here = links.findIndex((link) => link.matches(':focus'));
    const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: links.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    links[next]?.focus();
  };
  const shown = runs.slice(-places);
  return (
    <ul ref={list} className={css.strip} aria-label={label} onKeyDown={walk}>
      {Array.from({ length: places - shown.length }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the empty places have no other name than their number
        <li key={i} className={css.empty} aria-hidden="true" />
      ))}
      {shown.map((run, i) => (
        <li key={run.id}>
          <Link
            href={href(run.id)}
            className={css[run.outcome] ?? ''}
            tabIndex={i === shown.length - 1 ? 0 : -1}
            title={titleOf(run)}
            aria-label={titleOf(run)}
          />
        </li>
      ))}
    </ul>
  );
}

function titleOf(run: Monitor['strip'][number]): string {
  const what = run.errorCode ? `${outcomeWords[run.outcome]}, ${run.errorCode}` : outcomeWords[run.outcome];
  return `${words.runAt(instant(run.startedAt, zone, Date.now()))}: ${what}`;
}
