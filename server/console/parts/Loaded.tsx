import type { UseQueryResult } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue } from 'react';
import { ApiError } from '../api/client.ts';
import { instant } from '../format.ts';
import { words } from '../messages/messages.ts';
import { zone } from './Instant.tsx';
import css from './Loaded.module.css';
import { Missing } from './Missing.tsx';
import { Refused } from './Notice.tsx';

/**
 * What a query brought: a skeleton before, the content then, and the reason when it failed. Content that is there stays
 * there when a later poll fails; a line above says how old it is.
 */
export function Loaded<T>(props: { query: UseQueryResult<T>; skeleton: ReactNode; children(data: T): ReactNode }) {
  const { query, skeleton, children } = props;
  // What arrives is drawn in pieces, between which the page answers whoever types or clicks.
  const drawn = useDeferredValue(query.data);
  const data = query.data === undefined ? undefined : drawn;
  if (isMissing(query.error)) return <Missing />;
  if (data !== undefined) {
    return (
      <>
        {query.isError && <Stale at={query.dataUpdatedAt} />}
        {query.isPlaceholderData ? <div className="fading">{children(data)}</div> : <div>{children(data)}</div>}
      </>
    );
  }
  if (query.isPending || query.data !== undefined) return <div aria-busy="true">{skeleton}</div>;
  const next = query.error instanceof ApiError && query.error.status > 0 ? words.serverFailed : words.unreachable;
  return (
    <Refused title={words.failedToLoad} next={next} action={words.tryAgain} onAction={() => void query.refetch()} />
  );
}

/** A grey bar where text will be. */
export function Bar({ width, height = 12 }: { width: number | string; height?: number }) {
  return <span className={css.bar} style={{ width, height }} />;
}

function Stale({ at }: { at: number }) {
  return (
    <p role="status" className={css.stale}>
      {words.stale(instant(at, zone, Date.now()))}
    </p>
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 404 || error.status === 403);
}
