import { HttpProblem } from './problem.ts';

export interface Limits {
  /** How many work at the same time. */
  atOnce: number;
  /** How many more wait for their turn. */
  waiting: number;
}

/**
 * Keeps dear work (hashing, drawing) from taking all threads and all memory: it is done by few at a time, in the order
 * of asking. Whoever comes when too many wait is told so: 429 `BUSY`.
 */
export function turnstile({ atOnce, waiting }: Limits): <T>(work: () => Promise<T>) => Promise<T> {
  const queue: (() => void)[] = [];
  let working = 0;

  async function turn(): Promise<void> {
    if (working < atOnce) {
      working += 1;
      return;
    }
    if (queue.length >= waiting) throw tooBusy();
    await new Promise<void>((resolve) => queue.push(resolve));
  }

  return async (work) => {
    await turn();
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else working -= 1;
    }
  };
}

export function tooBusy(): HttpProblem {
  return new HttpProblem(429, 'BUSY', 'too many ask for this at the same time; try again in a moment', {
    'retry-after': '2',
  });
}
