import type { EvidenceRow, LateRunRow, RunDetailsRow, RunRow, TransactionResultRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { ArchiveFault } from './archive-fault.ts';
import { evidenceColumns, lineOfValues, resultColumns, runColumns } from './columns.ts';
import type { Names } from './names.ts';
import type { Piece } from './piece.ts';
import { runLine } from './read-month.ts';
import type { Scratch } from './scratch.ts';
import { openTables, type Tables } from './tables.ts';

const atOnce = 500;

/** As `insertLate` wrote it: bytes are hexadecimal. */
interface Content {
  run: RunRow;
  results: TransactionResultRow[];
  evidence: EvidenceRow[];
  details: RunDetailsRow[];
}

/** The same as `readMonth`, of the runs that came late and belong to a supplement. They come in the order of their ids. */
export async function readSupplement(db: CustomerDb, piece: Piece, names: Names, scratch: Scratch): Promise<void> {
  const tables = await openTables(scratch);
  const monitors = new Map(names.monitors.map((monitor, index) => [monitor.key, { monitor, index }]));
  let run = 0;
  for await (const rows of lateRuns(db, piece)) {
    for (const row of rows) addRun(JSON.parse(row.content) as Content, run++, monitors, names, tables);
    for (const table of [tables.runs, tables.results, tables.evidence]) await table.flush();
  }
  await tables.close();
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

function addRun(content: Content, run: number, monitors: Monitors, names: Names, tables: Tables): void {
  const found = monitors.get(content.run.monitor_id);
  if (!found) throw new ArchiveFault(`a late run belongs to the monitor ${content.run.monitor_id}, which there is not`);
  const { monitor, index } = found;
  const [sentinel, location] = [
    names.sentinels.get(content.run.sentinel_id),
    names.locations.get(content.run.location_id),
  ];
  const facts = content.details[0]?.facts ?? null;
  const line = lineOfValues({ ...content.run }, runColumns);
  tables.runs.add(runLine({ monitor: index, run, sentinel, location, facts, line }));
  for (const result of content.results) {
    const transaction = monitor.transactions.findIndex(({ key }) => key === result.transaction_id);
    tables.results.add(`${index},${transaction},${run},${lineOfValues({ ...result }, resultColumns)}`);
  }
  for (const row of content.evidence) tables.evidence.add(lineOfValues({ ...row }, evidenceColumns));
}
