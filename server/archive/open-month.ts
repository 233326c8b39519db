import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Month } from '../../db/customer/months.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { openPiece } from './open-piece.ts';
import { nameOf } from './piece.ts';
import { storeOf } from './store.ts';

/** Puts the opened files of a month and its supplements into a new folder, each piece in one of its own; returns their names. */
export async function openMonth(
  server: ServerContext,
  id: CustomerId,
  month: Month,
  identities: readonly string[],
  to: string,
): Promise<string[]> {
  const rows = await server.customers.use(id, (db) =>
    db<ArchiveMonthRow>('archive_months').where({ from_at: month.from, state: 'removed' }).orderBy('part'),
  );
  if (rows.length === 0) throw new Refused(`${month.name} is not in the archive: archive list names what is`);
  mkdirSync(to, { mode: 0o700 });
  const names = rows.map(({ part }) => nameOf({ month, part }));
  for (const [at, row] of rows.entries()) {
    const folder = join(to, names[at] ?? '');
    mkdirSync(folder, { mode: 0o700 });
    await openPiece(server, storeOf(server, id), row, identities, folder);
  }
  return names;
}
