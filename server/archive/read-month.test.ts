import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { type ArchiveWorld, buildArchive, january } from './build-archive.ts';
import { readNames } from './names.ts';
import { readMonth } from './read-month.ts';
import { openScratch, quoted, type Scratch } from './scratch.ts';
import { fileSums, liveSums } from './sums.ts';
import { writeParquet } from './write-parquet.ts';

const isLong = process.env.VEDETTE_LONG !== undefined;
const texts = {
  runs: ['error_message', 'error_location', 'reason', 'evidence_missing', 'browser'],
  transaction_results: ['error_code', 'error_message', 'error_location', 'reason'],
};

/** January as it would be moved: `look` is given what was written of it. */
async function written(world: ArchiveWorld, look: (scratch: Scratch) => Promise<void>): Promise<void> {
  const folder = join(world.root, 'scratch');
  rmSync(folder, { recursive: true, force: true });
  await world.use(async (db) => {
    await using scratch = await openScratch(folder);
    const names = await readNames(db);
    await readMonth(db, january, names, scratch);
    await writeParquet(scratch, names, true);
    assert.deepEqual(await fileSums(scratch), await liveSums(db, { month: january, part: 0 }, names));
    await look(scratch);
  });
}

const ask = (scratch: Scratch, columns: string, file: string, order = '') =>
  scratch.ask(`select ${columns} from ${quoted(join(scratch.folder, file))} ${order}`);

/** With a letter before it: at the beginning of a text V8 leaves a byte order mark out. */
const whole = (column: string) => `'.' || ${column} as ${column}`;

test('any text goes into the files as it is, and no text stays none', async () => {
  await using world = await buildArchive();
  await world.send(Array.from({ length: 10 }, (_, i) => january.from + i * 60_000));
  const odd = fc.constantFrom(
    '',
    ' ',
    '"',
    '""',
    ',',
    '\n',
    '\r\n',
    '\\',
    '\\N',
    "'",
    'NULL',
    '\ufeff',
    '\0',
    '🌙"',
    '\u2028',
  );
  const text = fc.oneof(
    ...[fc.constant(null), odd, fc.string({ unit: 'binary', maxLength: 20 })],
    fc.array(odd, { maxLength: 9 }).map((some) => some.join('')),
  );
  const long = `"${'🌙,\n'.repeat(500_000)}"`; // longer than what is read of a file at a time
  const holds = fc.asyncProperty(fc.array(text, { minLength: 97, maxLength: 97 }), async (some) => {
    let next = 0;
    const values = (columns: readonly string[]) =>
      Object.fromEntries(columns.map((name) => [name, some[next++ % some.length]?.slice(0, 30) ?? null]));
    await world.use(async (db) => {
      for (const { id } of await db('runs').orderBy('id')) {
        await db('runs')
          .where({ id })
          .update(values([...texts.runs, 'details']));
        for (const position of [0, 1]) {
          await db('transaction_results').where({ run_id: id, position }).update(values(texts.transaction_results));
        }
      }
      const { run_id } = await db('transaction_results').orderBy('run_id').first();
      await db('transaction_results').where({ run_id, position: 1 }).update({ error_message: long });
    });
    await written(world, async (scratch) => {
      const live = await world.use(async (db) => ({
        runs: await db('runs')
          .orderBy('id')
          .select([...texts.runs, 'details']),
        results: await db('transaction_results').orderBy(['run_id', 'position']).select(texts.transaction_results),
      }));
      const marked = (row: Record<string, unknown>) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === null ? null : `.${value}`]));
      const found = {
        runs: await ask(scratch, [...texts.runs, 'details'].map(whole).join(', '), 'runs.parquet', 'order by id'),
        results: await ask(
          scratch,
          texts.transaction_results.map(whole).join(', '),
          'results.parquet',
          'order by run, position',
        ),
      };
      assert.deepEqual(found, { runs: live.runs.map(marked), results: live.results.map(marked) });
    });
  });
  await fc.assert(holds, { numRuns: isLong ? 100 : 2 });
});

test('rows lie by monitor, transaction and time, whatever the order in which they came', async () => {
  await using world = await buildArchive();
  const other = await world.use(async (db) => (await buildMonitor(db, { name: 'Another' })).id);
  const sentinels = Array.from({ length: 5 }, () => ({ ...world.sentinel, id: crypto.randomUUID() }));
  const desk = { platform: 'linux', version: '0.1.0', enrolled_at: 0, location_id: world.sentinel.locationId };
  const rows = sentinels.map(({ id }, i) => ({ ...desk, id, name: `desk's ${i}` }));
  await world.use((db) => insertAll(db, 'sentinels', rows));
  const runs = Array.from({ length: 120 }, (_, i) => {
    const startedAt = january.from + ((i * 37) % 120) * 60_000;
    // By a clock that is off the id is of another minute.
    const values = { startedAt, id: newRunId(january.from + i * 61_000), monitorId: i % 3 ? other : world.monitorId };
    return i % 7 ? buildRun(values) : buildFailedRun(values);
  });
  await world.use(async (db) => {
    for (const [i, sentinel] of sentinels.entries()) {
      const own = runs.filter((_, at) => at % 5 === i);
      await ingest(db, sentinel, own, january.to);
    }
  });
  await written(world, async (scratch) => {
    const named = rows.map(({ id, name }) => ({ sentinel_id: id, sentinel: name, location: 'Utrecht' }));
    assert.deepEqual(
      await ask(scratch, 'distinct sentinel_id, sentinel, location', 'runs.parquet', 'order by sentinel'),
      named,
    );
    const inOrder = async (columns: string, file: string) => {
      const from = `(select (${columns}) as place, lag((${columns})) over () as before from ${quoted(join(scratch.folder, file))})`;
      const [found] = await scratch.ask(
        `select count(*)::int as rows, (count(*) filter (before > place))::int as astray from ${from}`,
      );
      return found;
    };
    assert.deepEqual(await inOrder('monitor, started_at, id, run', 'runs.parquet'), { rows: 120, astray: 0 });
    assert.deepEqual(await inOrder('monitor, transaction, started_at, run', 'results.parquet'), {
      rows: 240,
      astray: 0,
    });
  });
});
