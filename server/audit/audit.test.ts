import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { atomically } from '../../db/atomically.ts';
import type { AuditRow } from '../../db/audit-table.ts';
import { buildWorld } from '../build-world.ts';
import { audit, hashOf } from './audit.ts';
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

/** Texts as JSON can bring them: any character, those that engines treat apart, and half ones. */
const half = fc.integer({ min: 0xd800, max: 0xdfff }).map((unit) => String.fromCharCode(unit));
const apart = fc.constantFrom('\0', ' ', '\ufeff', '\ufffe', '\ufffd', '\u{1f600}', '\\', "'", '?', '\r\n', '\x1a');
const unit = fc.oneof(half, apart, fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }));
const text = fc.oneof(
  fc.string({ unit, maxLength: 8 }),
  fc.tuple(fc.integer({ min: 95, max: 301 }), unit).map(([n, last]) => 'x'.repeat(n) + last.repeat(300)),
);

test('whatever somebody calls themselves or a thing, the entry is as it was written', async () => {
  await using world = await buildWorld();
  const { registry } = world.context;
  const detail = fc.dictionary(text, text, { maxKeys: 2 });
  const property = (trx: typeof registry) =>
    fc.asyncProperty(text, text, text, detail, async (id, name, subject, detail) => {
      await audit(trx, { at: 1, actor: { kind: 'user', id, name }, action: 'sign-in-failed', subject, detail });
      const row = await trx<AuditRow>('audit').orderBy('id', 'desc').first();
      assert.equal(row?.hash, row && hashOf(row));
    });
  const numRuns = process.env.VEDETTE_LONG ? 2000 : 200;
  await atomically(registry, (trx) => fc.assert(property(trx), { numRuns }));
  const { entries, faults } = await verifyTrail(slicesOf(trailOf(world.context, null)));
  assert.deepEqual([entries, faults], [numRuns, []]);
});

test('a stranger whose name ends in half a character breaks no trail', async () => {
  await using world = await buildWorld();
  const body = Buffer.from('{"name":"x\\ud800","password":"y"}');
  const asked = await world.ask('POST', '/api/v1/session', { headers: { 'content-type': 'application/json' }, body });
  assert.equal(asked.code, 'SIGN_IN_FAILED');
  const { entries, faults } = await verifyTrail(slicesOf(trailOf(world.context, null)));
  assert.deepEqual([entries, faults], [1, []]);
});
