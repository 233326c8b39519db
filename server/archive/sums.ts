import { join } from 'node:path';
import { z } from 'zod';
import { firstIdAt } from '../../db/customer/months.ts';
import type { RunRow, TransactionResultRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { patiently } from '../../db/engines/mysql.ts';
import type { Names } from './names.ts';
import type { Piece } from './piece.ts';
import { lateRuns } from './read-supplement.ts';
import { quoted, type Scratch } from './scratch.ts';

/** How many rows there are of one transaction of a monitor, and what they come to: by it two places are compared. */
export const Sum = z.object({
  ...{ monitorId: z.string(), monitor: z.string() },
  /** Null: whole runs. */
  transaction: z.string().nullable(),
  ...{ rows: z.int(), passed: z.int(), durationUs: z.int(), responseUs: z.int() },
  /** Of instants the remainder by 1,000,003, so that sums stay exact. */
  started: z.int(),
  /** Of error messages. */
  textBytes: z.int(),
});
export type Sum = z.infer<typeof Sum>;

export const Sums = z.object({
  /** UUIDs; null where there are no runs. */
  ...{ firstRun: z.string().nullable(), lastRun: z.string().nullable() },
  /** By monitor and transaction. */
  of: z.array(Sum),
});
export type Sums = z.infer<typeof Sums>;

const modulus = 1_000_003;

type Row = Omit<Sum, 'monitorId' | 'monitor' | 'transaction'> & { key: string | number };

/** What lies in the database. */
export async function liveSums(db: CustomerDb, piece: Piece, names: Names): Promise<Sums> {
  return piece.part === 0 ? monthSums(db, piece, names) : lateSums(db, piece, names);
}

async function monthSums(db: CustomerDb, { month }: Piece, names: Names): Promise<Sums> {
  const inMonth = (table: string, id: string, key: string, responseUs: string): Promise<Row[]> =>
    patiently(db, (own) =>
      own(table)
        .where(id, '>=', firstIdAt(month.from))
        .where(id, '<', firstIdAt(month.to))
        .groupBy(key)
        .select({ key })
        .count({ rows: '*' })
        .sum({ passed: own.raw("case when outcome = 'passed' then 1 else 0 end"), durationUs: 'duration_us' })
        .sum({ responseUs: own.raw(responseUs), started: own.raw(`started_at % ${modulus}`) })
        .sum({ textBytes: own.raw("octet_length(coalesce(error_message, ''))") }),
    );
  const runs = await inMonth('runs', 'id', 'monitor_id', '0');
  const results = await inMonth('transaction_results', 'run_id', 'transaction_id', 'coalesce(response_us, 0)');
  const inRange = db<RunRow>('runs').where('id', '>=', firstIdAt(month.from)).where('id', '<', firstIdAt(month.to));
  const first = await inRange.clone().orderBy('id').first('id');
  const last = await inRange.clone().orderBy('id', 'desc').first('id');
  return named(runs, results, names, [first?.id, last?.id]);
}

async function lateSums(db: CustomerDb, piece: Piece, names: Names): Promise<Sums> {
  const [runs, results] = [new Map<string, Row>(), new Map<number, Row>()];
  const ends: Uint8Array[] = [];
  for await (const rows of lateRuns(db, piece)) {
    for (const { id, content } of rows) {
      ends[ends.length === 0 ? 0 : 1] = id;
      const { run, results: own } = JSON.parse(content) as { run: RunRow; results: TransactionResultRow[] };
      add(runs, run.monitor_id, { ...run, response_us: 0 });
      for (const result of own) add(results, result.transaction_id, result);
    }
  }
  return named([...runs.values()], [...results.values()], names, [ends[0], ends.at(-1)]);
}

type Summed = Pick<TransactionResultRow, 'outcome' | 'duration_us' | 'response_us' | 'started_at' | 'error_message'>;

function add<Key extends string | number>(to: Map<Key, Row>, key: Key, row: Summed): void {
  const sum = to.get(key) ?? { key, rows: 0, passed: 0, durationUs: 0, responseUs: 0, started: 0, textBytes: 0 };
  to.set(key, sum);
  sum.rows += 1;
  sum.passed += row.outcome === 'passed' ? 1 : 0;
  sum.durationUs += row.duration_us;
  sum.responseUs += row.response_us ?? 0;
  sum.started += row.started_at % modulus;
  sum.textBytes += Buffer.byteLength(row.error_message ?? '');
}

/** What stands where a row's monitor or transaction is not known: it makes the sums differ from those of the files. */
const unknown = { id: '', name: '' };

function named(
  runs: readonly Row[],
  results: readonly Row[],
  { monitors }: Names,
  [first, last]: (Uint8Array | undefined)[],
): Sums {
  const byKey = new Map(monitors.map((monitor) => [monitor.key, monitor]));
  const transactions = new Map(
    monitors.flatMap((monitor) => monitor.transactions.map(({ key, name }) => [key, { monitor, name }] as const)),
  );
  const ofRuns = runs.map(({ key, ...sum }) => {
    const { id, name } = byKey.get(String(key)) ?? unknown;
    return { monitorId: id, monitor: name, transaction: null, ...sum };
  });
  const ofResults = results.map(({ key, ...sum }) => {
    const { monitor, name } = transactions.get(Number(key)) ?? { monitor: unknown, name: '' };
    return { monitorId: monitor.id, monitor: monitor.name, transaction: name, ...sum };
  });
  const uuid = (id: Uint8Array | undefined) => (id ? dashed(Buffer.from(id).toString('hex')) : null);
  return { firstRun: uuid(first), lastRun: uuid(last), of: [...ofRuns, ...ofResults].sort(inOrder) };
}

function dashed(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** What lies in `runs.parquet` and `results.parquet` of the scratch's folder. */
export async function fileSums(scratch: Scratch): Promise<Sums> {
  const sumsOf = (file: string, transaction: string, responseUs: string) => `
    select monitor_id as "monitorId", monitor, ${transaction} as transaction, count(*)::double as rows,
      sum((outcome = 'passed')::int)::double as passed, sum(duration_us)::double as "durationUs",
      sum(${responseUs})::double as "responseUs", sum(epoch_ms(started_at) % ${modulus})::double as started,
      sum(strlen(coalesce(error_message, '')))::double as "textBytes"
    from ${quoted(join(scratch.folder, file))} group by all`;
  const runs = await scratch.ask(sumsOf('runs.parquet', 'null', '0'));
  const results = await scratch.ask(sumsOf('results.parquet', 'transaction', 'coalesce(response_us, 0)'));
  const [ends] = await scratch.ask(
    `select min(id)::varchar as "firstRun", max(id)::varchar as "lastRun" from ${quoted(join(scratch.folder, 'runs.parquet'))}`,
  );
  return Sums.parse({
    ...ends,
    of: z
      .array(Sum)
      .parse([...runs, ...results])
      .sort(inOrder),
  });
}

export function sameSums(a: Sums, b: Sums): boolean {
  return JSON.stringify(inShape(a)) === JSON.stringify(inShape(b));
}

/** With their members in one order. */
function inShape({ firstRun, lastRun, of }: Sums) {
  const rows = of.map((one) => [
    ...[one.monitorId, one.monitor, one.transaction, one.rows, one.passed, one.durationUs],
    ...[one.responseUs, one.started, one.textBytes],
  ]);
  return [firstRun, lastRun, rows];
}

function inOrder(a: Sum, b: Sum): number {
  const key = ({ monitorId, transaction }: Sum) => `${monitorId} ${transaction ?? ''}`;
  return key(a) < key(b) ? -1 : 1;
}
