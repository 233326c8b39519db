import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { buildWorld } from '../build-world.ts';
import type { ServerContext } from '../http/context.ts';
import { buildRun } from '../ingest/build-run.ts';
import { holdLease } from './lease.ts';
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
  return { context, report, count, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

/** A customer whose database can't be opened, the first to be looked at. */
async function addDamaged({ registry, customers }: ServerContext): Promise<void> {
  const row: CustomerRow = {
    id: '00000000-0000-4000-8000-000000000000' as string as CustomerId,
    ...{ name: 'Aardvark', time_zone: 'UTC', engine: 'sqlite', created_at: 0, suspended_at: null, suspended_why: null },
    ...{ database_server: null, connection: null, schema_version: null, business_hours: null },
  };
  await registry('customers').insert(row);
  mkdirSync(customers.folder(row.id), { recursive: true });
  writeFileSync(join(customers.folder(row.id), 'live.sqlite'), 'no database at all'.repeat(100));
}

/** Returns once `holds` does; the test's own time limit ends it otherwise. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(20);
}

test('runs that came in are rolled up soon, without anybody asking', { timeout: 20_000 }, async () => {
  await using reporting = await buildReporting();
  assert.equal((await reporting.report()).status, 200);
  await until(async () => (await reporting.count('rollups')) > 0);
  await until(async () => (await reporting.count('dirty_hours')) === 0);
});

test('what another process took in is found by the sweep, by whoever holds the lease', {
  timeout: 20_000,
}, async () => {
  await using reporting = await buildReporting();
  const { context } = reporting;
  context.events.removeAllListeners('runsStored'); // as if another process had taken them in
  await context.registry('leases').delete();
  await holdLease(context.registry, 'rollups', 'another server', context.now(), 3_600_000);
  await reporting.report();
  const job = new RollupJob(context, { quietMs: 1, sweepMs: 20 });
  await until(async () => (await context.registry('leases').first()).holder === 'another server');
  assert.ok((await reporting.count('dirty_hours')) > 0);
  await context.registry('leases').update({ expires_at: 0 });
  await until(async () => (await reporting.count('dirty_hours')) === 0);
  await job.stop();
  assert.ok((await reporting.count('rollups')) > 0);
});

test("a customer's damaged database does not keep the others' runs from being rolled up", {
  timeout: 20_000,
}, async () => {
  await using reporting = await buildReporting();
  const { context } = reporting;
  context.events.removeAllListeners('runsStored'); // so that the sweep does it, over all customers
  await reporting.report();
  const job = new RollupJob(context, { quietMs: 1, sweepMs: 20 });
  await until(async () => (await reporting.count('rollups')) > 0);
  await job.stop();
});
