import { resultsOfRuns } from '../../db/customer/results-of-runs.ts';
import type { MonitorRow, RunRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import { together } from '../rollups/together.ts';

/** Those of the runs in which a transaction took longer than the monitor's threshold for it, or the run as a whole did. */
export async function slowRuns<Run extends Pick<RunRow, 'id'>>(
  db: CustomerDb,
  { thresholds }: Pick<MonitorRow, 'thresholds'>,
  runs: readonly Run[],
): Promise<Set<Run>> {
  if (thresholds === null || runs.length === 0) return new Set();
  const limits = new Map<string, number>(Object.entries(JSON.parse(thresholds)));
  const times = await timesOf(
    db,
    runs.map((run) => run.id),
  );
  const isSlow = ({ name, us }: Time) => us !== null && us > (limits.get(name) ?? Number.POSITIVE_INFINITY);
  return new Set(runs.filter((run) => times.get(runIdOf(run.id))?.some(isSlow)));
}

interface Time {
  run_id: Uint8Array;
  /** Empty for the run as a whole, as in the thresholds. */
  name: string;
  us: number | null;
}

/** By id of the run. */
const timesOf = together(async (db, runs: readonly (readonly Uint8Array[])[]) => {
  const runKeys = runs.flat();
  const transactions: Time[] = await inChunks(runKeys, (some) =>
    resultsOfRuns(db, some).select('r.run_id', 't.name', { us: 'r.response_us' }),
  );
  const wholes: Time[] = await inChunks(runKeys, (some) =>
    db('runs').whereIn('id', some).select({ run_id: 'id', us: 'duration_us' }, db.raw("'' as name")),
  );
  return Map.groupBy([...transactions, ...wholes], (time) => runIdOf(time.run_id));
});
