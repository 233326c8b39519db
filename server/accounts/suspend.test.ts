import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { commandLine } from '../audit/audit.ts';
import { buildWorld, type World } from '../build-world.ts';
import { addEnrolmentCode } from '../enrolment/codes.ts';
import { findCustomer } from './customers.ts';
import { resumeCustomer, suspendCustomer } from './suspend.ts';
import { addToken } from './tokens.ts';

const assignments = `${apiPrefix}/assignments`;

async function twoCustomers(world: World) {
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const found = await findCustomer(world.context, 'Acme');
  const monitors = `/api/v1/customers/${acme}/monitors`;
  return { acme, bolt, found, monitors };
}

test('nobody of a suspended customer is let in, told why, and its neighbour is as ever; resumed, all are in again', async () => {
  await using world = await buildWorld();
  const { acme, bolt, found, monitors } = await twoCustomers(world);
  const [alice, sentinel, other] = [
    await world.signedIn('alice', acme),
    await world.enrolled(acme),
    await world.enrolled(bolt),
  ];
  const wish = { name: 'nightly', scope: ['read' as const], lifeMs: 3_600_000 };
  const { text } = await addToken(world.context, acme, wish, commandLine);
  const whose = () => world.ask('GET', '/api/v1/token', { headers: { authorization: `Bearer ${text}` } });
  assert.equal((await whose()).status, 200);
  await suspendCustomer(world.context, found, 'the invoice of May is open');

  const refused = await alice('GET', monitors);
  assert.deepEqual([refused.status, refused.code], [403, 'CUSTOMER_SUSPENDED']);
  assert.match(refused.text, /the invoice of May is open/);
  assert.deepEqual([(await whose()).code, (await alice('GET', '/api/v1/session')).status], ['CUSTOMER_SUSPENDED', 200]);
  const kept = await sentinel.ask('GET', assignments);
  assert.deepEqual([kept.status, kept.code, kept.headers['retry-after']], [503, 'CUSTOMER_SUSPENDED', '300']);
  assert.equal((await other.ask('GET', assignments)).status, 200);
  const code = await addEnrolmentCode(world.context, acme, { location: 'Utrecht' });
  const body = { code, name: 'PC', platform: 'linux-x64', version: '0.1.0' };
  assert.equal((await world.ask('POST', `${apiPrefix}/enrolments`, { body })).code, 'CUSTOMER_SUSPENDED');

  await resumeCustomer(world.context, found);
  assert.deepEqual([(await alice('GET', monitors)).status, (await whose()).status], [200, 200]);
  assert.equal((await sentinel.ask('GET', assignments)).status, 200);
  assert.equal((await world.ask('POST', `${apiPrefix}/enrolments`, { body })).status, 200);
});

test('a request for news that is open when its customer is suspended ends at once', async () => {
  await using world = await buildWorld();
  const { acme, found } = await twoCustomers(world);
  const sentinel = await world.enrolled(acme);
  const { etag } = (await sentinel.ask('GET', assignments)).headers;
  const headers = { 'if-none-match': String(etag), prefer: 'wait=50', 'vedette-counter': '2' };
  const waiting = sentinel.ask('GET', assignments, { headers });
  await suspendCustomer(world.context, found);
  assert.equal((await waiting).code, 'CUSTOMER_SUSPENDED');
});

test("another customer's user learns nothing of a suspension; operators see it, and both trails have it", async () => {
  await using world = await buildWorld();
  const { acme, bolt, found, monitors } = await twoCustomers(world);
  await suspendCustomer(world.context, found, 'asked for');
  assert.equal((await (await world.signedIn('charlie', bolt))('GET', monitors)).code, 'NOT_FOUND');
  const overview = (await (await world.signedIn('olga', null))('GET', '/api/v1/customers')).json() as {
    customers: { name: string; suspendedAt: number | null }[];
  };
  assert.deepEqual(
    overview.customers.map((c) => [c.name, c.suspendedAt !== null]),
    [
      ['Acme', true],
      ['Bolt', false],
    ],
  );
  const { registry, customers } = world.context;
  const actions = (db: typeof registry) => db('audit').where({ subject: 'Acme' }).orderBy('id').pluck('action');
  assert.deepEqual(await actions(registry), ['customer-added', 'customer-suspended']);
  assert.deepEqual(
    await customers.use(acme, (db) => db('audit').where({ subject: 'Acme' }).orderBy('id').pluck('action')),
    await actions(registry),
  );
});

test('what is so already is refused', async () => {
  await using world = await buildWorld();
  const { found } = await twoCustomers(world);
  await assert.rejects(resumeCustomer(world.context, found), { name: 'Refused', message: /is not suspended/ });
  await suspendCustomer(world.context, found);
  await assert.rejects(suspendCustomer(world.context, found), { name: 'Refused', message: /is suspended already/ });
});
