import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArchiveMonthRow, LateRunRow, RollupRow, RunRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import type { ArchiveWorld } from './build-archive.ts';
import { openPiece } from './open-piece.ts';
import { openScratch, quoted } from './scratch.ts';
import { storeOf } from './store.ts';

/** For tests: where each run is, and what the figures say there are. */
export interface Ledger {
  live: string[];
  late: string[];
  /** Of pieces whose rows are being removed or are. */
  archived: string[];
  /** Runs that the rollups tell of. */
  counted: number;
  /** Of results in all places. */
  results: number;
}

/** Counts by what lies there: the archive's files are opened with the customer's identity. */
export async function readLedger({ server, customer, key, use }: ArchiveWorld): Promise<Ledger> {
  const store = storeOf(server, customer.id);
  const { rows, ...ledger } = await use(async (db) => {
    const live: Uint8Array[] = await db<RunRow>('runs').pluck('id');
    const late = await db<LateRunRow>('late_runs').select('id', 'content');
    const hours = await db<RollupRow>('rollups').where({ transaction_id: 0 });
    const lateResults = late.reduce((sum, { content }) => sum + JSON.parse(content).results.length, 0);
    return {
      rows: await db<ArchiveMonthRow>('archive_months').whereIn('state', ['removing', 'removed']),
      live: live.map(runIdOf),
      late: late.map(({ id }) => runIdOf(id)),
      counted: hours.reduce((sum, row) => sum + row.passed + row.failed + row.errored + row.skipped, 0),
      results: Number((await db('transaction_results').count({ n: '*' }))[0]?.n) + lateResults,
    };
  });
  const archived: string[] = [];
  for (const row of rows) {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-ledger-'));
    await using scratch = await openScratch(join(folder, 'open'));
    await openPiece(server, store, row, [key.identity], scratch.folder);
    const from = (file: string) => quoted(join(scratch.folder, file));
    const ids = await scratch.ask(`select id::varchar as id from ${from('runs.parquet')}`);
    archived.push(...ids.map(({ id }) => String(id)));
    const [found] = await scratch.ask(
      `select count(*)::integer as n from ${from('results.parquet')} join ${from('runs.parquet')} using (run)`,
    );
    ledger.results += Number(found?.n);
    rmSync(folder, { recursive: true });
  }
  return { ...ledger, archived };
}
