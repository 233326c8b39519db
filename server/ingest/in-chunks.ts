/** Asks for at most 1000 values in a statement. */
export async function inChunks<Key, Row>(
  keys: readonly Key[],
  ask: (some: Key[]) => PromiseLike<Row[]>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let at = 0; at < keys.length; at += 1000) rows.push(...(await ask(keys.slice(at, at + 1000))));
  return rows;
}
