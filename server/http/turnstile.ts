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

/**
 * A turnstile for each of many, who share the room in which all their work is and waits (a count). Where that is full, each
 * has one in it at most: whose work hangs keeps no other from its turn, and what they take stays bounded.
 */
export function turnstiles(limits: Limits, room: number): <T>(whose: string, work: () => Promise<T>) => Promise<T> {
  const own = new Map<string, { pass: ReturnType<typeof turnstile>; inside: number }>();
  let inside = 0;
  return async (whose, work) => {
    const one = own.get(whose) ?? { pass: turnstile(limits), inside: 0 };
    if (inside >= room && one.inside > 0) throw tooBusy();
    own.set(whose, one);
    inside += 1;
    one.inside += 1;
    try {
      return await one.pass(work);
    } finally {
      inside -= 1;
      one.inside -= 1;
      if (one.inside === 0) own.delete(whose);
    }
  };
}

export function tooBusy(): HttpProblem {
  return new HttpProblem(429, 'BUSY', 'too many ask for this at the same time; try again in a moment', {
    'retry-after': '2',
  });
}
