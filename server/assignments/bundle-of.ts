import type { ScriptVersionRow, TrialRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';

/** The bundle of this hash, if it is one of this customer's, or of a draft that the asking sentinel is to try. */
export async function bundleOf(
  db: CustomerDb,
  sha256: string,
  sentinel_id: string,
  now: number,
): Promise<string | undefined> {
  const trial = await db<TrialRow>('trials').where({ sha256, sentinel_id }).orderBy('asked_at', 'desc').first();
  const fetched = { sha256, sentinel_id, fetched_at: null };
  if (trial?.fetched_at === null) await db<TrialRow>('trials').where(fetched).update({ fetched_at: now });
  if (trial) return trial.bundle;
  const row = await db<ScriptVersionRow>('script_versions').where({ sha256 }).first('bundle');
  return row?.bundle;
}
