import { transactionName } from '../protocol/transaction-name.ts';
import { cut } from './text.ts';

/** Names of one test's transactions. */
export interface Names {
  step(name: string): string;
  /** For a test without steps, which is a transaction itself. */
  test(name: string): string;
}

/** Leaves room in a name for the number of a repeat. */
const mostCharacters = 480;

/**
 * Gives transactions their names: the title path of the test, where the file has several, and the step's name; repeats are
 * numbered, so that no two of a run are called the same. `taken` holds the run's names, each with the number of its next repeat.
 */
export function names(titlePath: readonly string[], taken: Map<string, number>): Names {
  const title = titlePath.join(' › ');

  const free = (path: readonly string[], name: string) => {
    const numbered = (count: number) => transactionName(path, name, path.length === 0, count);
    let count = taken.get(numbered(0)) ?? 0;
    while (count > 0 && taken.has(numbered(count))) count++; // a step may call itself `Login #2`
    taken.set(numbered(0), count + 1);
    if (count > 0) taken.set(numbered(count), 1);
    return numbered(count);
  };

  return {
    step(name) {
      const room = mostCharacters - name.length - ' › '.length;
      return free(title === '' ? [] : [shortened(title, room)], name);
    },
    test: (name) => free([], shortened(name, mostCharacters)),
  };
}

function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${cut(text, most - 1)}…`;
}
