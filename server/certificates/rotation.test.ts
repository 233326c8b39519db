import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { pinSetOf } from '../../sentinel/protocol/pin-set.ts';
import { buildWorld } from '../build-world.ts';
import { revokeSentinel } from '../enrolment/revoke.ts';
import { rotate, rotation } from './rotation.ts';

function heartbeat(pins?: readonly string[]) {
  const spool = { runs: 0, rejected: 0, dropped: 0 };
  const body = { version: '0.1.0', platform: 'linux', spool, sandboxLevel: 3, problems: [] };
  return { body: { ...body, ...(pins ? { pinSet: pinSetOf(pins) } : {}) } };
}

test('a step is refused until each sentinel of each customer has said that it has the pins, revoked ones aside', async () => {
  await using world = await buildWorld();
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const [first, second, old] = [await world.enrolled(acme), await world.enrolled(bolt), await world.enrolled(bolt)];
  const { pins } = world.context.authority;
  await old.ask('POST', `${apiPrefix}/heartbeats`, heartbeat()); // a version that says nothing of pins
  await first.ask('POST', `${apiPrefix}/heartbeats`, heartbeat([...pins].reverse()));
  await second.ask('POST', `${apiPrefix}/heartbeats`, heartbeat(pins.slice(0, 1)));
  const { ready, unready } = await rotation(world.context);
  assert.equal(ready, 1);
  assert.deepEqual(unready.map(({ id }) => id).sort(), [second.id, old.id].sort());
  assert.deepEqual([unready[0]?.customer, unready[0]?.location], ['Bolt', 'Utrecht']);
  await assert.rejects(rotate(world.context, { force: false }), {
    name: 'Refused',
    message: /^2 sentinels have not said .*PC at Utrecht of Bolt.*--force/,
  });
  await revokeSentinel(world.context, bolt, old.id);
  await second.ask('POST', `${apiPrefix}/heartbeats`, heartbeat(pins));
  assert.equal(await rotate(world.context, { force: false }), 'switch');
  await assert.rejects(rotate(world.context, { force: false }), /2 sentinels/, 'nobody has the new pins yet');
  assert.equal(await rotate(world.context, { force: true }), 'retire');
  assert.equal((await rotation(world.context)).next, 'switch');
});

test('a customer whose database cannot be read is named, and waited for', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const sentinel = await world.enrolled(acme);
  await sentinel.ask('POST', `${apiPrefix}/heartbeats`, heartbeat(context.authority.pins));
  await context.customers.use(bolt, (db) => db('schema_steps').insert({ position: 999, name: '999-later' }));
  await context.customers.forget(bolt);
  const { ready, unready, unread } = await rotation(context);
  assert.deepEqual([ready, unready, unread.map(({ customer }) => customer)], [1, [], ['Bolt']]);
  await assert.rejects(rotate(context, { force: false }), {
    name: 'Refused',
    message: /sentinels of 1 customers .* could not be read: Bolt \(.*newer version.*--force/,
  });
  assert.equal(await rotate(context, { force: true }), 'switch');
});

test('a sentinel that was not seen for a month is named and not waited for; for how long is the operator’s choice', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const thrownAway = await world.enrolled(acme);
  world.advance(31 * 86_400_000);
  const fresh = await world.enrolled(acme);
  const { unready, gone } = await rotation(world.context);
  assert.deepEqual([unready.map(({ id }) => id), gone.map(({ id }) => id)], [[fresh.id], [thrownAway.id]]);
  await assert.rejects(rotate(world.context, { force: false }), /^Refused: 1 sentinels/);
  await fresh.ask('POST', `${apiPrefix}/heartbeats`, heartbeat(world.context.authority.pins));
  await assert.rejects(rotate(world.context, { force: false, seenWithinDays: 90 }), /^Refused: 1 sentinels/);
  assert.equal(await rotate(world.context, { force: false }), 'switch');
});

test('each step is in the trail of the provider, with how many were not ready', async () => {
  await using world = await buildWorld();
  await rotate(world.context, { force: false });
  const [entry] = await world.context.registry('audit').where({ action: 'authority-rotated' });
  assert.deepEqual(JSON.parse(entry.detail), { step: 'switch', unready: 0, gone: 0 });
});
