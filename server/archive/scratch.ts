import { mkdirSync, rmSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ArchiveFault } from './archive-fault.ts';
import type { Column } from './columns.ts';

/** What DuckDB may take of memory; beyond, it lays aside in the folder. */
const memoryLimit = '144MiB';
/** Letters of lines of CSV, before they are written into a file and before DuckDB takes that in. */
const [atOnce, ofFile] = [2 ** 20, 2 ** 24];

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
  /** Adds so many lines in one text; `begins` is the number that they all begin with, where they do. */
  add(text: string, lines: number, begins?: number): Promise<void>;
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
    threads: '2',
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
  const fresh = () => ({ text: [] as string[], letters: 0, written: 0, lines: 0, from: 0, to: 0 });
  let [held, files] = [fresh(), 0];
  const path = () => join(folder, `${name}-${files}.csv`);
  const writeOut = async () => {
    const content = held.text.join('');
    Object.assign(held, { text: [], letters: 0, written: held.written + held.letters });
    await appendFile(path(), content, { mode: 0o600 });
  };
  return {
    async add(text, count, begins = 0) {
      held.text.push(text, '\n');
      held.letters += text.length + 1;
      held.from = held.lines === 0 ? begins : Math.min(held.from, begins);
      held.to = Math.max(held.to, begins);
      held.lines += count;
      if (held.letters > atOnce) await writeOut();
    },
    isFull: () => held.written >= ofFile,
    async takeIn() {
      if (held.lines === 0) return;
      await writeOut();
      const [file, range] = [path(), [held.from, held.to] as const];
      const expected = held.lines;
      [held, files] = [fresh(), files + 1];
      await work.start(async () => {
        const done = await connection.run(`insert into ${name} ${select(readCsv(file, lines), range)}`);
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

/** Of one thread: it is most of what else would take memory. */
function readCsv(file: string, lines: Cells): string {
  const types = lines.map((one) => `${quoted(one.name)}: ${quoted(one.type)}`).join(', ');
  return `read_csv(${quoted(file)}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false, new_line = '\\n', parallel = false, max_line_size = 16777216, buffer_size = 16777216, columns = {${types}})`;
}

/** As a text of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
