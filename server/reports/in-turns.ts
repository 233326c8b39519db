import { setImmediate as othersTurn } from 'node:timers/promises';

/** For so long (ms) a report holds its thread at a time: runs that come in, and everybody else, wait meanwhile. */
const turnMs = 10;
/** Few enough to take much less than a turn. */
const atOnce = 100;

/** The items in portions, in order; whoever waits for the thread has it in between, once they took a turn. */
export async function* inTurns<Item>(items: Iterable<Item>): AsyncGenerator<Item[]> {
  let since = performance.now();
  let some: Item[] = [];
  for (const item of items) {
    some.push(item);
    if (some.length < atOnce) continue;
    yield some;
    some = [];
    if (performance.now() - since < turnMs) continue;
    await othersTurn();
    since = performance.now();
  }
  if (some.length > 0) yield some;
}

/** What `JSON.stringify` makes of an answer, in turns: long lists lie at most so many levels `deep` in it. */
export async function jsonInTurns(value: unknown, deep = 4): Promise<string> {
  if (deep === 0 || typeof value !== 'object' || value === null) return JSON.stringify(value);
  const told: string[] = [];
  if (Array.isArray(value)) {
    if (value.length > atOnce) for await (const some of inTurns(value)) told.push(JSON.stringify(some).slice(1, -1));
    else for (const item of value) told.push(await jsonInTurns(item, deep - 1));
    return `[${told.join()}]`;
  }
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) told.push(`${JSON.stringify(name)}:${await jsonInTurns(member, deep - 1)}`);
  }
  return `{${told.join()}}`;
}
