import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atomically } from '../../db/atomically.ts';
import type { AuditRow } from '../../db/audit-table.ts';
import { buildWorld } from '../build-world.ts';
import { audit, firstBroken } from './audit.ts';

const entry = (subject: string) =>
  ({ at: 1, actor: { kind: 'server' }, action: 'user-added', subject, detail: { n: 1 } }) as const;

async function buildTrail() {
  const world = await buildWorld();
  const { registry } = world.context;
  for (const name of ['a', 'b', 'c']) await audit(registry, entry(name));
  const rows: AuditRow[] = await registry('audit').orderBy('id');
  return { rows, registry, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test('a trail as it was written is whole', async () => {
  await using trail = await buildTrail();
  assert.equal(trail.rows.length, 3);
  assert.equal(firstBroken(trail.rows), undefined);
});

test('changing an entry, taking one out or putting them in another order shows', async () => {
  await using trail = await buildTrail();
  const [a, b, c] = trail.rows;
  assert.ok(a && b && c);
  assert.equal(firstBroken([a, { ...b, subject: 'x' }, c]), b.id);
  assert.equal(firstBroken([a, { ...b, at: 2 }, c]), b.id);
  assert.equal(firstBroken([a, c]), c.id);
  assert.equal(firstBroken([b, a, c]), b.id);
});

test('an entry is kept if, and only if, what it tells of is', async () => {
  await using trail = await buildTrail();
  const failing = atomically(trail.registry, async (trx) => {
    await audit(trx, entry('never was'));
    throw new Error('cut');
  });
  await assert.rejects(failing, /cut/);
  assert.equal((await trail.registry('audit')).length, 3);
});

test('entries written at once stand in one chain', async () => {
  await using trail = await buildTrail();
  await Promise.all(Array.from({ length: 10 }, (_, i) => audit(trail.registry, entry(String(i)))));
  const rows: AuditRow[] = await trail.registry('audit').orderBy('id');
  assert.equal(rows.length, 13);
  assert.equal(firstBroken(rows), undefined);
});
