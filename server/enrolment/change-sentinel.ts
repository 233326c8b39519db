import { atomically } from '../../db/atomically.ts';
import type { LocationRow, SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { Tag } from '../../scripts-library/publish/deployment.ts';
import { tellChange } from '../assignments/changes.ts';
import { renameInChoices, renewChoices, tagsOf } from '../assignments/choices.ts';
import { checkRoom, readingOf } from '../assignments/room.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { locationNamed } from './locations.ts';

export const mostTags = 50;

/** What is said of a sentinel on the server; what is left out stays. */
export interface SentinelChange {
  name?: string | undefined;
  /** By name; made if the customer has none of that name. Runs that are stored before stay at the old one. */
  location?: string | undefined;
  /** By which monitors choose it, beside name and location. */
  tags?: readonly string[] | undefined;
}

/**
 * Renames a sentinel, moves it, or gives it other tags; monitors that choose their sentinels choose anew, and those that
 * chose it by name keep it. False if the customer has no such sentinel. Throws `Refused` as `tidyTags` and `checkRoom` do.
 */
export async function changeSentinel(
  server: ServerContext,
  customerId: CustomerId,
  id: string,
  change: SentinelChange,
  actor: Actor = commandLine,
): Promise<boolean> {
  const tags = change.tags && tidyTags(change.tags);
  const at = server.now();
  const found = await server.customers.use(customerId, (db) =>
    atomically(db, async (trx) => {
      const reading = await readingOf(trx, at);
      const row = await trx<SentinelRow>('sentinels').where({ id }).first();
      if (!row) return false;
      const detail = await changed(trx, row, { ...change, tags });
      if (Object.keys(detail).length === 0) return true;
      if (detail.name !== undefined && row.revoked_at === null) await renameInChoices(trx, row.name, detail.name);
      if (await renewChoices(trx, at)) await checkRoom(trx, at, reading);
      const entry = { at, actor, action: 'sentinel-changed', subject: row.name } as const;
      await audit(trx, { ...entry, detail: { id, ...detail } });
      return true;
    }),
  );
  if (found) await tellChange(server, customerId);
  return found;
}

/** Each once and in order, without space around them. Throws `Refused` if there are too many, or one is none. */
export function tidyTags(tags: readonly string[]): string[] {
  const all = [...new Set(tags.map((tag) => tag.trim()))].sort();
  if (all.length > mostTags) throw new Refused(`a sentinel has ${mostTags} tags at most`);
  for (const tag of all) {
    const { error } = Tag.safeParse(tag);
    if (error) throw new Refused(`a tag ${error.issues[0]?.message}: "${tag}"`);
  }
  return all;
}

/** As they lie in a row. */
export function writeTags(tags: readonly string[]): string | null {
  return tags.length === 0 ? null : JSON.stringify(tags);
}

/** Writes what is another than before, and tells that. */
async function changed(
  trx: CustomerDb,
  row: SentinelRow,
  { name = row.name, location, tags = tagsOf(row) }: SentinelChange,
): Promise<SentinelChange> {
  const place = await trx<LocationRow>('locations').where({ id: row.location_id }).first('name');
  const isMoved = location !== undefined && location !== place?.name;
  const location_id = isMoved ? await locationNamed(trx, location) : row.location_id;
  const after = { name, location_id, tags: writeTags(tags) };
  await trx<SentinelRow>('sentinels').where({ id: row.id }).update(after);
  return {
    ...(name !== row.name && { name }),
    ...(isMoved && { location }),
    ...(after.tags !== row.tags && { tags }),
  };
}
