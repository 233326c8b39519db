import { mkdirSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ArchiveFault } from './archive-fault.ts';
import type { Column } from './columns.ts';

/** What DuckDB may take of memory, but for some it does not count; beyond, it lays aside in the folder. */
const memoryLimit = '96MiB';
/** Bytes of lines of CSV, before they are written into a file and before DuckDB takes that in. */
const [atOnce, ofFile] = [2 ** 20, 2 ** 24];
/** What DuckDB reads of a file at a time (bytes); more where a line may be longer. */
const leastBuffer = 2 ** 21;

const lineEnd = Buffer.from('\n');

/** A private place in which a piece of the archive is made or read: a folder, with DuckDB working in it alone. */
export interface Scratch {
  folder: string;
  /** What SQL of DuckDB gives, as text and numbers. */
  ask(sql: string): Promise<Record<string, unknown>[]>;
  /** The same, some thousand at a time. */
  rows(sql: string): AsyncIterable<Record<string, unknown>[]>;
  run(sql: string): Promise<void>;
  /** A new table, to which lines of CSV are added. */
  table(name: string, layout: Layout): Promise<Lines>;
  /** Waits until all lines that were to be taken in are. Throws where one was not. */
  settle(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

type Cells = readonly Pick<Column, 'name' | 'type'>[];

export interface Layout {
  columns: Cells;
  /** What a line holds. */
  lines: Cells;
  /** SQL that makes rows of the table of lines; these begin with numbers from the first to the last of `range`. */
  select(csv: string, range: readonly [number, number]): string;
}

export interface Lines {
  /** Adds so many lines in one text, UTF-8; `begins` is the number that they all begin with, where they do. */
  add(text: Uint8Array, lines: number, begins?: number): Promise<void>;
  /** Whether there are enough that it is time to take them in. */
  isFull(): boolean;
  /** Has DuckDB take in what was added, as soon as it is done with what it was given before. */
  takeIn(): Promise<void>;
}

/** Makes the folder, which must not be there, for its owner alone; it is gone when disposed. */
export async function openScratch(folder: string): Promise<Scratch> {
  mkdirSync(folder, { mode: 0o700 });
  // Here alone: it would be a sixth of the memory of a server that moves nothing just now.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(join(folder, 'work.duckdb'), {
    memory_limit: memoryLimit,
    // More of them would spin while they wait, on a processor that the database has use for.
    threads: '1',
    // What is lost when it is killed is made anew: nothing need be safe before the end.
    wal_autocheckpoint: '1TB',
    temp_directory: join(folder, 'spill'),
    // It is never to fetch anything from the network.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const work = inTurn();
  return {
    folder,
    ask: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[],
    async *rows(sql) {
      const result = await connection.stream(sql);
      yield* result.yieldRowObjectJson() as AsyncIterable<Record<string, unknown>[]>;
    },
    run: async (sql) => void (await connection.run(sql)),
    table: (name, layout) => newTable({ connection, folder, work }, name, layout),
    settle: work.settle,
    async [Symbol.asyncDispose]() {
      await work.settle().catch(() => {}); // who waits for it has been told
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One thing after the other, of which nobody waits for the last: meanwhile the next lines are read. */
function inTurn(): { start(work: () => Promise<void>): Promise<void>; settle(): Promise<void> } {
  let last = Promise.resolve();
  return {
    async start(work) {
      await last;
      last = work();
      last.catch(() => {}); // it is thrown to who comes next
    },
    settle: () => last,
  };
}

interface Place {
  connection: DuckDBConnection;
  folder: string;
  work: ReturnType<typeof inTurn>;
}

async function newTable(place: Place, name: string, { columns, lines, select }: Layout): Promise<Lines> {
  const { connection, folder, work } = place;
  await connection.run(`create table ${name} (${columns.map((one) => `${one.name} ${one.type}`).join(', ')})`);
  const fresh = () => ({ texts: [] as Uint8Array[], bytes: 0, written: 0, longest: 0, lines: 0, from: 0, to: 0 });
  let [held, files] = [fresh(), 0];
  const path = () => join(folder, `${name}-${files}.csv`);
  const writeOut = async () => {
    const content = Buffer.concat(held.texts);
    Object.assign(held, { texts: [], bytes: 0, written: held.written + held.bytes });
    await appendFile(path(), content, { mode: 0o600 });
  };
  return {
    async add(text, count, begins = 0) {
      held.texts.push(text, lineEnd);
      held.bytes += text.length + 1;
      held.longest = Math.max(held.longest, text.length + 1);
      held.from = held.lines === 0 ? begins : Math.min(held.from, begins);
      held.to = Math.max(held.to, begins);
      held.lines += count;
      if (held.bytes > atOnce) await writeOut();
    },
    isFull: () => held.written >= ofFile,
    async takeIn() {
      if (held.lines === 0) return;
      await writeOut();
      const [file, range] = [path(), [held.from, held.to] as const];
      const [expected, buffer] = [held.lines, Math.max(leastBuffer, held.longest)];
      [held, files] = [fresh(), files + 1];
      await work.start(async () => {
        const done = await connection.run(`insert into ${name} ${select(readCsv(file, lines, buffer), range)}`);
        if (done.rowsChanged !== expected) {
          throw new ArchiveFault(
            `of ${expected} ${name} that were read ${done.rowsChanged} belong to a run: see what lies in the database`,
          );
        }
        rmSync(file);
      });
    },
  };
}

function readCsv(file: string, lines: Cells, buffer: number): string {
  const types = lines.map((one) => `${quoted(one.name)}: ${quoted(one.type)}`).join(', ');
  return `read_csv(${quoted(file)}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false, new_line = '\\n', parallel = false, max_line_size = ${buffer}, buffer_size = ${buffer}, columns = {${types}})`;
}

/** As a text of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
