import { useLocation, useSearch } from 'wouter';

/** One of a few options that the address holds; the first one is meant where it says none. */
export function useParameter<T extends string>(name: string, options: readonly [T, ...T[]]): [T, (option: T) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const query = new URLSearchParams(search);
  const set = (option: T) => {
    query.delete(name);
    if (option !== options[0]) query.set(name, option);
    navigate(`${path}?${query}`.replace(/\?$/, ''), { replace: true, state: window.history.state });
  };
  return [options.find((option) => option === query.get(name)) ?? options[0], set];
}
