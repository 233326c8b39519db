import { insertAll } from '../../db/customer/insert-all.ts';
import type { PassedPictureRow, TransactionResultRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { withKnownFiles } from './known-evidence.ts';
import type { RowsOfRun } from './late-runs.ts';
import type { ReadRun } from './read-run.ts';
import type { Reporter } from './reporters.ts';
import { evidenceRows, pictureRows, requestedRows, resultRows, runRow } from './run-rows.ts';
import type { Fresh } from './sort-out.ts';
import { transactionIds } from './transaction-ids.ts';

/** All rows of a run that lies among the others, and what else they tell of. */
export interface Rows extends RowsOfRun {
  read: ReadRun;
  sentinel: Reporter;
  pictures: readonly PassedPictureRow[];
}

/** The rows of runs received at `now` (ms), of those that came late apart. */
export async function rowsOf(db: CustomerDb, trx: CustomerDb, fresh: readonly Fresh[], now: number) {
  const ids = await transactionIds(
    db,
    trx,
    fresh.map(({ read }) => read),
  );
  const idOf = (monitorId: string) => (name: string) => {
    const id = ids.get(monitorId)?.get(name);
    if (id === undefined) throw new Error(`the transaction ${name} of monitor ${monitorId} was not given an id`);
    return id;
  };
  const [live, late]: [Rows[], Rows[]] = [[], []];
  for (const { read, sentinel, filed } of fresh) {
    const receipt = { sentinelId: sentinel.id, locationId: sentinel.locationId, receivedAt: now };
    const run = runRow(read, receipt);
    // What it confirms may be in the archive, where nothing is changed: there the first of the two counts.
    if (filed === 'late' && run.retry_of !== null) run.counts = 0;
    const results = resultRows(read, idOf(read.run.monitorId));
    const pictures = pictureRows(read, receipt, idOf(read.run.monitorId));
    const all = { read, sentinel, run, results, pictures, evidence: evidenceRows(read) };
    (filed === 'late' ? late : live).push(all);
  }
  return { live, late: late.map(({ run, results, evidence }) => ({ run, results, evidence })) };
}

export async function insertLive(trx: CustomerDb, all: readonly Rows[]): Promise<void> {
  const named = all.flatMap(({ evidence, sentinel }) => evidence.map((row) => ({ sentinelId: sentinel.id, row })));
  const pictures = all.flatMap(({ pictures }) => pictures.map((row) => ({ sentinelId: row.sentinel_id, row })));
  await insertAll(
    trx,
    'runs',
    all.map(({ run }) => run),
  );
  await insertAll(trx, 'transaction_results', byTransaction(all.flatMap(({ results }) => results)));
  await insertAll(trx, 'evidence', await withKnownFiles(trx, named));
  await insertAll(trx, 'passed_pictures', await withKnownFiles(trx, pictures));
  await insertAll(
    trx,
    'requested_runs',
    all.flatMap(({ read, sentinel }) => requestedRows(read, sentinel.id)),
  );
}

/** Together as they lie: the database then goes once to each place. */
function byTransaction(results: readonly TransactionResultRow[]): TransactionResultRow[] {
  return [...Map.groupBy(results, ({ transaction_id }) => transaction_id).values()].flat();
}
