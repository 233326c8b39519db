import { tooBusy, turnstile } from '../http/turnstile.ts';

/** How many hash at the same time: a password takes one of the process's four threads for a quarter of a second. */
const own = { known: 1, strangers: 2 };
type Lane = keyof typeof own;
/** How many more of each wait. */
const waiting = 30;
/** A change of password is eleven hashes: nobody has two of them wait before others. */
const ofOne = { atOnce: 1, waiting: 1 };

type Turn = <T>(work: () => Promise<T>) => Promise<T>;

export interface HashingTurns {
  ofStranger: Turn;
  /** One who has shown something that only this user has: a browser that is known, a session, a link. */
  ofKnown<T>(userId: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Known users do not wait behind strangers, who may be as many as they like, nor behind one of theirs who asks again and
 * again; while strangers leave turns free they have those too. Whoever comes when too many wait is told so: 429 `BUSY`.
 */
export function hashingTurns(): HashingTurns {
  const working = { known: 0, strangers: 0 };
  const queues: Record<Lane, (() => void)[]> = { known: [], strangers: [] };
  const ofUser = new Map<string, Turn>();

  function callNext(): void {
    if (working.known + working.strangers === own.known + own.strangers) return;
    const entitled = (['known', 'strangers'] as const).find((lane) => queues[lane][0] && working[lane] < own[lane]);
    const lane = entitled ?? 'known';
    const next = queues[lane].shift();
    if (!next) return;
    working[lane] += 1;
    next();
  }

  async function inLane<T>(lane: Lane, work: () => Promise<T>): Promise<T> {
    if (queues[lane].length >= waiting) throw tooBusy();
    await new Promise<void>((resolve) => {
      queues[lane].push(resolve);
      callNext();
    });
    try {
      return await work();
    } finally {
      working[lane] -= 1;
      callNext();
    }
  }

  return {
    ofStranger: (work) => inLane('strangers', work),
    ofKnown(userId, work) {
      const turn = ofUser.get(userId) ?? turnstile(ofOne);
      ofUser.set(userId, turn);
      return turn(() => inLane('known', work));
    },
  };
}
