import { type Column, evidenceColumns, resultColumns, runColumns } from './columns.ts';
import type { Lines, Scratch } from './scratch.ts';

/** What stands before a table's own columns: monitor and transaction are places in the lists of names. */
const ofRun: Column[] = [
  ...[{ name: 'monitor', type: 'integer' } as const, { name: 'run', type: 'integer' } as const],
  ...['sentinel_id', 'sentinel', 'location_id', 'location', 'details'].map(
    (name): Column => ({ name, type: 'varchar' }),
  ),
];
const ofResult: Column[] = ['monitor', 'transaction', 'run'].map((name) => ({ name, type: 'integer' }));

export interface Tables {
  runs: Lines;
  results: Lines;
  evidence: Lines;
  /** Has all that was added taken in. */
  close(): Promise<void>;
}

/** The tables into which a piece of the archive is read. */
export async function openTables(scratch: Scratch): Promise<Tables> {
  const runs = await scratch.table('runs', [...ofRun, ...runColumns]);
  const results = await scratch.table('results', [...ofResult, ...resultColumns]);
  const evidence = await scratch.table('evidence', evidenceColumns);
  return {
    ...{ runs, results, evidence },
    async close() {
      for (const one of [runs, results, evidence]) await one.flush(true);
    },
  };
}
