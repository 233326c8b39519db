import type { ReactNode } from 'react';
import type { RunDetail } from '../api/types.ts';
import { words } from '../messages/messages.ts';
import css from './PageFacts.module.css';

/** What a failure left in the browser: where the page was, its errors, what was not answered or not allowed. */
export function PageFacts({ run }: { run: RunDetail }) {
  const { page, deniedHosts } = run;
  if (!page && deniedHosts.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="page">
      <header className="panel-head">
        <h2 id="page">{words.page}</h2>
      </header>
      <div className={css.page}>
        {page?.url && (
          <p>
            {page.title && <strong className={css.title}>{page.title}</strong>}
            <code className={css.line}>{page.url}</code>
          </p>
        )}
        <List title={words.consoleErrors} lines={page?.consoleErrors ?? []} />
        <List title={words.failedRequests} lines={page?.failedRequests.map(requestLine) ?? []} />
        <List title={words.deniedHosts} lines={deniedHosts} />
      </div>
    </section>
  );
}

type FailedRequest = NonNullable<RunDetail['page']>['failedRequests'][number];

function requestLine({ method, url, status, error }: FailedRequest): string {
  return `${method} ${url}  ${status ?? error ?? words.noAnswer}`;
}

function List({ title, lines }: { title: string; lines: readonly string[] }): ReactNode {
  if (lines.length === 0) return null;
  return (
    <div>
      <h3 className="muted small">{title}</h3>
      <ul>
        {[...Map.groupBy(lines, (line) => line)].map(([line, same]) => (
          <li key={line}>
            <code className={css.line}>
              {line}
              {same.length > 1 && <span className="muted">{` × ${same.length}`}</span>}
            </code>
          </li>
        ))}
      </ul>
    </div>
  );
}
