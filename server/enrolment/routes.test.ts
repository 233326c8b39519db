import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assignments, apiPrefix, EnrolmentAnswer } from '../../sentinel/protocol/messages.ts';
import { buildAuthorWorld, buildWorld, type World } from '../build-world.ts';
import { changeSentinel } from './change-sentinel.ts';
import { addEnrolmentCode, enrolmentCodeId, withdrawCode } from './codes.ts';
import { enrol as enrolDevice } from './enrol.ts';
import { revokeSentinel } from './revoke.ts';
import { listSentinels } from './sentinels.ts';

const device = { name: 'PC 7', platform: 'linux-x64', version: '0.1.0' };
const enrol = (world: World, code: string) =>
  world.ask('POST', `${apiPrefix}/enrolments`, { body: { ...device, code } });

test('a device that knows a code becomes a sentinel of that customer, at that location, with a key that works', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const code = await addEnrolmentCode(world.context, acme, { location: 'Utrecht' });
  const answer = EnrolmentAnswer.parse((await enrol(world, code)).json());
  assert.deepEqual(answer.customer, { id: acme, name: 'Acme' });
  assert.equal(answer.location, 'Utrecht');
  assert.deepEqual(answer.pins, world.context.authority.pins);
  const headers = { authorization: `Bearer ${answer.apiKey}`, 'vedette-sentinel': answer.sentinelId };
  const { scriptKeys } = Assignments.parse((await world.ask('GET', `${apiPrefix}/assignments`, { headers })).json());
  assert.deepEqual(scriptKeys, answer.scriptKeys);
  const [sentinel] = await listSentinels(world.context, acme);
  assert.deepEqual([sentinel?.id, sentinel?.name, sentinel?.location], [answer.sentinelId, 'PC 7', 'Utrecht']);
});

test('a code is taken however it is typed', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const code = await addEnrolmentCode(world.context, acme, { location: 'Utrecht' });
  assert.match(code, /^([2-9a-z]{5}-){5}[2-9a-z]{5}$/);
  assert.equal((await enrol(world, ` ${code.replaceAll('-', ' ').toUpperCase()} `)).status, 200);
});

test('a code that was used, has expired or was never given out is refused, with the reason', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const used = await addEnrolmentCode(world.context, acme, { location: 'Utrecht' });
  await enrol(world, used);
  const expired = await addEnrolmentCode(world.context, acme, { location: 'Utrecht' });
  world.advance(3_600_001);
  const codes = { CODE_USED: used, CODE_EXPIRED: expired, CODE_UNKNOWN: 'abcde-fghjk' };
  for (const [expected, code] of Object.entries(codes)) {
    const answer = await enrol(world, code);
    assert.equal(answer.status, 403);
    assert.equal(answer.code, expected);
  }
  assert.equal((await listSentinels(world.context, acme)).length, 1);
});

test('a code lasts a year at most, and is not made for a time that is over', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const now = world.context.now();
  for (const expiresAt of [now, now + 400 * 86_400_000])
    await assert.rejects(addEnrolmentCode(world.context, acme, { location: 'Utrecht', expiresAt }), /366 days/);
});

test("a device's name is one line, whatever it says, so that it can't look like another line of a list", async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const code = await addEnrolmentCode(world.context, acme, { location: 'Utrecht' });
  const body = { ...device, name: 'PC\n7\u001b[2J\u202e', code };
  assert.equal((await world.ask('POST', `${apiPrefix}/enrolments`, { body })).status, 200);
  assert.equal((await listSentinels(world.context, acme))[0]?.name, 'PC 7 [2J ');
  const last = await world.context.customers.use(acme, (db) => db('audit').orderBy('id', 'desc').first());
  assert.equal(last?.subject, 'PC 7 [2J ');
});

test('neither code nor key is kept as it is', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const code = await addEnrolmentCode(world.context, acme, { location: 'Utrecht' });
  const { apiKey } = EnrolmentAnswer.parse((await enrol(world, code)).json());
  const { registry, customers } = world.context;
  const kept = JSON.stringify([
    await registry('enrolment_codes'),
    await registry('sentinel_keys'),
    await customers.use(acme, async (db) => [await db('sentinels'), await db('audit')]),
  ]);
  assert.ok(!kept.includes(apiKey));
  assert.ok(!kept.includes(code));
});

test('a sentinel that says it is no more has a key no longer, and the customer can read that it was its own doing', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const sentinel = await world.enrolled(acme);
  assert.equal((await sentinel.ask('DELETE', `${apiPrefix}/sentinel`)).status, 204);
  assert.equal((await sentinel.ask('GET', `${apiPrefix}/assignments`)).code, 'KEY_REVOKED');
  assert.deepEqual(
    (await listSentinels(world.context, acme)).map(({ state }) => state),
    ['revoked'],
  );
  const last = await world.context.customers.use(acme, (db) => db('audit').orderBy('id', 'desc').first());
  assert.deepEqual([last?.action, last?.actor_kind, last?.actor_id], ['sentinel-revoked', 'sentinel', sentinel.id]);
});

test('an enrolment that fails after a monitor was given to its sentinel does not leave the monitor to everybody', async () => {
  const { world, customerId, alice, sentinel, at } = await buildAuthorWorld();
  await using _ = world;
  const { context } = world;
  await changeSentinel(context, customerId, sentinel.id, { tags: ['vdi'] });
  const source = `import { test } from '@playwright/test';\ntest('Home', async ({ page }) => { await page.goto('/'); });`;
  const scripts = [{ path: 'flows/home.spec.ts', files: { 'flows/home.spec.ts': source } }];
  const monitors = [{ name: 'Home', script: 'home.spec.ts', everyMs: 60_000, sentinels: { tags: ['vdi'] } }];
  const deployed = await alice('PUT', `${at}/deployments/shop`, { body: { scripts, monitors } });
  assert.equal(deployed.status, 200, deployed.text);
  await revokeSentinel(context, customerId, sentinel.id);
  const bystander = await world.enrolled(customerId, 'Delft');
  const code = await addEnrolmentCode(context, customerId, { location: 'Utrecht', tags: ['vdi'] });
  const withdrawnMeanwhile = Object.create(context.customers, {
    use: {
      value: async (...[id, work]: Parameters<typeof context.customers.use>) => {
        await withdrawCode(context, customerId, enrolmentCodeId(code));
        return context.customers.use(id, work);
      },
    },
  });
  const asked = enrolDevice({ ...context, customers: withdrawnMeanwhile }, { ...device, code });
  await assert.rejects(asked, /withdrawn/);
  const { assignments } = Assignments.parse((await bystander.ask('GET', `${apiPrefix}/assignments`)).json());
  assert.deepEqual(assignments, []);
  const lasting = await context.customers.use(customerId, (db) =>
    db('assignment_eras').orderBy('to_at', 'desc').first('sentinel_id', 'to_at'),
  );
  assert.ok(lasting.to_at > context.now());
  const states = (await listSentinels(context, customerId)).map(({ name, state }) => [name, state]);
  assert.deepEqual(states.toSorted(), [
    ['PC 7', 'revoked'],
    ['PC at Delft', 'unused'],
    ['PC at Utrecht', 'revoked'],
  ]);
});
