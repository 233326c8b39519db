import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openRegistry } from '../../db/registry/registry.ts';
import { testDatabase } from '../../db/test-database.ts';
import type { ServerContext } from '../http/context.ts';
import { readEach } from './read-each.ts';

test('of many customers whose database server hangs a few are waited for, and who answers is hidden nowhere', async (t) => {
  const place = await testDatabase();
  const registry = await openRegistry(place.at);
  t.after(async () => {
    await registry.destroy();
    await place[Symbol.asyncDispose]();
  });
  const add = (name: string, database_server: string | null) =>
    registry('customers').insert({
      ...{ id: name, name, time_zone: 'UTC', engine: 'mysql', created_at: 0, database_server },
    });
  for (let n = 100; n < 140; n++) await add(`${n} hangs`, 'far');
  await add('Far', 'far');
  await add('Near', null);
  const use = (async (id, work) =>
    id.endsWith('hangs') ? new Promise(() => {}) : work(undefined as never)) as ServerContext['customers']['use'];
  const server = { registry, customers: { use } } as ServerContext;
  const found = await readEach(server, async () => 'read', { patienceMs: 400 });
  const seen = found.flatMap((one) => (one.status === 'fulfilled' ? one.customer.name : []));
  assert.deepEqual(seen, ['Far', 'Near']);
  const waited = found.flatMap((one) =>
    one.status === 'rejected' ? Number(/[\d.]+(?= s$)/.exec(one.reason.message)) : [],
  );
  assert.equal(waited.length, 40);
  const long = waited.filter((seconds) => seconds > 0.1);
  assert.ok(long.length <= 16, `${long.length} were waited for`);
});
