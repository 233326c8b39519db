import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWorld } from '../build-world.ts';
import { keysOf } from './key-lookups.ts';
import { tokenHash } from './token.ts';

test('keys that are asked for together are read by few statements, each gets its own, and a later question sees what changed', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const customerId = await world.addCustomer('Acme');
  const rows = Array.from({ length: 1200 }, (_, i) => ({
    ...{ key_hash: tokenHash(`key ${i}`), sentinel_id: `sentinel ${i}`, customer_id: customerId },
    ...{ created_at: i, revoked_at: null },
  }));
  await context.registry.batchInsert('sentinel_keys', rows, 50);
  let statements = 0;
  context.registry.on('query', ({ sql }: { sql: string }) => {
    if (sql.includes('sentinel_keys')) statements++;
  });
  const keys = keysOf(context);
  const asked = [...rows.map((row) => row.key_hash), tokenHash('nobody'), tokenHash('key 0')];
  const found = await Promise.all(asked.map((hash) => keys.find(hash)));
  assert.deepEqual(
    found.map((row) => row?.sentinel_id),
    [...rows.map((row) => row.sentinel_id), undefined, 'sentinel 0'],
  );
  assert.equal(statements, 3);
  const key_hash = tokenHash('key 7');
  await context.registry('sentinel_keys').where({ key_hash }).update({ revoked_at: 1 });
  assert.equal((await keys.find(key_hash))?.revoked_at, 1);
});
