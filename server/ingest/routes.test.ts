import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { apiPrefix, maxBatchBytes, maxRunsPerBatch, RunBatchAnswer } from '../../sentinel/protocol/messages.ts';
import { buildWorld, type World } from '../build-world.ts';
import { buildRun } from './build-run.ts';

const path = `${apiPrefix}/runs`;

async function buildReporter(world: World, name: string) {
  const customerId = await world.addCustomer(name);
  const sentinel = await world.enrolled(customerId);
  const { id: monitorId } = await world.context.customers.use(customerId, (db) => buildMonitor(db));
  const count = () =>
    world.context.customers.use(customerId, async (db) => (await db('runs').count({ n: '*' }))[0]?.n as number);
  return { customerId, monitorId, sentinel, count };
}

test('a batch, plain or packed, and a single run as the whole body are stored before they are answered', async () => {
  await using world = await buildWorld();
  const { monitorId, sentinel, count } = await buildReporter(world, 'Acme');
  const batch = () => Buffer.from(JSON.stringify({ runs: [buildRun({ monitorId }), buildRun({ monitorId })] }));
  const json = { 'content-type': 'application/json' };
  const bodies: [unknown, Record<string, string>][] = [
    [batch(), json],
    [gzipSync(batch()), { ...json, 'content-encoding': 'gzip' }],
    [zstdCompressSync(batch()), { ...json, 'content-encoding': 'zstd' }],
    [buildRun({ monitorId }), json],
  ];
  for (const [body, headers] of bodies) {
    const answer = await sentinel.ask('POST', path, { body, headers });
    const { runs } = RunBatchAnswer.parse(answer.json());
    assert.ok(
      runs.every((run) => run.status === 'stored'),
      answer.text,
    );
  }
  assert.equal(await count(), 7);
});

test('runs go to the customer of the key, and a monitor of another customer is unknown', async () => {
  await using world = await buildWorld();
  const acme = await buildReporter(world, 'Acme');
  const other = await buildReporter(world, 'Other');
  const answer = await other.sentinel.ask('POST', path, { body: buildRun({ monitorId: acme.monitorId }) });
  assert.equal(RunBatchAnswer.parse(answer.json()).runs[0]?.status, 'rejected');
  assert.deepEqual([await acme.count(), await other.count()], [0, 0]);
  assert.equal((await world.ask('POST', path, { body: buildRun({ monitorId: acme.monitorId }) })).status, 401);
});

test('requests that come together are each answered for their own runs', async () => {
  await using world = await buildWorld();
  const { monitorId, sentinel, count } = await buildReporter(world, 'Acme');
  const sent = Array.from({ length: 12 }, () => buildRun({ monitorId }));
  const answers = await Promise.all(sent.map((run) => sentinel.ask('POST', path, { body: { runs: [run] } })));
  const ids = answers.map((answer) => RunBatchAnswer.parse(answer.json()).runs.map((run) => run.id));
  assert.deepEqual(
    ids,
    sent.map((run) => [run.id]),
  );
  assert.equal(await count(), 12);
});

test('a body that is no batch is refused with the reason', async () => {
  await using world = await buildWorld();
  const { monitorId, sentinel } = await buildReporter(world, 'Acme');
  const tooMany = { runs: Array.from({ length: maxRunsPerBatch + 1 }, () => buildRun({ monitorId })) };
  for (const body of [{}, [], { runs: [] }, tooMany, 'text']) {
    const answer = await sentinel.ask('POST', path, { body });
    assert.deepEqual([answer.status, answer.code], [400, 'BODY_INVALID'], answer.text);
  }
  const bomb = gzipSync(Buffer.alloc(maxBatchBytes + 1, ' '));
  const answer = await sentinel.ask('POST', path, {
    body: bomb,
    headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' },
  });
  assert.equal(answer.status, 413);
});

test('a batch with 10 MB of one text, or with bytes that are no UTF-8, is refused whole, and the next one is taken', async () => {
  await using world = await buildWorld();
  const { monitorId, sentinel } = await buildReporter(world, 'Acme');
  const headers = { 'content-type': 'application/json' };
  const good = JSON.stringify({ runs: [buildRun({ monitorId })] });
  const long = good.replace('"id"', `"strange":"${'x'.repeat(10_000_000)}","id"`);
  const broken = Buffer.from(good.replace('"id"', '"browser":"?","id"'));
  broken[broken.indexOf('?')] = 0xff;
  const packed = { ...headers, 'content-encoding': 'gzip' };
  const answers = [
    await sentinel.ask('POST', path, { body: Buffer.from(long), headers }),
    await sentinel.ask('POST', path, { body: gzipSync(long), headers: packed }),
    await sentinel.ask('POST', path, { body: broken, headers }),
    await sentinel.ask('POST', path, { body: Buffer.from(good), headers }),
  ];
  assert.deepEqual(
    answers.map(({ status, code }) => [status, code]),
    [
      [413, 'BODY_TOO_LARGE'],
      [413, 'BODY_TOO_LARGE'],
      [400, 'BODY_INVALID'],
      [200, undefined],
    ],
  );
  const { use } = world.context.customers;
  assert.equal((await use(sentinel.customerId, (db) => db('runs'))).length, 1);
});

test('whoever rolls up is told at once', async () => {
  await using world = await buildWorld();
  const { customerId, monitorId, sentinel } = await buildReporter(world, 'Acme');
  const stored = new Promise((resolve) => world.context.events.once('runsStored', resolve));
  await sentinel.ask('POST', path, { body: buildRun({ monitorId }) });
  assert.equal(await stored, customerId);
});
