import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { until } from '../../test/faults/until.ts';
import { buildWorld, type World } from '../build-world.ts';
import type { ServerEvents } from '../http/context.ts';
import type { usualLimits } from '../http/limits.ts';
import { buildFailedRun } from '../ingest/build-run.ts';
import { FakeLease } from '../jobs/build-lease.ts';
import { cleanUpJob } from '../jobs/clean-up-job.ts';
import { evidenceRooms, type RoomyStore } from './evidence-room.ts';

const bytesEach = 1_900_000;

/** Rooms of as many servers with the same customer, which may have a hundred files of this size. */
async function buildRooms(world: World, servers: number) {
  const id = await world.addCustomer('Acme');
  const content = Buffer.alloc(1000);
  const events = new EventEmitter<ServerEvents>();
  const context = { ...world.context, events, evidenceBytes: 100 * content.length };
  let put = 0;
  const rooms = Array.from({ length: servers }, () => evidenceRooms(context)(id));
  const store = async (room: RoomyStore) => {
    await room.check();
    content.writeUInt32BE(++put);
    await room.put(sha256Hex(content), content);
  };
  return { rooms, store, evidence: join(world.context.customers.folder(id), 'evidence'), stored: () => put };
}

/** Each customer may have 0.01 GiB: five traces, and a tenth of it until it is looked. */
const buildSmallWorld = (evidence: Partial<(typeof usualLimits)['evidence']>) =>
  buildWorld({
    settings: { evidenceGib: 0.01 },
    limits: { evidence: { leastFree: 0, lookEveryMs: 0, ...evidence } },
  });

/** Reports a run with a trace of its own, and then sends that. */
async function buildReporter(world: World, name: string) {
  const customerId = await world.addCustomer(name);
  const { ask } = await world.enrolled(customerId);
  const { id: monitorId } = await world.context.customers.use(customerId, (db) => buildMonitor(db));
  let made = 0;
  return async () => {
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(bytesEach, ++made)]);
    const [sha256, mediaType] = [sha256Hex(body), 'application/zip'];
    const evidence = [{ kind: 'trace' as const, sha256, bytes: body.length, mediaType }];
    const run = buildFailedRun({ monitorId, startedAt: world.context.now() + made, evidence });
    assert.equal((await ask('POST', `${apiPrefix}/runs`, { body: run })).status, 200);
    return () => ask('PUT', `${apiPrefix}/evidence/${sha256}`, { body, headers: { 'content-type': mediaType } });
  };
}

test('who sends more than its quota waits until the oldest is gone, its results and its neighbour do not', async () => {
  await using world = await buildSmallWorld({});
  const [flood, other] = [await buildReporter(world, 'Acme'), await buildReporter(world, 'Other')];
  const first = await flood();
  let [taken, put] = [0, first];
  for (; taken < 20 && (await put()).status === 204; put = await flood()) taken++;
  assert.ok(taken >= 5 && taken <= 7, `${taken} files were taken`);
  const refused = await put();
  assert.deepEqual([refused.status, refused.code, refused.headers['retry-after']], [429, 'BUSY', '60']);
  assert.equal((await first()).status, 204, 'what is there already takes no room');
  assert.equal((await (await other())()).status, 204);

  const job = cleanUpJob(world.context, new FakeLease(1000), { fullMs: 20 });
  await until('the oldest is gone and the next is taken', async () => (await put()).status === 204);
  await job.stop();
});

test('two servers that store evidence of one customer take no more than one, but for a tenth', async () => {
  await using world = await buildWorld({ limits: { evidence: { leastFree: 0, lookEveryMs: 60_000 } } });
  const { rooms, store, stored } = await buildRooms(world, 2);
  for (const room of [...rooms, ...rooms]) {
    const fill = async () => {
      for (let i = 0; i < 60; i++) await store(room);
    };
    await fill().catch((error) => assert.equal(error.status, 429));
  }
  assert.ok(stored() >= 110 && stored() <= 120, `${stored()} files of 100`);
});

test('where too much of a customer came to one server another that does the jobs makes room', async () => {
  await using world = await buildWorld({ limits: { evidence: { leastFree: 0, lookEveryMs: 0 } } });
  const { rooms, store } = await buildRooms(world, 1);
  const [room] = rooms;
  assert.ok(room);
  const fill = async () => {
    for (let i = 0; i < 120; i++) await store(room);
  };
  await assert.rejects(fill(), { status: 429 });
  world.advance(2 * 3_600_000); // no run names these files
  const job = cleanUpJob(world.context, new FakeLease(1000), { fullMs: 20 });
  await until('the next is taken', () =>
    store(room).then(
      () => true,
      () => false,
    ),
  );
  await job.stop();
});

test('who comes while it is looked how much there is waits for that, and a look that fails is made again', async () => {
  await using world = await buildWorld({ limits: { evidence: { leastFree: 0, lookEveryMs: 60_000 } } });
  const { rooms, store, evidence, stored } = await buildRooms(world, 1);
  const [room] = rooms;
  assert.ok(room);
  for (let i = 0; i < 10; i++) await store(room);
  await rename(evidence, `${evidence}.away`);
  await writeFile(evidence, 'no folder');
  await assert.rejects(store(room), { code: 'ENOTDIR' });
  await rm(evidence);
  await rename(`${evidence}.away`, evidence);
  await Promise.all([room.check(), room.check(), room.check()]);
  assert.equal(stored(), 10);
});

test('where the disk is nearly full results are taken and evidence is not', async () => {
  await using world = await buildSmallWorld({ leastFree: Number.MAX_SAFE_INTEGER });
  const send = await buildReporter(world, 'Acme');
  const refused = await (await send())();
  assert.deepEqual([refused.status, refused.code, refused.headers['retry-after']], [503, 'DISK_FULL', '60']);
});
