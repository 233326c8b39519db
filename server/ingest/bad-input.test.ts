import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { RunRow } from '../../db/customer/rows.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { buildFailedRun, buildResult, buildRun } from './build-run.ts';
import { ingest } from './ingest.ts';

const now = Date.UTC(2026, 2, 1, 13);

async function buildWorld() {
  const customer = await buildCustomer();
  const sentinel = await customer.buildSentinel();
  const { id: monitorId } = await customer.buildMonitor();
  const take = (runs: readonly unknown[]) => ingest(customer.db, sentinel, runs, now);
  return { ...customer, monitorId, take };
}

/** The run as JSON, with a text put into its beginning. */
function written(run: Run, text: string): unknown {
  return JSON.parse(`{${text},${JSON.stringify(run).slice(1)}`);
}

test('fields that a newer sentinel adds anywhere are taken, and are in no row', async () => {
  await using world = await buildWorld();
  const strange = { canary: 'a field of tomorrow' };
  const { monitorId } = world;
  const load = { url: 'https://shop.example/', startUs: 0, requests: 3, bytes: 5000, ...strange };
  const run = {
    ...buildFailedRun({ monitorId }),
    ...strange,
    transactions: [{ ...buildResult({ name: 'Open' }), pageLoads: [load], ...strange }],
    evidence: [{ kind: 'screenshot', sha256: 'cd'.repeat(32), bytes: 1, mediaType: 'image/webp', ...strange }],
    page: { consoleErrors: [], failedRequests: [{ method: 'GET', url: '/', ...strange }], ...strange },
    host: { cpu: 0.5, stallUs: 1, freeMemoryBytes: 1, network: { interface: true, ...strange }, ...strange },
    usage: { cpuUs: 1, peakMemoryBytes: 1, ...strange },
  };
  assert.deepEqual(await world.take([run]), [{ id: run.id, status: 'stored' }]);
  for (const table of ['runs', 'transactions', 'transaction_results', 'evidence']) {
    const rows = await world.db(table);
    assert.ok(rows.length > 0, table);
    assert.ok(!JSON.stringify(rows).includes('tomorrow'), table);
  }
});

test('JSON that two readers could read differently is read once: what is checked is what is stored', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const twice = written(buildRun({ monitorId }), '"durationUs":-1');
  const hidden = written(buildRun({ monitorId }), '"__proto__":{"outcome":"failed","admin":true}');
  const refused = [
    written(buildRun({ monitorId, durationUs: 1e20 }), '"x":1'),
    JSON.parse(JSON.stringify(buildRun({ monitorId })).replace('"durationUs":900000', '"durationUs":1e400')),
    JSON.parse(JSON.stringify(buildRun({ monitorId })).replace('"durationUs":900000', '"durationUs":9007199254740993')),
    { ...buildRun({ monitorId }), scriptVersion: '1' },
    { ...buildRun({ monitorId }), scriptVersion: 1.5 },
    { ...buildRun({ monitorId }), startedAt: new Date(0).toISOString() },
    { ...buildRun({ monitorId }), transactions: { length: 1 } },
    { ...buildRun({ monitorId }), outcome: 'constructor' },
    { ...buildRun({ monitorId }), monitorId: `${monitorId}\n` },
  ];
  const answers = await world.take([twice, hidden, ...refused]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['stored', 'stored', ...refused.map(() => 'rejected')],
  );
  const rows = await world.db<RunRow>('runs');
  assert.deepEqual(
    rows.map((row) => [row.duration_us, row.outcome]),
    [
      [900_000, 'passed'],
      [900_000, 'passed'],
    ],
  );
  assert.equal(({} as { admin?: boolean }).admin, undefined);
});

test('a number that no column can hold is refused alone, on every engine', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const good = buildRun({ monitorId, scriptVersion: 2 ** 31 - 1 });
  const answers = await world.take([{ ...buildRun({ monitorId }), scriptVersion: 2 ** 31 }, good]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ['rejected', 'stored'],
  );
});

test('a text of millions of letters is refused where there is no room for it, in few words', async () => {
  await using world = await buildWorld();
  const text = '🦔'.repeat(1_000_000);
  const run = buildRun({ monitorId: world.monitorId });
  const [named, browser, id, unknown] = await world.take([
    { ...buildRun({ monitorId: world.monitorId }), transactions: [buildResult({ name: text })] },
    { ...buildRun({ monitorId: world.monitorId }), browser: text },
    { ...buildRun({ monitorId: world.monitorId }), id: text },
    { ...run, strange: text },
  ]);
  assert.match(named?.reason ?? '', /^transactions\[0\]\.name: .{1,200}$/);
  assert.match(browser?.reason ?? '', /^browser: .{1,200}$/);
  assert.deepEqual([id?.status, id?.id.length], ['rejected', 100]);
  assert.deepEqual(unknown, { id: run.id, status: 'stored' });
});

test('names of 500 characters in any script, to the left and to the right, are kept and told apart', async () => {
  await using world = await buildWorld();
  const names = [
    '🦔'.repeat(250),
    'ש'.repeat(500),
    '\u202E'.repeat(500),
    'Login',
    'login',
    'Login ',
    'Lögin',
    'L\u006F\u0308gin',
  ];
  const transactions = names.map((name) => buildResult({ name }));
  const run = buildRun({
    monitorId: world.monitorId,
    transactions,
    browser: '🦔'.repeat(100),
    reason: 'ש'.repeat(500),
  });
  for (const status of ['stored', 'exists']) assert.deepEqual(await world.take([run]), [{ id: run.id, status }]);
  assert.deepEqual(await world.db('transactions').orderBy('position').pluck('name'), names);
  const [row] = await world.db<RunRow>('runs');
  assert.deepEqual([row?.browser, row?.reason], [run.browser, run.reason]);
});
