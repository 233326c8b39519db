import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import type { RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { fileOf } from '../../db/engines/sqlite.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { until } from '../../test/faults/until.ts';
import { buildWorld } from '../build-world.ts';
import type { ServerContext, ServerEvents } from '../http/context.ts';
import { buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { markDirtyBetween } from '../rollups/dirty-hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { FakeLease } from './build-lease.ts';
import { passFence } from './fence.ts';
import { RollupJob } from './rollup-job.ts';

async function buildReporting() {
  const world = await buildWorld();
  const { context } = world;
  await addDamaged(context);
  const customerId = await world.addCustomer('Acme');
  const { id: monitorId } = await context.customers.use(customerId, (db) => buildMonitor(db));
  const sentinel = await world.enrolled(customerId);
  const report = () => {
    const run = buildRun({ monitorId, startedAt: context.now() });
    return sentinel.ask('POST', `${apiPrefix}/runs`, { body: { runs: [run] } });
  };
  const count = (table: string) => context.customers.use(customerId, async (db) => (await db(table)).length);
  return {
    context,
    customerId,
    monitorId,
    sentinelId: sentinel.id,
    report,
    count,
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

const damaged = '00000000-0000-4000-8000-000000000000' as string as CustomerId;

/** A customer whose database can't be opened, the first to be looked at. */
async function addDamaged({ registry, customers }: ServerContext): Promise<void> {
  const row: CustomerRow = {
    id: damaged,
    ...{ name: 'Aardvark', time_zone: 'UTC', engine: 'sqlite', created_at: 0, suspended_at: null, suspended_why: null },
    ...{ database_server: null, connection: null, schema_version: null, business_hours: null, password_renewal: null },
    ...{ archive_months_live: null, archive_erase_months: null, archive_hour_months: null },
  };
  await registry('customers').insert(row);
  mkdirSync(customers.folder(row.id), { recursive: true });
  writeFileSync(join(customers.folder(row.id), 'live.sqlite'), 'no database at all'.repeat(100));
}

test('runs that came in are rolled up soon, without anybody asking', async () => {
  await using reporting = await buildReporting();
  assert.equal((await reporting.report()).status, 200);
  await until('it is rolled up', async () => (await reporting.count('rollups')) > 0);
  await until('no hour is dirty', async () => (await reporting.count('dirty_hours')) === 0);
});

test('who does not hold the lease looks at no customer, and rolls up what others took in as soon as it has got it', async () => {
  await using reporting = await buildReporting();
  const { context } = reporting;
  await reporting.report();
  let looks = 0;
  const use: typeof context.customers.use = (id, work) => {
    looks++;
    return context.customers.use(id, work);
  };
  const lease = new FakeLease();
  const job = new RollupJob({ ...context, customers: { ...context.customers, use } }, lease, {
    quietMs: 1,
    sweepMs: 20,
  });
  await reporting.report();
  await sleep(100);
  assert.equal(looks, 0);
  lease.gain(1000);
  await until('the new holder has rolled it up', async () => looks > 0 && (await reporting.count('dirty_hours')) === 0);
  await job.stop();
  assert.ok((await reporting.count('rollups')) > 0);
});

test('whose runs another process took in is told to the one that does the jobs, without looking at all', async () => {
  await using reporting = await buildReporting();
  const { context, customerId } = reporting;
  const looked: CustomerId[] = [];
  const use: typeof context.customers.use = (id, work) => {
    looked.push(id);
    return context.customers.use(id, work);
  };
  const apart = { ...context, events: new EventEmitter<ServerEvents>(), customers: { ...context.customers, use } };
  const holder = new RollupJob(apart, new FakeLease(1000), { sweepMs: 20 });
  await until('all were looked at, as it begins', () => looked.length === 2);
  const other = new RollupJob(context, new FakeLease(), { quietMs: 1 });
  await until('it is told', async () => {
    await reporting.report(); // more than once: the server's own job may be the one that is told
    return looked.length > 2;
  });
  assert.deepEqual(new Set(looked.slice(2)), new Set([customerId]));
  for (const job of [holder, other]) await job.stop();
});

test('who finds that a later holder has written tells its lease', async () => {
  await using reporting = await buildReporting();
  const { context, customerId } = reporting;
  await reporting.report();
  await until('there is a fence', async () => (await reporting.count('job_fence')) === 1);
  await context.customers.use(customerId, (db) => passFence(db, 1000));
  await reporting.report();
  const halted = new FakeLease(999);
  const job = new RollupJob(context, halted, { quietMs: 1, sweepMs: 20 });
  await until('its lease is told', () => halted.outrun.includes(1000));
  await job.stop();
});

test('what comes while a customer takes long makes no queue: one turn waits, however often it is asked for', async () => {
  await using reporting = await buildReporting();
  const { context, customerId } = reporting;
  context.events.removeAllListeners('runsStored');
  const slow = Promise.withResolvers<void>();
  let [turns, others] = [0, 0];
  const use: typeof context.customers.use = async (id, work) => {
    if (id !== customerId) throw new Error(`another, ${++others}`);
    turns++;
    await slow.promise;
    return context.customers.use(id, work);
  };
  const events = new EventEmitter() as typeof context.events;
  const server = { ...context, events, customers: { ...context.customers, use } };
  const job = new RollupJob(server, new FakeLease(1000), { quietMs: 1, sweepMs: 60_000 });
  await until('a turn has begun', () => turns === 1);
  for (let n = 0; n < 10; n++) {
    events.emit('runsStored', customerId);
    await sleep(5);
  }
  const before = others;
  events.emit('runsStored', damaged); // behind all that waits
  await sleep(5);
  slow.resolve();
  await until('what came last has its turn', () => others > before, { limitMs: 50_000 });
  await job.stop();
  assert.equal(turns, 2);
});

test('where many hours are dirty SQLite is read beside the server, and the rows are the same', async () => {
  await using reporting = await buildReporting();
  const { context, customerId, monitorId, sentinelId } = reporting;
  context.events.removeAllListeners('runsStored');
  const inDatabase = <T>(work: (db: CustomerDb) => Promise<T>) => context.customers.use(customerId, work);
  const rows = () => inDatabase((db) => db<RollupRow>('rollups').orderBy(['hour', 'transaction_id']));
  const sentinel = { id: sentinelId, locationId: 'Utrecht' };
  const day = Math.floor(context.now() / 86_400_000 - 1) * 86_400_000; // in one go
  const starts = Array.from({ length: 60 }, (_, i) => day + i * 1_400_000);

  await inDatabase((db) =>
    ingest(
      db,
      sentinel,
      starts.map((startedAt) => buildRun({ monitorId, startedAt })),
      0,
    ),
  );
  const readHere: string[] = [];
  await inDatabase(async (db) => {
    db.on('query', ({ sql }) => readHere.push(sql));
  });
  const job = new RollupJob(context, new FakeLease(1000), { quietMs: 1, sweepMs: 20 });
  await until('no hour is dirty', async () => (await reporting.count('dirty_hours')) === 0);
  await job.stop();
  const made = await rows();
  const isFile = await inDatabase(async (db) => fileOf(db) !== undefined);
  assert.equal(
    readHere.some((sql) => sql.includes('transaction_results')),
    !isFile,
  );
  await inDatabase(async (db) => {
    await markDirtyBetween(
      db,
      { monitor_id: monitorId, sentinel_id: sentinelId },
      {
        from: Math.min(...starts),
        to: Math.max(...starts),
      },
    );
    await db('rollups').delete();
    await rollUpDirty(db);
  });
  assert.deepEqual(await rows(), made);
  assert.ok(made.length > 60);
});

test("a customer's damaged database does not keep the others' runs from being rolled up", async () => {
  await using reporting = await buildReporting();
  const { context } = reporting;
  context.events.removeAllListeners('runsStored'); // so that the sweep does it, over all customers
  await reporting.report();
  const job = new RollupJob(context, new FakeLease(1000), { quietMs: 1, sweepMs: 20 });
  await until('it is rolled up', async () => (await reporting.count('rollups')) > 0);
  await job.stop();
});
