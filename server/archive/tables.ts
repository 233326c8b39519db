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
 * The tables into which a piece of the archive is read. Rows lie by monitor, transaction and time where the lines come by monitor,
 * transaction and parts of the time. A result names its run by a number within the piece: random ids can't be packed.
 */
export async function openTables(scratch: Scratch, names: Names): Promise<Tables> {
  // Never committed: rows go to the disk as they come, and once only.
  await scratch.run('begin transaction');
  await setNames(scratch, 'sentinels', names.sentinels);
  await setNames(scratch, 'locations', names.locations);
  const own = (columns: readonly Column[]) => columns.map(({ name }) => `c.${name}`).join(', ');
  const runs = await scratch.table('runs', {
    columns: [
      ...integers(['monitor', 'run']),
      ...texts(['sentinel_id', 'sentinel', 'location_id', 'location', 'details']),
      ...runColumns,
    ],
    lines: [...beforeRun, ...inLine(runColumns)],
    // Of each part of the time they come by outcome.
    select: (csv) => `select c.monitor,
      (select count(*) from runs) + row_number() over (order by c.monitor, c.started_at, c.id) - 1 as run,
      c.sentinel_id, ${nameIn('sentinels', 'c.sentinel_id')}, c.location_id, ${nameIn('locations', 'c.location_id')}, c.details, ${own(runColumns)}
      from ${csv} c order by run`,
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

/**
 * As a type of their ids, and a list that an id's place in it is looked up in: unlike a join it leaves rows in their order,
 * and it takes no longer where there are many.
 */
async function setNames(scratch: Scratch, list: string, names: ReadonlyMap<string, Name>): Promise<void> {
  // An id of its own comes first: lists begin with 1, and a type can't be empty.
  await scratch.run(`create type ${list}_ids as enum (${['', ...names.keys()].map(quoted).join(', ')})`);
  const texts = [...names.values()].map(({ name }) => quoted(name)).join(', ');
  await scratch.run(`set variable ${list} = [${texts}]::varchar[]`);
}

/** None where the id is unknown. */
function nameIn(list: string, id: string): string {
  return `getvariable('${list}')[enum_code(try_cast(${id} as ${list}_ids))]`;
}
