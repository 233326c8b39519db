import { join } from 'node:path';
import { type Column, evidenceColumns, resultColumns, runColumns } from './columns.ts';
import type { Names } from './names.ts';
import { quoted, type Scratch } from './scratch.ts';

/** Rows whose least and greatest values a file notes together, by which readers pass over what they don't want. */
const rowGroup = 131_072;

/**
 * Writes what was read into Parquet files of the scratch's folder, and returns their names: `runs.parquet`,
 * `results.parquet` and, where there is any, `evidence.parquet`.
 */
export async function writeParquet(scratch: Scratch, names: Names, isSorted: boolean): Promise<string[]> {
  await setNames(scratch, names);
  const monitor = `getvariable('monitor_ids')[monitor + 1] as monitor_id, getvariable('monitors')[monitor + 1] as monitor`;
  const run = 'run, sentinel_id, sentinel, location_id, location';
  const transaction = `getvariable('transactions')[monitor + 1][transaction + 1] as transaction`;
  const order = (by: string) => (isSorted ? '' : `order by ${by}`);
  const parts = {
    runs: `select ${monitor}, ${run}, ${list(runColumns)}, details from runs ${order('monitor, started_at, id')}`,
    results: `select ${monitor}, ${transaction}, run, ${list(resultColumns)} from results ${order('monitor, transaction, started_at, run')}`,
    evidence: `select ${list(evidenceColumns)} from evidence ${order('run_id, position')}`,
  };
  const files: string[] = [];
  for (const [name, select] of Object.entries(parts)) {
    const [count] = await scratch.ask(`select count(*)::integer as n from ${name}`);
    if (name === 'evidence' && count?.n === 0) continue;
    files.push(`${name}.parquet`);
    const how = `format parquet, compression zstd, parquet_version v2, compression_level 5, row_group_size ${rowGroup}`;
    await scratch.run(`copy (${select}) to ${quoted(join(scratch.folder, `${name}.parquet`))} (${how})`);
    await scratch.run(`drop table ${name}`);
  }
  return files;
}

function list(columns: readonly Column[]): string {
  return columns.map(({ name, as = name }) => `${as} as ${name}`).join(', ');
}

/** As lists that a row's number is looked up in: unlike a join it leaves rows in their order. */
async function setNames(scratch: Scratch, { monitors }: Names): Promise<void> {
  const texts = (all: readonly string[]) => `[${all.map(quoted).join(', ')}]::varchar[]`;
  await scratch.run(`set variable monitor_ids = ${texts(monitors.map(({ id }) => id))}`);
  await scratch.run(`set variable monitors = ${texts(monitors.map(({ name }) => name))}`);
  const transactions = monitors.map((one) => texts(one.transactions.map(({ name }) => name)));
  await scratch.run(`set variable transactions = [${transactions.join(', ')}]::varchar[][]`);
}
