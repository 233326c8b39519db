import { useLocation, useSearch } from 'wouter';
import { useHistoryState } from 'wouter/use-browser-location';
import type { RunFilter } from '../api/queries.ts';
import type { Outcome } from '../api/types.ts';

export const outcomes: readonly Outcome[] = ['passed', 'failed', 'errored', 'skipped'];

/** Which runs the address asks for, and the ways to others. */
export function useRunFilter() {
  const search = useSearch();
  const [path, navigate] = useLocation();
  // The pages one came by lie in the history's state, since a cursor only knows the way to older runs.
  const trail = trailOf(useHistoryState<unknown>());
  const query = new URLSearchParams(search);
  const outcome = outcomes.find((known) => known === query.get('outcome'));
  const before = query.get('before') ?? undefined;
  const filter: RunFilter = { ...(outcome ? { outcome } : {}), ...(before ? { before } : {}) };
  const go = (next: RunFilter, state: { trail: readonly string[] }) => {
    for (const key of ['outcome', 'before']) query.delete(key);
    for (const [key, value] of Object.entries(next)) if (value !== '') query.set(key, value);
    navigate(`${path}?${query}`.replace(/\?$/, ''), { state });
  };
  return {
    filter,
    newer: trail.length > 0,
    setFilter: (next: RunFilter) => go(next, { trail: next.before ? [...trail, before ?? ''] : [] }),
    goNewer: () => go({ ...filter, before: trail.at(-1) ?? '' }, { trail: trail.slice(0, -1) }),
  };
}

function trailOf(state: unknown): readonly string[] {
  const trail = typeof state === 'object' && state !== null && 'trail' in state ? state.trail : [];
  return Array.isArray(trail) ? trail.filter((entry) => typeof entry === 'string') : [];
}
