import { setImmediate } from 'node:timers/promises';
import type { CustomerDb } from '../../db/customers.ts';

interface Round<Item, Answer> {
  items: Item[];
  answer: Promise<Answer>;
}

/**
 * A question that many ask in the same moment, such as one for each monitor, as one: `load` is given all of them, and all
 * get what it answers. Only questions of one `kind` go together: what beside the item is asked for.
 */
export function together<Item, Kind extends readonly (string | number)[], Answer>(
  load: (db: CustomerDb, items: readonly Item[], ...kind: Kind) => Promise<Answer>,
): (db: CustomerDb, item: Item, ...kind: Kind) => Promise<Answer> {
  const waiting = new WeakMap<CustomerDb, Map<string, Round<Item, Answer>>>();
  return (db, item, ...kind) => {
    const rounds = waiting.get(db) ?? new Map<string, Round<Item, Answer>>();
    waiting.set(db, rounds);
    const name = kind.join();
    const round = rounds.get(name) ?? { items: [], answer: begin() };
    rounds.set(name, round);
    round.items.push(item);
    return round.answer;

    async function begin(): Promise<Answer> {
      await setImmediate();
      const { items } = rounds.get(name) ?? { items: [] };
      rounds.delete(name);
      return load(db, items, ...kind);
    }
  };
}
