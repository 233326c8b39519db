import type { EvidenceRow, LateRunRow, RunRow, TransactionResultRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { ArchiveFault } from './archive-fault.ts';
import { evidenceColumns, inLine, lineOfValues, resultColumns, runColumns } from './columns.ts';
import type { Names } from './names.ts';
import type { Piece } from './piece.ts';
import type { Scratch } from './scratch.ts';
import { openTables, type Tables } from './tables.ts';

const atOnce = 500;

/** As `insertLate` wrote it: bytes are hexadecimal. Before details lay with their run they lay beside it. */
interface Content {
  run: RunRow;
  details?: { facts: string }[];
  results: TransactionResultRow[];
  evidence: EvidenceRow[];
}

/** The same as `readMonth`, of the runs that came late and belong to a supplement. They come in the order of their ids. */
export async function readSupplement(db: CustomerDb, piece: Piece, names: Names, scratch: Scratch): Promise<void> {
  const tables = await openTables(scratch, names);
  const monitors = new Map(names.monitors.map((monitor, index) => [monitor.key, { monitor, index }]));
  for await (const rows of lateRuns(db, piece)) {
    for (const row of rows) await addRun(JSON.parse(row.content) as Content, monitors, tables);
    await tables.flush();
  }
  await tables.flush(true);
}

/** All of a supplement, some at a time. */
export async function* lateRuns(db: CustomerDb, { month, part }: Piece): AsyncGenerator<LateRunRow[]> {
  for (let last: Uint8Array | undefined; ; ) {
    const query = db<LateRunRow>('late_runs').where({ from_at: month.from, part }).orderBy('id').limit(atOnce);
    const rows = await (last ? query.where('id', '>', last) : query);
    if (rows.length > 0) yield rows;
    if (rows.length < atOnce) return;
    last = rows.at(-1)?.id;
  }
}

type Monitors = ReadonlyMap<string, { monitor: Names['monitors'][number]; index: number }>;

async function addRun({ run, ...of }: Content, monitors: Monitors, tables: Tables): Promise<void> {
  const found = monitors.get(run.monitor_id);
  if (!found) throw new ArchiveFault(`a late run belongs to the monitor ${run.monitor_id}, which there is not`);
  const { monitor, index } = found;
  const details = lineOfValues({ details: run.details ?? of.details?.[0]?.facts }, [{ name: 'details', from: 'text' }]);
  const before = `${index},${run.sentinel_id},${run.location_id},${details}`;
  await tables.runs.add(Buffer.from(`${before},${lineOfValues({ ...run }, inLine(runColumns))}`), 1, index);
  for (const result of of.results) {
    const place = monitor.transactions.findIndex(({ key }) => key === result.transaction_id);
    const line = lineOfValues({ ...result }, inLine(resultColumns));
    await tables.results.add(Buffer.from(`${index},${place},${result.run_id},${line}`), 1, index);
  }
  for (const row of of.evidence) {
    await tables.evidence.add(Buffer.from(lineOfValues({ ...row }, inLine(evidenceColumns))), 1);
  }
}
