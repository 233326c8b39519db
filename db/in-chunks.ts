const mostAtOnce = 1000;

/** Asks for at most 1000 values in a statement: SQLite takes 32,766, and some lists grow with what others make up. */
export async function inChunks<Key, Row>(
  keys: readonly Key[],
  ask: (some: Key[]) => PromiseLike<Row[]>,
): Promise<Row[]> {
  let rows: Row[] = [];
  for (const some of chunksOf(keys)) rows = rows.concat(await ask(some)); // as arguments they may be too many
  return rows;
}

/** The same for what gives no rows back. */
export function* chunksOf<Key>(keys: readonly Key[]): Generator<Key[]> {
  for (let at = 0; at < keys.length; at += mostAtOnce) yield keys.slice(at, at + mostAtOnce);
}
