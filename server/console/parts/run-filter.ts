import { navigate, useHistoryState } from 'wouter/use-browser-location';
import type { RunFilter } from '../api/queries.ts';
import type { Outcome } from '../api/types.ts';
import { useSaid } from './parameter.ts';

export const outcomes: readonly Outcome[] = ['passed', 'failed', 'errored', 'skipped'];

/** Which runs the address asks for, and the ways to others. */
export function useRunFilter() {
  // The pages one came by lie in the history's state, since a cursor only knows the way to older runs.
  const trail = trailOf(useHistoryState<unknown>());
  const said = useSaid('outcome');
  const before = useSaid('before');
  const outcome = outcomes.find((known) => known === said);
  const filter: RunFilter = { ...(outcome ? { outcome } : {}), ...(before ? { before } : {}) };
  return {
    filter,
    newer: trail.length > 0,
    setFilter: (next: RunFilter) => go(next, { trail: next.before ? [...trail, before] : [] }),
    goNewer: () => go({ ...filter, before: trail.at(-1) ?? '' }, { trail: trail.slice(0, -1) }),
  };
}

function go(next: RunFilter, state: { trail: readonly string[] }): void {
  const { pathname, search } = window.location;
  const query = new URLSearchParams(search);
  for (const key of ['outcome', 'before']) query.delete(key);
  for (const [key, value] of Object.entries(next)) if (value !== '') query.set(key, value);
  navigate(`${pathname}?${query}`.replace(/\?$/, ''), { state });
}

function trailOf(state: unknown): readonly string[] {
  const trail = typeof state === 'object' && state !== null && 'trail' in state ? state.trail : [];
  return Array.isArray(trail) ? trail.filter((entry) => typeof entry === 'string') : [];
}
