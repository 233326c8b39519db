import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import { addMonitor } from '../assignments/monitors.ts';
import { publish } from '../assignments/publish.ts';
import { buildWorld } from '../build-world.ts';
import { holdLease } from './lease.ts';
import { RollupJob } from './rollup-job.ts';

const source = `import { test } from '@playwright/test';
test('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;

async function buildReporting() {
  const world = await buildWorld();
  const { context } = world;
  const customerId = await world.addCustomer('Acme');
  const { sha256 } = await publish(context, customerId, { script: { name: 'home.spec.ts', source }, author: 'test' });
  const monitorId = await addMonitor(context, customerId, { name: 'Home', script: 'home.spec.ts', everyMs: 60_000 });
  const sentinel = await world.enrolled(customerId);
  const report = () => {
    const at = context.now();
    const run = {
      ...{
        id: newRunId(at),
        monitorId,
        scriptSha256: sha256,
        scriptVersion: 1,
        dueAt: at,
        startedAt: at,
        durationUs: 5,
      },
      ...{ outcome: 'passed', evidence: [] },
      transactions: [{ name: 'Home', outcome: 'passed', startUs: 0, durationUs: 5, responseUs: 4 }],
    };
    return sentinel.ask('POST', `${apiPrefix}/runs`, { body: { runs: [run] } });
  };
  const count = (table: string) => context.customers.use(customerId, async (db) => (await db(table)).length);
  return { context, report, count, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
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
  const job = new RollupJob(context, { gatherMs: 1, sweepMs: 20 });
  await until(async () => (await context.registry('leases').first()).holder === 'another server');
  assert.ok((await reporting.count('dirty_hours')) > 0);
  await context.registry('leases').update({ expires_at: 0 });
  await until(async () => (await reporting.count('dirty_hours')) === 0);
  await job.stop();
  assert.ok((await reporting.count('rollups')) > 0);
});
