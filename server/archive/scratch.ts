import { mkdirSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Column } from './columns.ts';

/** What DuckDB may take of memory; beyond, it lays aside in the folder. */
const memoryLimit = '192MiB';
/** Of lines of CSV, before DuckDB takes them in (bytes). */
const fileBytes = 32 * 1024 * 1024;

/** A private place in which a piece of the archive is made or read: a folder, with DuckDB working in it alone. */
export interface Scratch {
  folder: string;
  /** What SQL of DuckDB gives, as text and numbers. */
  ask(sql: string): Promise<Record<string, unknown>[]>;
  /** The same, some thousand at a time. */
  rows(sql: string): AsyncIterable<Record<string, unknown>[]>;
  run(sql: string): Promise<void>;
  /** A new table, to which lines of CSV are added. */
  table(name: string, columns: readonly Pick<Column, 'name' | 'type'>[]): Promise<Lines>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface Lines {
  add(line: string): void;
  /** To be called between some thousand lines, and at the end with `all`. */
  flush(all?: boolean): Promise<void>;
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
  return {
    folder,
    ask: async (sql) => (await connection.runAndReadAll(sql)).getRowObjectsJson() as Record<string, unknown>[],
    async *rows(sql) {
      const result = await connection.stream(sql);
      yield* result.yieldRowObjectJson() as AsyncIterable<Record<string, unknown>[]>;
    },
    run: async (sql) => void (await connection.run(sql)),
    table: (name, columns) => newTable(connection, folder, name, columns),
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function newTable(
  connection: DuckDBConnection,
  folder: string,
  name: string,
  columns: readonly Pick<Column, 'name' | 'type'>[],
): Promise<Lines> {
  const file = join(folder, `${name}.csv`);
  await connection.run(`create table ${name} (${columns.map((one) => `${one.name} ${one.type}`).join(', ')})`);
  const types = columns.map((one) => `${quoted(one.name)}: ${quoted(one.type)}`).join(', ');
  // Of one thread: it is most of what else would take memory, and lines stay in their order.
  const read = `read_csv(${quoted(file)}, header = false, auto_detect = false, delim = ',', quote = '"', escape = '"',
    nullstr = '', allow_quoted_nulls = false, new_line = '\\n', parallel = false, max_line_size = 16777216, buffer_size = 33554432, columns = {${types}})`;
  let [text, written]: [string[], number] = [[], 0];
  const writeOut = async () => {
    await using handle = await open(file, 'a', 0o600);
    const content = text.join('');
    text = [];
    written += content.length;
    await handle.writeFile(content);
  };
  return {
    add(line) {
      text.push(line, '\n');
    },
    async flush(all = false) {
      if (text.length > 0) await writeOut();
      if (written === 0 || (!all && written < fileBytes)) return;
      await connection.run(`insert into ${name} select * from ${read}`);
      rmSync(file);
      written = 0;
    },
  };
}

/** As a text of SQL. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
