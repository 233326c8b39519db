import { insertAll } from '../../db/customer/insert-all.ts';
import { resultsOfRuns } from '../../db/customer/results-of-runs.ts';
import type { FailureGroupRow, FailureHourRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { inChunks } from '../../db/in-chunks.ts';
import type { Period } from '../reports/shapes.ts';
import type { HoursAt } from './hours.ts';
import { normalised, signatureOf } from './signature.ts';

/** Runs of one signature in an hour at one place; the group it belongs to may be new. */
export interface HourOfFailures extends Omit<FailureHourRow, 'group_id'> {
  group: Omit<FailureGroupRow, 'id'>;
}

/** Ids of runs that an hour of one signature at one sentinel names, the newest: a run each 4 s. */
export const mostNamed = 1000;

interface Wrong {
  id: Uint8Array;
  sentinel_id: string;
  location_id: string;
  started_at: number;
  error_code: string | null;
  error_message: string | null;
}

interface WrongResult {
  run_id: Uint8Array;
  transaction_id: number;
  error_code: string | null;
  error_message: string | null;
}

/** What went wrong in an hour of a monitor at these sentinels, by signature: runs that count and failed or errored. */
export async function failuresOf(
  db: CustomerDb,
  monitorId: string,
  hour: Period,
  sentinels: ReadonlySet<string>,
): Promise<HourOfFailures[]> {
  const runs: Wrong[] = await db('runs')
    .where({ monitor_id: monitorId, counts: 1 })
    .whereIn('outcome', ['failed', 'errored'])
    .whereIn('sentinel_id', [...sentinels])
    .where('started_at', '>=', hour.from)
    .where('started_at', '<', hour.to)
    .orderBy('started_at')
    .select('id', 'sentinel_id', 'location_id', 'started_at', 'error_code', 'error_message');
  const first = await firstWrong(db, runs);
  const rows = new Map<string, HourOfFailures & { ids: Uint8Array[] }>();
  for (const run of runs) {
    const group = groupOf(monitorId, run, first.get(nameOf(run.id)));
    const key = [run.sentinel_id, run.location_id, group.transaction_id, nameOf(group.signature)].join(' ');
    const place = {
      hour: hour.from,
      monitor_id: monitorId,
      sentinel_id: run.sentinel_id,
      location_id: run.location_id,
    };
    const times = { first_at: run.started_at, last_at: run.started_at };
    const row = rows.get(key) ?? { ...place, group, count: 0, ...times, runs: new Uint8Array(), ids: [] };
    rows.set(key, row);
    row.count += 1;
    row.last_at = run.started_at;
    row.ids.push(run.id);
  }
  return [...rows.values()].map(({ ids, ...row }) => ({ ...row, runs: Buffer.concat(ids.slice(-mostNamed)) }));
}

/** Of each run the first transaction that went wrong. */
async function firstWrong(db: CustomerDb, runs: readonly Wrong[]): Promise<Map<string, WrongResult>> {
  const keys = runs.map((run) => run.id);
  const rows: WrongResult[] = await inChunks(keys, (some) =>
    resultsOfRuns(db, some)
      .whereIn('r.outcome', ['failed', 'errored'])
      .orderBy(['r.run_id', { column: 'r.position', order: 'desc' }])
      .select('r.run_id', 'r.transaction_id', 'r.error_code', 'r.error_message'),
  );
  return new Map(rows.map((row) => [nameOf(row.run_id), row])); // the first is written last
}

/** Which group a run belongs to that went wrong; `result` is the first transaction of it that did. */
export function groupOf(
  monitorId: string,
  run: Pick<Wrong, 'error_code' | 'error_message'>,
  result: Pick<WrongResult, 'transaction_id' | 'error_code' | 'error_message'> | undefined,
): Omit<FailureGroupRow, 'id'> {
  const code = run.error_code ?? result?.error_code ?? '';
  const message = run.error_message ?? result?.error_message ?? '';
  return {
    monitor_id: monitorId,
    transaction_id: result?.transaction_id ?? 0,
    code,
    message: normalised(message),
    signature: signatureOf(code, message),
  };
}

function nameOf(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}

/** Puts what went wrong in hours in the place of what was there. */
export async function writeFailures(
  db: CustomerDb,
  { monitor_id, hours, sentinels }: HoursAt,
  failures: readonly HourOfFailures[],
): Promise<void> {
  await db<FailureHourRow>('failure_hours')
    .whereIn('hour', hours)
    .where({ monitor_id })
    .whereIn('sentinel_id', [...sentinels])
    .delete();
  const rows: FailureHourRow[] = [];
  for (const { group, runs, ...row } of failures) {
    rows.push({ ...row, group_id: await groupId(db, group), runs: Buffer.from(runs) });
  }
  await insertAll(db, 'failure_hours', rows);
}

/** The group's number; one that is new is made. */
export async function groupId(db: CustomerDb, group: Omit<FailureGroupRow, 'id'>): Promise<number> {
  const signature = Buffer.from(group.signature);
  const { monitor_id, transaction_id } = group;
  const find = () => db<FailureGroupRow>('failure_groups').where({ monitor_id, transaction_id, signature }).first('id');
  const known = await find();
  if (known) return known.id;
  await db('failure_groups').insert({ ...group, signature });
  const made = await find();
  if (!made) throw new Error('a group of failures is not there right after it was added');
  return made.id;
}
