import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { copyRows } from '../../db/copy/copy-rows.ts';
import { tablesOf } from '../../db/copy/tables.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { customerMigrations } from '../../db/customer/migrations.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { openDatabase } from '../../db/open-database.ts';
import { type Actor, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { type Column, evidenceColumns, resultColumns, runColumns } from './columns.ts';
import { readNames } from './names.ts';
import { openPiece } from './open-piece.ts';
import { openScratch, quoted, type Scratch } from './scratch.ts';
import { storeOf } from './store.ts';
import { untar } from './untar.ts';

/*
 * A restored month is a database of SQLite of its own in the customer's folder, laid out as the customer's own is, so that
 * what reads the one reads the other. The live one is only read. Its name says until when it stays.
 */

/** Tables without which runs have no names; all that is in them is copied. */
export const namedTables = [
  'locations',
  'sentinels',
  'scripts',
  'script_versions',
  'monitors',
  'monitor_sentinels',
  'transactions',
];

export interface Restored {
  /** `2025-01` */
  month: string;
  /** ms since 1970; then it is removed. */
  until: number;
  file: string;
}

/** Months of a customer that are restored at `now`, the oldest first; those that have had their time are removed. */
export function restoredMonths(server: ServerContext, id: CustomerId): Restored[] {
  const folder = folderOf(server, id);
  const all = existsSync(folder) ? readdirSync(folder) : [];
  const months = all.flatMap((name): Restored[] => {
    const [, month, until] = /^(\d{4}-\d{2})\.until-(\d+)\.sqlite$/.exec(name) ?? [];
    return month === undefined ? [] : [{ month, until: Number(until), file: join(folder, name) }];
  });
  for (const { file, until } of months) if (until <= server.now()) remove(file);
  return months.filter(({ until }) => until > server.now()).sort((a, b) => (a.month < b.month ? -1 : 1));
}

/** Removes a restored month before its time; whether there was one. */
export function removeRestored(server: ServerContext, id: CustomerId, month: string): boolean {
  const found = restoredMonths(server, id).filter((one) => one.month === month);
  for (const { file } of found) remove(file);
  return found.length > 0;
}

/** Where evidence of a restored month lies, each file under its SHA-256. */
export function evidenceFolder(file: string): string {
  return `${file}.evidence`;
}

export interface RestoreWish {
  /** One of them must open it. */
  identities: readonly string[];
  /** When it is to be removed again (ms). */
  until: number;
}

/** Brings a month with its supplements back beside the live database. Throws `Refused` and `ArchiveFault`. */
export async function restoreMonth(
  server: ServerContext,
  id: CustomerId,
  month: { name: string; from: number },
  { identities, until }: RestoreWish,
): Promise<Restored & { runs: number; results: number }> {
  const before = restoredMonths(server, id).find((one) => one.month === month.name);
  if (before) throw new Refused(`${month.name} is restored already, until ${new Date(before.until).toISOString()}`);
  const folder = folderOf(server, id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${month.name}.until-${until}.sqlite`);
  const unfinished = join(folder, `${month.name}.unfinished`);
  remove(unfinished);
  try {
    const counts = await server.customers.use(id, async (db) => {
      const rows = await db<ArchiveMonthRow>('archive_months')
        .where({ from_at: month.from, state: 'removed' })
        .orderBy('part');
      if (rows.length === 0) throw new Refused(`${month.name} is not in the archive: archive list names what is`);
      const away = rows.find((row) => row.folder === null);
      if (away) throw new Refused(`${month.name} was carried away: bring its set back first, with archive bring-back`);
      const to = (await openDatabase(unfinished, customerMigrations)) as CustomerDb;
      try {
        await copyNames(db, to);
        const into = { identities, scratchIn: folder, evidence: evidenceFolder(unfinished) };
        mkdirSync(into.evidence, { mode: 0o700 });
        for (const row of rows) await fill(server, id, { row, ...into }, to);
        await to.raw('pragma journal_mode = delete'); // so that it is one file
        const [runs] = await to('runs').count({ n: '*' });
        const [results] = await to('transaction_results').count({ n: '*' });
        return { runs: Number(runs?.n), results: Number(results?.n) };
      } finally {
        await to.destroy();
      }
    });
    renameSync(evidenceFolder(unfinished), evidenceFolder(file)); // first: by the other it is found
    renameSync(unfinished, file);
    return { month: month.name, until, file, ...counts };
  } catch (error) {
    remove(unfinished);
    throw error;
  }
}

/** Who opens the archive is told of in the customer's trail and in the provider's. */
export async function tellRestored(
  server: ServerContext,
  id: CustomerId,
  subject: string,
  actor: Actor,
): Promise<void> {
  await auditForBoth(server, id, { at: server.now(), actor, action: 'month-opened', subject });
}

function folderOf({ customers }: ServerContext, id: CustomerId): string {
  return join(customers.folder(id), 'restored');
}

function remove(file: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
  rmSync(evidenceFolder(file), { recursive: true, force: true });
}

async function copyNames(from: CustomerDb, to: CustomerDb): Promise<void> {
  const tables = (await tablesOf(to)).filter(({ name }) => namedTables.includes(name));
  await to.transaction(async (trx) => {
    for (const table of tables) await copyRows(from, trx, table);
  });
}

interface Filling {
  row: ArchiveMonthRow;
  identities: readonly string[];
  scratchIn: string;
  /** Where files of evidence are put. */
  evidence: string;
}

async function fill(server: ServerContext, id: CustomerId, from: Filling, to: CustomerDb): Promise<void> {
  const opened = join(from.scratchIn, `opened-${from.row.attempt}`);
  rmSync(opened, { recursive: true, force: true }); // of one that was killed
  await using scratch = await openScratch(opened);
  await openPiece(server, storeOf(server, id), from.row, from.identities, scratch.folder);
  const { monitors } = await readNames(to);
  const transactions = new Map(
    monitors.flatMap(({ id, transactions }) => transactions.map(({ key, name }) => [`${id} ${name}`, key] as const)),
  );
  const file = (name: string) => quoted(join(scratch.folder, `${name}.parquet`));
  const values = (table: string, columns: readonly Column[]) =>
    columns.map(({ name, as = '' }) => {
      if (texts.has(name)) return marked(`${table}.${name}`, name);
      if (as.startsWith('make_timestamp')) return `epoch_ms(${table}.${name})::double as ${name}`;
      if (as.includes('uuid')) return `replace(${table}.${name}::varchar, '-', '') as ${name}`;
      return `${table}.${name}`;
    });
  const runs = `select monitor_id, sentinel_id, location_id, ${marked('details')}, ${values('r', runColumns)} from ${file('runs')} r order by run`;
  await each(scratch, runs, (rows) =>
    insertAll(
      to,
      'runs',
      rows.map((row) => bytesOf({ ...row, content_hash: Buffer.alloc(32) })),
    ),
  );
  const results = `select r.id::varchar as run_id, t.monitor_id, t.transaction, ${values('t', resultColumns)}
    from ${file('results')} t join ${file('runs')} r using (run) order by t.run, t.position`;
  await each(scratch, results, (rows) =>
    insertAll(
      to,
      'transaction_results',
      rows.map(({ monitor_id, transaction, run_id, ...row }) => {
        const key = transactions.get(`${monitor_id} ${transaction}`);
        return bytesOf({ ...row, transaction_id: key, run_id: String(run_id).replaceAll('-', '') });
      }),
    ),
  );
  if (!existsSync(join(scratch.folder, 'evidence.parquet'))) return;
  const evidence = `select ${values('e', evidenceColumns)} from ${file('evidence')} e order by run_id, position`;
  await each(scratch, evidence, (rows) => insertAll(to, 'evidence', rows.map(bytesOf)));
  const packed = join(scratch.folder, 'evidence.tar');
  if (existsSync(packed)) await untar(packed, from.evidence);
}

const ids = ['id', 'run_id', 'retry_of', 'retried_by'];
const texts: ReadonlySet<string> = new Set(
  [...runColumns, ...resultColumns, ...evidenceColumns, { name: 'details', from: 'text' }]
    .filter(({ from }) => from === 'text')
    .map(({ name }) => name),
);

/** SQL of a text with a letter before it: at the beginning V8 leaves a byte order mark out. */
function marked(text: string, name = text): string {
  return `'.' || ${text} as ${name}`;
}

/** Ids as they lie in the database, texts as they were, numbers as numbers: DuckDB gives large ones as texts. */
function bytesOf(row: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(row).map(([name, value]) => {
    if (ids.includes(name) && typeof value === 'string') return [name, Buffer.from(value, 'hex')];
    if (texts.has(name) && typeof value === 'string') return [name, value.slice(1)];
    if (/_us$|_ms$|^bytes$/.test(name) && value !== null) return [name, Number(value)];
    return [name, value];
  });
  return Object.fromEntries(entries);
}

async function each(
  scratch: Scratch,
  sql: string,
  work: (rows: Record<string, unknown>[]) => Promise<void>,
): Promise<void> {
  for await (const rows of scratch.rows(sql)) await work(rows);
}
