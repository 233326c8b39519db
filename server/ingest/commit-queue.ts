import { isUnusable } from '../../db/database-unusable.ts';

/** Why a request was not taken: too much is waiting already. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull';
}

export interface Limits {
  /** Most requests waiting, and most things in all of them. */
  requests: number;
  weight: number;
  /** Most commits under way at a time. */
  commits(): number;
  /**
   * Things in a commit that is shared by requests: each takes its part of what is there, so that there is work for all, but
   * not less than `least`, since small ones go together for less, nor more than `most`.
   */
  inCommit: { least: number; most: number };
  room: Room;
}

/** What several queues share: where one database server hangs, hundreds of them hold what each may. */
export interface Room {
  /** Most things in all requests that wait or are being committed. */
  weight: number;
  /** Most things of each queue where that much is there: it still gets on, whoever filled the room. */
  each: number;
  /** Most things beyond that in all requests that are heavier than `each`, unless it is a single one. */
  heavy: number;
  /** How many are there now, and of those `heavy` ones. */
  taken: number;
  heavyTaken: number;
}

interface Waiting<Request, Answer> {
  request: Request;
  weight: number;
  answer: PromiseWithResolvers<Answer>;
}

/**
 * Shares commits: what arrives while as many are under way as may be goes into the next one together. `commit` is given one or
 * more requests and gives their answers in the same order. When a shared commit fails, each request is tried by itself,
 * so that one can't spoil the others, unless the database is to blame. The function returned rejects with `QueueFull` beyond `limits`, and only
 * reads a request that it takes.
 */
export function commitQueue<Request, Answer>(
  commit: (requests: readonly Request[]) => Promise<readonly Answer[]>,
  limits: Limits,
): (read: () => Request, weight: number) => Promise<Answer> {
  const waiting: Waiting<Request, Answer>[] = [];
  const { room } = limits;
  const { least, most } = limits.inCommit;
  let [underWay, held] = [0, 0];

  async function work(): Promise<void> {
    if (underWay >= limits.commits()) return;
    underWay += 1;
    while (waiting.length > 0) {
      await loopTurn();
      const part = Math.min(most, Math.max(least, held / limits.commits()));
      const some = waiting.splice(0, countWithin(waiting, part)); // none if another took them meanwhile
      if (some.length > 0) await settle(some, commit);
    }
    underWay -= 1;
  }

  return (read, weight) => {
    const weightWaiting = waiting.reduce((sum, one) => sum + one.weight, 0);
    // One that is too heavy by itself is still taken when nobody waits: it would never be otherwise.
    const full = waiting.length >= limits.requests || weightWaiting + weight > limits.weight;
    const isCrowded = room.taken + weight > room.weight && held + weight > room.each;
    const isHeavy = isCrowded && held === 0; // nothing of this queue is there, so it is the request itself
    const isTooHeavy = isHeavy && room.heavyTaken > 0 && room.heavyTaken + weight > room.heavy;
    if ((full && waiting.length > 0) || (isCrowded && !isHeavy) || isTooHeavy)
      return Promise.reject(new QueueFull('too many runs wait to be stored'));
    const answer = Promise.withResolvers<Answer>();
    waiting.push({ request: read(), weight, answer });
    held += weight;
    room.taken += weight;
    if (isHeavy) room.heavyTaken += weight;
    void work();
    return answer.promise.finally(() => {
      held -= weight;
      room.taken -= weight;
      if (isHeavy) room.heavyTaken -= weight;
    });
  };
}

/** What has arrived on other connections is read meanwhile; without it SQLite would never let it come to that. */
async function loopTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** How many, from the first on, are together no heavier than `weight`; at least one. */
function countWithin(waiting: readonly { weight: number }[], weight: number): number {
  let [count, sum] = [0, 0];
  for (const one of waiting) {
    sum += one.weight;
    if (count > 0 && sum > weight) break;
    count++;
  }
  return count;
}

async function settle<Request, Answer>(
  batch: readonly Waiting<Request, Answer>[],
  commit: (requests: readonly Request[]) => Promise<readonly Answer[]>,
): Promise<void> {
  try {
    const answers = await commit(batch.map((one) => one.request));
    for (const [at, one] of batch.entries()) one.answer.resolve(answers[at] as Answer);
  } catch (error) {
    // No request is to blame for the database, and each would wait for it as long again.
    if (batch.length === 1 || isUnusable(error)) for (const one of batch) one.answer.reject(error);
    else for (const one of batch) await settle([one], commit);
  }
}
