import { type Column, evidenceColumns, inLine, resultColumns, runColumns } from './columns.ts';
import type { Name, Names } from './names.ts';
import { type Lines, quoted, type Scratch } from './scratch.ts';

const texts = (names: readonly string[]) => names.map((name): Column => ({ name, from: 'text', type: 'varchar' }));
const integers = (names: readonly string[]) => names.map((name): Column => ({ name, from: 'number', type: 'integer' }));

/** What stands before a table's own columns in a line: monitor and transaction are places in the lists of names. */
const beforeRun = [...integers(['monitor']), ...texts(['sentinel_id', 'location_id', 'details'])];
const beforeResult = [...integers(['monitor', 'transaction']), ...texts(['run_id'])];

export interface Tables {
  runs: Lines;
  /** Of runs that were added before. */
  results: Lines;
  evidence: Lines;
  /** To be awaited now and then, and at the end with `all`: has what was added taken in. */
  flush(all?: boolean): Promise<void>;
}

/**
 * The tables into which a piece of the archive is read. Rows lie by monitor, transaction and time where the lines come so.
 * A result names its run by a number within the piece: random ids can't be packed.
 */
export async function openTables(scratch: Scratch, names: Names): Promise<Tables> {
  // Never committed: rows go to the disk as they come, and once only.
  await scratch.run('begin transaction');
  await nameTable(scratch, 'sentinels', names.sentinels);
  await nameTable(scratch, 'locations', names.locations);
  const own = (columns: readonly Column[]) => columns.map(({ name }) => `c.${name}`).join(', ');
  const runs = await scratch.table('runs', {
    columns: [
      ...integers(['monitor', 'run']),
      ...texts(['sentinel_id', 'sentinel', 'location_id', 'location', 'details']),
      ...runColumns,
    ],
    lines: [...beforeRun, ...inLine(runColumns)],
    select: (csv) => `select c.monitor, (select count(*) from runs) + row_number() over () - 1,
      c.sentinel_id, s.name, c.location_id, l.name, c.details, ${own(runColumns)}
      from ${csv} c left join sentinels s on s.id = c.sentinel_id left join locations l on l.id = c.location_id`,
  });
  const results = await scratch.table('results', {
    columns: [...integers(['monitor', 'transaction', 'run']), ...resultColumns],
    lines: [...beforeResult, ...inLine(resultColumns)],
    // The bounds spare it the runs of all other monitors.
    select: (csv, [from, to]) => `select c.monitor, c.transaction, r.run, ${own(resultColumns)}
      from ${csv} c join (select id, run from runs where monitor between ${from} and ${to}) r on r.id = c.run_id
      order by c.monitor, c.transaction, r.run`,
  });
  const evidence = await scratch.table('evidence', {
    columns: evidenceColumns,
    lines: inLine(evidenceColumns),
    select: (csv) => `select ${own(evidenceColumns)} from ${csv} c`,
  });
  return {
    ...{ runs, results, evidence },
    async flush(all = false) {
      const each = [runs, results, evidence]; // in this order: results look for their runs
      if (all || each.some((one) => one.isFull())) for (const one of each) await one.takeIn();
      if (all) await scratch.settle();
    },
  };
}

async function nameTable(scratch: Scratch, table: string, names: ReadonlyMap<string, Name>): Promise<void> {
  await scratch.run(`create table ${table} (id varchar, name varchar)`);
  const rows = [...names].map(([key, { name }]) => `(${quoted(key)}, ${quoted(name)})`);
  if (rows.length > 0) await scratch.run(`insert into ${table} values ${rows.join(', ')}`);
}
