import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../test/faults/until.ts';
import { buildWorld, type World } from '../build-world.ts';
import { addUser } from './users.ts';

const session = '/api/v1/session';
const password = 'correct horse battery';

/** Of the tests that need none of their own. */
let world: World;
before(async () => {
  world = await buildWorld();
});
after(async () => world[Symbol.asyncDispose]());

test('a user signs in, is known by a cookie that scripts cannot read, and signs out', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  await addUser(world.context, { name: 'alice', role: 'viewer', customerId: acme, password });
  const answer = await world.ask('POST', session, { body: { name: 'alice', password } });
  assert.equal(answer.status, 200);
  const { csrfToken, ...rest } = answer.json() as { csrfToken: string; user: { id: string; passwordEndsAt: number } };
  assert.deepEqual(rest, {
    user: {
      ...{ id: rest.user.id, name: 'alice', role: 'viewer', hasSecondFactor: false, recoveryCodesLeft: 0 },
      passwordEndsAt: rest.user.passwordEndsAt,
    },
    customer: { id: acme, name: 'Acme', timeZone: 'UTC' },
    may: ['read', 'see evidence'],
    inside: [],
    due: null,
  });
  const [cookie = '', device = ''] = answer.headers['set-cookie'] ?? [];
  assert.match(cookie, /^__Host-vedette=[\w-]{43}; path=\/; samesite=lax; secure; httponly$/i);
  assert.match(device, /^__Host-vedette-device=[\w-]{43}; path=\/; expires=[^;]+; samesite=lax; secure; httponly$/i);
  const headers = { cookie: cookie.split(';')[0] ?? '', 'x-csrf-token': csrfToken };
  assert.deepEqual((await world.ask('GET', session, { headers })).json(), answer.json());
  assert.equal((await world.ask('DELETE', session, { headers })).status, 204);
  assert.equal((await world.ask('GET', session, { headers })).code, 'NOT_SIGNED_IN');
});

test('a wrong password and an unknown name get the same answer', async () => {
  await addUser(world.context, { name: 'olga-1', role: 'operator', customerId: null, password });
  const wrong = await world.ask('POST', session, { body: { name: 'olga-1', password: 'wrong password' } });
  const unknown = await world.ask('POST', session, { body: { name: 'nobody', password } });
  assert.equal(wrong.status, 401);
  assert.deepEqual(wrong.json(), unknown.json());
});

test('after five failures an account is locked, even for the right password, for longer each time', async () => {
  await using world = await buildWorld();
  await addUser(world.context, { name: 'olga', role: 'operator', customerId: null, password });
  const attempt = (secret: string) => world.ask('POST', session, { body: { name: 'olga', password: secret } });
  for (let i = 0; i < 5; i++) assert.equal((await attempt('wrong password')).code, 'SIGN_IN_FAILED');
  const locked = await attempt(password);
  assert.equal(locked.status, 429);
  assert.equal(locked.code, 'LOCKED');
  const firstWait = Number(locked.headers['retry-after']);
  world.advance(firstWait * 1000);
  assert.equal((await attempt('wrong password')).code, 'SIGN_IN_FAILED');
  const secondWait = Number((await attempt(password)).headers['retry-after']);
  assert.ok(secondWait > firstWait, `${secondWait} s after ${firstWait} s`);
  world.advance(secondWait * 1000);
  assert.equal((await attempt(password)).status, 200);
  assert.equal((await attempt('wrong password')).code, 'SIGN_IN_FAILED', 'success forgets the failures');
});

test('a lock from a time when the clock was a year ahead does not outlast it', async () => {
  await using world = await buildWorld();
  await addUser(world.context, { name: 'olga', role: 'operator', customerId: null, password });
  const attempt = (secret: string) => world.ask('POST', session, { body: { name: 'olga', password: secret } });
  const year = 365 * 86_400_000;
  world.advance(year);
  for (let i = 0; i < 5; i++) await attempt('wrong password');
  assert.equal((await attempt(password)).code, 'LOCKED');
  world.advance(-year);
  assert.equal((await attempt(password)).status, 200);
});

test('attempts made at once are counted too', async () => {
  const attempt = () => world.ask('POST', session, { body: { name: 'olga-2', password: 'wrong password' } });
  const codes = (await Promise.all(Array.from({ length: 12 }, attempt))).map((answer) => answer.code);
  assert.equal(codes.filter((code) => code === 'SIGN_IN_FAILED').length, 5);
  assert.equal(codes.filter((code) => code === 'LOCKED').length, 7);
});

test('a session ends after 30 minutes without use, and not while it is used', async () => {
  await using world = await buildWorld();
  const asOlga = await world.signedIn('olga', null);
  for (let i = 0; i < 3; i++) {
    world.advance(29 * 60_000);
    assert.equal((await asOlga('GET', session)).status, 200);
  }
  world.advance(31 * 60_000);
  assert.equal((await asOlga('GET', session)).status, 401);
});

test('a session ends after 12 hours, however much it is used', async () => {
  await using world = await buildWorld();
  const asOlga = await world.signedIn('olga', null);
  for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
    world.advance(20 * 60_000);
    assert.equal((await asOlga('GET', session)).status, 200, `after ${minutes + 20} minutes`);
  }
  world.advance(20 * 60_000);
  assert.equal((await asOlga('GET', session)).status, 401);
});

test('what changes something needs the CSRF token, and our own pages', async () => {
  const asOlga = await world.signedIn('olga-3', null);
  assert.equal((await asOlga('DELETE', session, { headers: { 'x-csrf-token': 'guessed' } })).code, 'CSRF');
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }]) {
    assert.equal((await asOlga('DELETE', session, { headers })).code, 'OTHER_SITE', JSON.stringify(headers));
    const body = { name: 'olga-3', password };
    assert.equal((await world.ask('POST', session, { headers, body })).code, 'OTHER_SITE');
  }
  const headers = { origin: world.server.url, 'sec-fetch-site': 'same-origin' };
  assert.equal((await asOlga('DELETE', session, { headers })).status, 204);
});

test('sign-ins are written down for the provider, and for the customer whose user it is', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  await world.signedIn('alice', acme);
  await world.ask('POST', session, { body: { name: 'alice', password } });
  await world.signedIn('olga', null);
  const { registry, customers } = world.context;
  const told = (rows: { action: string; actor_name: string }[]) => rows.map((row) => `${row.actor_name} ${row.action}`);
  const ofAcme = ['command line customer-added', 'command line user-added', 'alice signed-in', 'alice sign-in-failed'];
  const all = [...ofAcme, 'command line user-added', 'olga signed-in'];
  assert.deepEqual(told(await registry('audit').orderBy('id')), all);
  // Of failures the customer is told some seconds later: the one who fails is not to learn that the name exists.
  const trail = () => customers.use(acme, (db) => db('audit').orderBy('id'));
  await until('the customer is told of the failure', async () => (await trail()).length === ofAcme.length);
  assert.deepEqual(told(await trail()), ofAcme);
});

test('no password, token or key is kept as it is', async () => {
  await addUser(world.context, { name: 'olga-4', role: 'operator', customerId: null, password });
  const answer = await world.ask('POST', session, { body: { name: 'olga-4', password } });
  const token = /__Host-vedette=([\w-]+)/.exec(String(answer.headers['set-cookie']))?.[1] ?? 'none';
  const { registry } = world.context;
  const kept = JSON.stringify([await registry('users'), await registry('sessions'), await registry('audit')]);
  assert.ok(!kept.includes(token));
  assert.ok(!kept.includes(password));
});

test('the operator sees every customer at a glance, and for others that page does not exist', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  await world.addCustomer('Bolt');
  const answer = await (await world.signedIn('olga', null))('GET', '/api/v1/customers');
  const { customers, period } = answer.json() as {
    customers: { name: string }[];
    period: { from: number; to: number };
  };
  assert.equal(period.to - period.from, 86_400_000);
  assert.deepEqual(customers[0], {
    ...{
      id: acme,
      name: 'Acme',
      monitors: 0,
      availability: null,
      lastRunAt: null,
      suspendedAt: null,
      isReadable: true,
    },
    states: { up: 0, degraded: 0, failing: 0, noData: 0, paused: 0 },
  });
  assert.deepEqual(
    customers.map((c) => c.name),
    ['Acme', 'Bolt'],
  );
  assert.equal((await (await world.signedIn('alice', acme, 'admin'))('GET', '/api/v1/customers')).code, 'NOT_FOUND');
});
