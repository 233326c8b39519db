import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { apiPrefix, RunBatchAnswer } from '../../sentinel/protocol/messages.ts';
import { buildWorld } from '../build-world.ts';
import { buildRun } from './build-run.ts';

test('while the disk is full a run is refused with a time to come again, nothing of it stays, and then it is taken', async () => {
  await using world = await buildWorld();
  const { use } = world.context.customers;
  const customerId = await world.addCustomer('Acme');
  const { ask } = await world.enrolled(customerId);
  const { id: monitorId } = await use(customerId, (db) => buildMonitor(db));
  const send = (more: object = {}) =>
    ask('POST', `${apiPrefix}/runs`, { body: { runs: [{ ...buildRun({ monitorId }), ...more }] } });
  await send();
  const limit = (pages: string) => use(customerId, (db) => db.raw(`pragma max_page_count = ${pages}`));
  const counts = () =>
    use(customerId, async (db) => {
      const tables = ['runs', 'transaction_results', 'audit'];
      return Promise.all(tables.map(async (table) => (await db(table)).length));
    });
  const before = await counts();
  await limit('1'); // as many as there are now
  const large = { page: { consoleErrors: Array(20).fill('x'.repeat(500)), failedRequests: [] } };
  const answer = await send(large);
  assert.deepEqual([answer.status, answer.code, answer.headers['retry-after']], [503, 'DATABASE_UNUSABLE', '5']);
  assert.deepEqual(await counts(), before);
  await limit('1000000');
  const again = await send(large);
  assert.equal(RunBatchAnswer.parse(again.json()).runs[0]?.status, 'stored', again.text);
});
