import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { addPartitions } from '../../db/customer/partitions.ts';
import type { EvidenceRow } from '../../db/customer/rows.ts';
import { until } from '../../test/faults/until.ts';
import { type MariaDb, mariaDb } from '../../test/mariadb.ts';
import { buildWorld } from '../build-world.ts';
import { exportCustomer } from '../keeping/export.ts';
import { FakeLease } from './build-lease.ts';
import { partitionJob } from './partition-job.ts';

let mariadb: MariaDb;
before(async () => {
  mariadb = await mariaDb();
  process.env.VEDETTE_TEST_DATABASE = mariadb.url;
});
after(() => mariadb.close());

test('months are made ahead by one of two servers, and a customer that cannot be opened holds up no other', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const damaged = await world.addCustomer('Aardvark');
  const id = await world.addCustomer('Brandt');
  const months = () =>
    context.customers.use(id, async (db) => {
      const [rows] = await db.raw('show create table runs');
      return String(Object.values(rows[0])[1]).match(/PARTITION `p\d+`/g)?.length ?? 0;
    });
  const before = await months();
  await context.customers.use(damaged, (db) => db.schema.dropTable('runs'));
  world.advance(100 * 86_400_000);
  const lease = new FakeLease();
  const jobs = [partitionJob(context, lease), partitionJob(context, new FakeLease())];
  lease.gain(1);
  await until('three or four months more', async () => (await months()) >= before + 3);
  for (const job of jobs) await job.stop();
  assert.ok((await months()) <= before + 4);
});

test('months are made while the evidence of a customer is exported, however slow that is', {
  skip: process.platform === 'win32', // it has no such files that wait for who writes
}, async () => {
  await using world = await buildWorld();
  const { context } = world;
  const id = await world.addCustomer('Acme');
  const stored_sha256 = 'ab'.repeat(32);
  const row: EvidenceRow = {
    ...{ run_id: Buffer.alloc(16), position: 0, kind: 'screenshot', sent_sha256: stored_sha256, stored_sha256 },
    ...{ media_type: 'image/webp', bytes: 4, width: null, height: null },
  };
  await context.customers.use(id, (db) => db('evidence').insert(row));
  const folder = join(context.customers.folder(id), 'evidence', 'ab');
  const path = join(folder, stored_sha256);
  mkdirSync(folder);
  execFileSync('mkfifo', [path]);
  const exporting = exportCustomer(context, id, join(context.dataFolder, 'acme.vedette'));
  const writer = await openOnceRead(path);
  const later = context.now() + 100 * 86_400_000;
  const made = await context.customers.use(id, (db) => addPartitions(db, later)).finally(() => closeSync(writer));
  assert.ok(made > 0);
  assert.deepEqual((await exporting).files, { count: 1, bytes: 0, missing: 0 });
});

/** A descriptor to write to a pipe, once somebody has it open to read. */
async function openOnceRead(path: string): Promise<number> {
  let descriptor = -1;
  await until('somebody reads it', () => {
    try {
      descriptor = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
      return true;
    } catch {
      return false; // ENXIO
    }
  });
  return descriptor;
}
