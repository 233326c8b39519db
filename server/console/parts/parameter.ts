import { navigate, useLocationProperty } from 'wouter/use-browser-location';

/** What the address says under a name, else nothing. Who asks is drawn anew when that changes, and not when something else does. */
export function useSaid(name: string): string {
  return useLocationProperty(() => new URLSearchParams(window.location.search).get(name) ?? '');
}

/** One of a few options that the address holds; the first one is meant where it says none. */
export function useParameter<T extends string>(name: string, options: readonly [T, ...T[]]): [T, (option: T) => void] {
  const said = useSaid(name);
  const set = (option: T) => {
    const { pathname, search } = window.location;
    const query = new URLSearchParams(search);
    query.delete(name);
    if (option !== options[0]) query.set(name, option);
    navigate(`${pathname}?${query}`.replace(/\?$/, ''), { replace: true, state: window.history.state });
  };
  return [options.find((option) => option === said) ?? options[0], set];
}
