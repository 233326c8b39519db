import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Knex } from 'knex';
import { firstIdAt } from '../../db/customer/months.ts';
import type { EvidenceRow, RunRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import { openDatabase } from '../../db/open-database.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { commandLine } from '../audit/audit.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import { buildFailedRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { eraseCustomer } from '../keeping/erase.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { type ArchiveWorld, buildArchive, january, present } from './build-archive.ts';
import { eraseOld } from './erase-archive.ts';
import { bringBack, confirmSet, makeSet, receiptFile } from './export-set.ts';
import { openMonth } from './open-month.ts';
import { listPieces } from './pieces.ts';
import { restoredMonths, restoreMonth } from './restore.ts';
import { runArchive } from './run-archive.ts';
import { setArchiveSettings } from './settings.ts';
import { drill, verifyArchive } from './verify-archive.ts';

/* What an archive is for once months are in it; one world, whose archive each test leaves as it was. */

let world: ArchiveWorld;
let folder: string;
const seen = Buffer.from('- heading "Out of order"');
const sha256 = createHash('sha256').update(seen).digest('hex');
/** What a text can hold that a line of text can't. */
const odd = '\ufeffit said "no, never";\r\n\tthen, \\ nothing: ’s avonds 🌙,';
/** Rows of January and its supplement as they were before they were moved. */
const asSent: { runs: Record<string, unknown>[]; results: Record<string, unknown>[] } = { runs: [], results: [] };

/** Rows in an order of their own; content hashes stay in the live database. */
async function rowsIn(db: Knex, table: 'runs' | 'transaction_results', id: string): Promise<Record<string, unknown>[]> {
  const rows = await db(table)
    .where(id, '<', firstIdAt(january.to))
    .orderBy([id, 'started_at', ...(id === 'id' ? [] : ['position'])]);
  const hexadecimal = (value: unknown) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value);
  return rows.map(({ content_hash: _, ...row }) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, hexadecimal(value)])),
  );
}

before(async () => {
  world = await buildArchive({ keepCopy: true });
  folder = mkdtempSync(join(tmpdir(), 'vedette-reading-'));
  const { monitorId, server, customer } = world;
  const evidence = [{ kind: 'aria' as const, sha256, bytes: seen.length, mediaType: 'text/yaml' }];
  const page = { url: 'https://shop.test/cart', consoleErrors: [], failedRequests: [] };
  const failed = buildFailedRun({
    monitorId,
    startedAt: january.from + 5000,
    evidence,
    page,
    error: { code: 'ASSERTION', message: odd },
  });
  await world.use(async (db) => {
    await ingest(db, world.sentinel, [failed], january.from + 60_000);
    await db<EvidenceRow>('evidence').update({ stored_sha256: sha256 });
    await rollUpDirty(db);
  });
  await evidenceOf(server, customer.id).put(sha256, seen);
  const hours = Array.from({ length: 24 }, (_, i) => january.from + (i + 1) * 3_600_000);
  await world.send([...hours, present - 3_600_000]);
  await world.use(async (db) => {
    asSent.runs = await rowsIn(db, 'runs', 'id');
    asSent.results = await rowsIn(db, 'transaction_results', 'run_id');
  });
  await runArchive(server, customer.id);
  await world.send([january.from + 77], present);
  await runArchive(server, customer.id);
});

after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test('what is in the archive is listed, verified and opened', async () => {
  const { server, customer } = world;
  const pieces = await world.use((db) => listPieces(server, db));
  assert.deepEqual(
    pieces.map(({ name, state, runs, results, evidence }) => [name, state, runs, results, evidence]),
    [
      ['2025-01', 'removed', 25, 50, 1],
      ['2025-01.1', 'removed', 1, 2, 0],
      ['2025-02', 'removed', 0, 0, 0],
    ],
  );
  const names = pieces.map(({ name }) => name);
  const identities = [world.key.identity];
  const verified = await verifyArchive(server, customer.id, { identities });
  assert.deepEqual(verified, { verified: names, opened: names, faults: [] });
  assert.equal((await verifyArchive(server, customer.id, { sample: 2 })).verified.length, 2);
  const to = join(folder, 'opened');
  assert.deepEqual(await openMonth(server, customer.id, january, identities, to), ['2025-01', '2025-01.1']);
  const packed = readFileSync(join(to, '2025-01', 'evidence.tar'));
  assert.ok(packed.includes(seen) && packed.includes(sha256));
});

test('what is missing from the archive is found, and what nobody knows', async () => {
  const { server, customer, root } = world;
  const row = await world.use((db) => db('archive_months').where({ part: 0 }).orderBy('from_at', 'desc').first());
  const file = join(root, customer.id, row.folder, 'runs.parquet.age');
  const whole = readFileSync(file);
  rmSync(file);
  await world.use((db) => db('archive_months').where({ part: 1 }).update({ part: 2 }));
  writeFileSync(join(root, customer.id, '2024-12-00000000'), '');
  const { faults } = await verifyArchive(server, customer.id);
  assert.deepEqual(
    faults.map(({ piece }) => piece),
    ['2025-01.2', '', '2025-02'],
  );
  const [, , told] = await world.use((db) => listPieces(server, db));
  assert.match(told?.fault ?? '', /runs\.parquet\.age is missing/);
  rmSync(join(root, customer.id, '2024-12-00000000'));
  await world.use((db) => db('archive_months').where({ part: 2 }).update({ part: 1 }));
  writeFileSync(file, whole);
  assert.deepEqual((await verifyArchive(server, customer.id)).faults, []);
});

test('once a week a month is verified by itself, and opened where the customer left a copy of the identity', async () => {
  const { server, customer, root } = world;
  const after = (days: number) => drill({ ...server, now: () => present + days * 86_400_000 }, customer.id);
  assert.equal(await after(6), null);
  const first = await after(8);
  assert.deepEqual([first?.verified.length, first?.faults], [1, []]);
  assert.deepEqual(first?.opened, first?.verified);
  assert.equal(await after(14), null);
  const seals = globSync('*/seal.json', { cwd: join(root, customer.id) }).map((file) => join(root, customer.id, file));
  for (const file of seals) appendFileSync(file, ' ');
  assert.match((await after(16))?.faults[0]?.fault ?? '', /seal\.json/);
  for (const file of seals) writeFileSync(file, readFileSync(file, 'utf8').slice(0, -1));
  assert.deepEqual((await after(24))?.faults, []);
});

test('a restored month is there beside the live rows, as it was, until its time is over', async () => {
  const { server, customer } = world;
  const [live] = await world.use((db) => db('runs').count({ n: '*' }));
  const until = present + 1000;
  const identities = [world.key.identity];
  const done = await restoreMonth(server, customer.id, january, { identities, until });
  assert.deepEqual([done.runs, done.results], [26, 52]);
  const db = await openDatabase(done.file, 'up to date');
  const run = (await db<RunRow>('runs').where({ outcome: 'failed' }).orderBy('id').first()) as RunRow;
  const results = await db('transaction_results').where({ run_id: run.id }).orderBy('position');
  const ofMonth = new Set(asSent.runs.map(({ id }) => id));
  const runs = (await rowsIn(db, 'runs', 'id')).filter(({ id }) => ofMonth.has(id));
  const all = (await rowsIn(db, 'transaction_results', 'run_id')).filter(({ run_id }) => ofMonth.has(run_id));
  await db.destroy();
  assert.deepEqual(runs, asSent.runs);
  assert.deepEqual(all, asSent.results);
  assert.equal(run.error_message, odd);
  assert.equal(run.started_at, january.from + 5000);
  assert.ok(runIdOf(run.id).startsWith('01941f'));
  assert.deepEqual(
    results.map(({ outcome, error_code, response_us }) => [outcome, error_code, response_us]),
    [
      ['passed', null, 250_000],
      ['failed', 'ASSERTION', null],
    ],
  );
  assert.match(String(run.details), /shop\.test\/cart/);
  assert.deepEqual(await world.use((db) => db('runs').count({ n: '*' })), [live]);
  await assert.rejects(restoreMonth(server, customer.id, january, { identities, until }), /restored already/);
  assert.equal(restoredMonths(server, customer.id).length, 1);
  assert.equal(restoredMonths({ ...server, now: () => until }, customer.id).length, 0);
  assert.ok(!existsSync(done.file));
});

test('a set that was carried away leaves the manifests alone, and comes back as it was', async () => {
  const { server, customer, root } = world;
  const set = join(folder, 'set');
  const pieces = await makeSet(server, customer.id, set);
  assert.equal(pieces.length, 3);
  assert.deepEqual(await confirmSet(server, customer.id, join(set, receiptFile)), pieces);
  assert.deepEqual(readdirSync(join(root, customer.id)), []);
  assert.deepEqual(await confirmSet(server, customer.id, join(set, receiptFile)), []);
  const away = await world.use((db) => listPieces(server, db));
  assert.deepEqual([away[0]?.folder, away[0]?.runs], [null, 25]);
  await assert.rejects(
    restoreMonth(server, customer.id, january, { identities: [world.key.identity], until: present + 1 }),
    /was carried away/,
  );
  assert.deepEqual(await bringBack(server, customer.id, set), pieces);
  assert.deepEqual((await verifyArchive(server, customer.id)).faults, []);
});

test('months that have reached the age a customer has set are erased, and with the customer all are', async () => {
  const { server, customer, root } = world;
  const wish = { monthsLive: 18, hourMonths: 6, eraseMonths: 19 };
  await assert.rejects(
    setArchiveSettings(server, customer.id, { monthsLive: 0, hourMonths: 6, eraseMonths: null }, commandLine),
    /from 1 to 1200/,
  );
  await assert.rejects(setArchiveSettings(server, customer.id, { ...wish, eraseMonths: 18 }, commandLine), /more than/);
  await setArchiveSettings(server, customer.id, wish, commandLine);
  assert.deepEqual(await eraseOld(server, customer.id), ['2025-01', '2025-01.1']);
  assert.equal(readdirSync(join(root, customer.id)).length, 1);
  const { archive, left } = await eraseCustomer(server, customer.id);
  assert.deepEqual([archive.files > 0, left, existsSync(join(root, customer.id))], [true, null, false]);
  assert.equal(await server.registry<CustomerRow>('archive_keys').first(), undefined);
});
