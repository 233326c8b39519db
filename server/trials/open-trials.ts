import type { TrialRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Trial } from '../../sentinel/protocol/messages.ts';

/** What is still to be tried at `now` (ms), in the order it was asked for, by sentinel. */
export async function openTrials(db: CustomerDb, now: number): Promise<Map<string, Trial[]>> {
  const rows = await db<TrialRow>('trials').where('until_at', '>', now).whereNull('run').orderBy(['asked_at', 'id']);
  const bySentinel = Map.groupBy(rows, ({ sentinel_id }) => sentinel_id);
  return new Map([...bySentinel].map(([sentinelId, own]) => [sentinelId, own.map(present)]));
}

function present({ id, script, asked_by, asked_at, until_at, statement, signature, settings }: TrialRow): Trial {
  return {
    trialId: id,
    name: `${script}, tried by ${asked_by}`.slice(0, 200),
    script: { statement, signature },
    askedAt: asked_at,
    until: until_at,
    ...JSON.parse(settings),
  };
}
