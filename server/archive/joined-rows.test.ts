import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Knex } from 'knex';
import { firstIdAt } from '../../db/customer/months.ts';
import { isMysql } from '../../db/engines/dialect.ts';
import { type ArchiveWorld, buildArchive, january } from './build-archive.ts';
import { checkJoining, joinedIn, type Part } from './joined-rows.ts';
import { keepIds } from './keep-ids.ts';

let world: ArchiveWorld;
const minute = 60_000;

before(async () => {
  world = await buildArchive();
  await world.send([0, 1, 2, 3, 40].map((at) => january.from + at * minute));
});
after(() => world[Symbol.asyncDispose]());

const span = { from: january.from, to: january.from + 60 * minute, rows: 5 };

/** What is joined of January's first hour in two parts, and which parts were asked for, by their beginnings. */
async function joined(db: Knex, text: string): Promise<{ counts: number[]; asked: number[] }> {
  const [counts, asked]: number[][] = [[], []];
  const rows = ({ from, to }: Part) => {
    asked?.push(from);
    return db('runs').where('id', '>=', firstIdAt(from)).where('id', '<', firstIdAt(to));
  };
  for await (const { count } of joinedIn(db as never, rows, text, span, 3)) counts?.push(count);
  return { counts: counts ?? [], asked: asked ?? [] };
}

test('rows whose text is too long are asked for in halves, and nothing that comes after them before', async () => {
  const long = `replace('${'x'.repeat(1000)}', 'x', '${'y'.repeat(3000)}')`; // 3 MB
  const { counts, asked } = await world.use((db) => joined(db, long));
  assert.equal(
    counts.reduce((sum, count) => sum + count, 0),
    5,
  );
  assert.ok(asked.length > 3);
  assert.deepEqual(
    asked,
    asked.toSorted((a, b) => a - b),
  );
});

test('rows that come without their texts are not passed over', async () => {
  await assert.rejects(
    world.use((db) => joined(db, 'null')),
    /4 rows of 2025-01-01T00:00:00.000Z came without what they hold/,
  );
});

test('a database that would cut texts off is told what to set, before anything is read', async () => {
  await world.use((db) => checkJoining(db));
  const small = { client: { dialect: 'mysql' }, raw: async () => [[{ bytes: 4 * 2 ** 20 - 1024 }]] };
  await assert.rejects(checkJoining(small as never), /at most 4193280 bytes.*raise its max_allowed_packet to 16M/);
});

test('ids that come cut off are not kept: a run that is sent again would be taken for a new one', async () => {
  await assert.rejects(
    world.use(async (db) => {
      if (isMysql(db)) await db.raw('set session group_concat_max_len = 100');
      else await db('runs').update({ id: db.raw('cast(substr(id, 1, 15) as blob)') });
      await keepIds(db, { piece: { month: january, part: 0 }, guard: async () => {} } as never);
    }),
    /of the ids of 5 runs of 2025-01-01T00:00:00.000Z \d\d bytes came, not 80/,
  );
  assert.deepEqual(await world.use((db) => db('archived_runs')), []);
});
