import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import { renewChoices } from './choices.ts';

test('a sentinel more or less at a location of a thousand costs a row for each of its monitors, not a thousand', async () => {
  await using customer = await buildCustomer();
  const { db, buildMonitor, buildSentinel } = customer;
  const { locationId } = await buildSentinel();
  const { id: location_id, name } = await db('locations').where({ id: locationId }).first();
  const [one] = await db('sentinels').select('*');
  const more = Array.from({ length: 1200 }, (_, i) => ({
    ...one,
    id: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
  }));
  for (let at = 0; at < more.length; at += 100) await db('sentinels').insert(more.slice(at, at + 100));
  for (const _ of [1, 2]) await buildMonitor({ chosen_by: JSON.stringify({ locations: [name] }) });
  let written = 0;
  db.on('query', ({ sql, bindings }) => {
    if (/^(insert|update|delete)/i.test(sql)) written += bindings.length;
  });
  const renewed = async () => {
    written = 0;
    return { changed: await renewChoices(db, 0), few: written < 20 };
  };
  assert.deepEqual(await renewed(), { changed: true, few: false });
  assert.equal((await db('monitor_sentinels').select()).length, 2 * 1201);
  await buildSentinel({ location_id });
  assert.deepEqual(await renewed(), { changed: true, few: true });
  assert.equal((await db('monitor_sentinels').select()).length, 2 * 1202);
  await db('sentinels').where({ id: one.id }).update({ revoked_at: 1 });
  assert.deepEqual(await renewed(), { changed: true, few: true });
  assert.equal((await db('monitor_sentinels').where({ sentinel_id: one.id })).length, 0);
  assert.deepEqual(await renewed(), { changed: false, few: true });
});
