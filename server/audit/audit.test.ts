import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atomically } from '../../db/atomically.ts';
import { buildWorld } from '../build-world.ts';
import { audit } from './audit.ts';
import { slicesOf, trailOf } from './trail.ts';
import { verifyTrail } from './verify.ts';

const entry = (subject: string) =>
  ({ at: 1, actor: { kind: 'server' }, action: 'user-added', subject, detail: { n: 1 } }) as const;

test('an entry is kept if, and only if, what it tells of is; those written at once stand in one chain', async () => {
  await using world = await buildWorld();
  const { registry } = world.context;
  const failing = atomically(registry, async (trx) => {
    await audit(trx, entry('never was'));
    throw new Error('cut');
  });
  await assert.rejects(failing, /cut/);
  assert.equal((await registry('audit')).length, 0);
  await Promise.all(Array.from({ length: 10 }, (_, i) => audit(registry, entry(String(i)))));
  const { entries, faults } = await verifyTrail(slicesOf(trailOf(world.context, null)));
  assert.deepEqual([entries, faults], [10, []]);
});
