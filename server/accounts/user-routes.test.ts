import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserRow } from '../../db/registry/rows.ts';
import { type Ask, buildWorld, type World } from '../build-world.ts';
import type { User } from './account-shapes.ts';
import { addFactor, buildPerson, goodPassword, type Person } from './build-person.ts';
import { buildSecondServer } from './build-second-server.ts';
import type { Session } from './shapes.ts';
import { addUser } from './users.ts';

const session = '/api/v1/session';
const day = 86_400_000;

interface Link {
  path: string;
  purpose: string;
  expiresAt: number;
}

const proof = { password: goodPassword };
const tokenOf = (link: Link) => link.path.replace('/password#', '');
const useLink = (world: World, token: string, password: string) =>
  world.ask('POST', '/api/v1/links/use', { body: { token, password } });
const usersOf = async (ask: Ask, path: string) => ((await ask('GET', path)).json() as { users: User[] }).users;
const dueOf = async ({ ask }: Person) => ((await ask('GET', session)).json() as Session).due;

async function acmeAndBolt(world: World) {
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const admin = await world.signedIn('ada', acme, 'admin');
  const users = `/api/v1/customers/${acme}/users`;
  const idOf = async (name: string) => (await usersOf(admin, users)).find((user) => user.name === name)?.id ?? 'none';
  const post = async (name: string, deed: string, body?: object) =>
    admin('POST', `${users}/${await idOf(name)}/${deed}`, body ? { body } : {});
  return { acme, bolt, admin, users, idOf, post };
}

test('an administrator invites a user, who chooses a password by the link, once, within its time', async () => {
  await using world = await buildWorld();
  const { admin, users, bolt } = await acmeAndBolt(world);
  const invited = await admin('POST', users, { body: { name: 'alice', role: 'author' } });
  const link = invited.json() as Link;
  assert.equal(link.purpose, 'invitation');
  assertNear(link.expiresAt, world.context.now() + 7 * day);
  const [user] = (await usersOf(admin, users)).filter(({ name }) => name === 'alice');
  assert.deepEqual([user?.isInvited, user?.role, user?.lastSignInAt], [true, 'author', null]);
  assert.equal((await admin('POST', users, { body: { name: 'alice', role: 'viewer' } })).code, 'REFUSED');
  assert.equal((await admin('POST', users, { body: { name: 'eve', role: 'operator' } })).code, 'BODY_INVALID');

  const look = (token: string) => world.ask('POST', '/api/v1/links/look', { body: { token } });
  assert.equal(((await look(tokenOf(link))).json() as { name: string }).name, 'alice');
  assert.equal((await useLink(world, tokenOf(link), 'short')).code, 'PASSWORD_REFUSED');
  const atOnce = [goodPassword, 'seven copper owls at dusk'].map((choice) => useLink(world, tokenOf(link), choice));
  const statuses = (await Promise.all(atOnce)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 204).length, 1, 'of two at once one counts');
  const [gone, made] = [await look(tokenOf(link)), await look('made up')];
  assert.deepEqual([gone.code, gone.text], ['LINK_GONE', made.text]);

  const charlie = await world.signedIn('charlie', bolt, 'admin');
  const again = (await admin('POST', `${users}/${user?.id}/link`, { body: proof })).json() as Link;
  assert.equal(again.purpose, 'reset');
  assert.equal(
    (await charlie('POST', `/api/v1/customers/${bolt}/users/${user?.id}/link`, { body: proof })).code,
    'NOT_FOUND',
  );
  const latest = (await admin('POST', `${users}/${user?.id}/link`, { body: proof })).json() as Link;
  assert.equal((await look(tokenOf(again))).code, 'LINK_GONE', 'a new link ends the one before');
  world.advance(3_600_001);
  assert.equal((await look(tokenOf(latest))).code, 'LINK_GONE', 'after its hour');
  const kept = JSON.stringify(await world.context.registry('user_links'));
  assert.ok(!kept.includes(tokenOf(latest)));
});

test('who is disabled, gets another role, is reset or loses the factor is out at once, in every process', async () => {
  await using world = await buildWorld();
  await using second = await buildSecondServer(world);
  const { admin, users, acme, idOf, post } = await acmeAndBolt(world);
  await addUser(world.context, { name: 'alice', role: 'viewer', customerId: acme, password: goodPassword });
  const alice = buildPerson(second);
  const deeds: [name: string, act: () => Promise<{ status: number }>][] = [
    ['role', async () => admin('PUT', `${users}/${await idOf('alice')}/role`, { body: { role: 'author', ...proof } })],
    ['reset', () => post('alice', 'link', proof)],
    ['second factor', () => post('alice', 'second-factor-removal', proof)],
    ['disabled', () => post('alice', 'disabling')],
  ];
  for (const [name, act] of deeds) {
    assert.equal((await alice.signIn('alice')).status, 200, name);
    assert.ok((await act()).status < 300, name);
    assert.equal((await alice.ask('GET', session)).code, 'NOT_SIGNED_IN', name);
  }
  assert.equal((await alice.signIn('alice')).code, 'SIGN_IN_FAILED');
  assert.equal((await post('alice', 'enabling')).status, 204);
  for (let i = 0; i < 5; i++) await alice.signIn('alice', 'a password that it is not');
  assert.equal((await alice.signIn('alice')).code, 'LOCKED');
  assert.equal((await usersOf(admin, users)).find(({ name }) => name === 'alice')?.isLocked, true);
  assert.equal((await post('alice', 'unlocking')).status, 204);
  assert.equal((await alice.signIn('alice')).status, 200);

  const otto = await world.signedIn('otto', null, 'operator-admin');
  const ada = `/api/v1/users/${await idOf('ada')}`;
  for (const last of [
    await otto('POST', `${ada}/disabling`),
    await otto('PUT', `${ada}/role`, { body: { role: 'viewer' } }),
  ]) {
    assert.equal(last.code, 'REFUSED');
    assert.match(last.text, /is the last administrator of this customer: make somebody else one first/);
  }
  const told: string[] = await world.context.customers.use(acme, (db) => db('audit').orderBy('id').pluck('action'));
  for (const action of [
    'user-role-changed',
    'user-link-made',
    'second-factor-removed',
    'user-disabled',
    'user-enabled',
    'user-unlocked',
  ]) {
    assert.ok(told.includes(action), action);
  }
});

test('a session alone is not enough to invite an administrator, or to take over or raise an account, nor is any for the own', async () => {
  await using world = await buildWorld();
  const { admin, users, idOf, acme } = await acmeAndBolt(world);
  const otto = await world.signedIn('otto', null, 'operator-admin');
  await world.signedIn('eve', acme, 'author');
  const ottos = (await usersOf(otto, '/api/v1/users')).find(({ name }) => name === 'otto')?.id;
  const owns: [Ask, string][] = [
    [admin, `${users}/${await idOf('ada')}`],
    [otto, `/api/v1/users/${ottos}`],
  ];
  const plain = ['unlocking', 'password-change', 'disabling', 'enabling'];
  for (const [ask, own] of owns) {
    const tried = [
      ...plain.map((deed) => ask('POST', `${own}/${deed}`)),
      ...['link', 'second-factor-removal'].map((deed) => ask('POST', `${own}/${deed}`, { body: proof })),
      ask('PUT', `${own}/role`, { body: { role: 'viewer' } }),
    ];
    for (const answer of await Promise.all(tried)) {
      assert.deepEqual([answer.status, answer.code], [409, 'REFUSED']);
      assert.match(answer.text, /your own account: .* on the page Account/);
    }
    assert.equal((await ask('GET', session)).status, 200, 'nothing has ended');
  }

  const eves = await idOf('eve');
  const everywhere = { name: 'friend', customer: 'Acme' };
  const acts: [Ask, 'POST' | 'PUT', string, object][] = [
    [admin, 'POST', users, { name: 'friend', role: 'admin' }],
    [otto, 'POST', '/api/v1/users', { ...everywhere, role: 'admin' }],
    [otto, 'POST', '/api/v1/users', { ...everywhere, role: 'operator', customer: null }],
    [otto, 'POST', '/api/v1/users', { ...everywhere, role: 'operator-admin', customer: null }],
    ...[`${users}/${eves}`, `/api/v1/users/${eves}`].flatMap((path): typeof acts => {
      const ask = path.startsWith(users) ? admin : otto;
      return [
        [ask, 'POST', `${path}/link`, {}],
        [ask, 'POST', `${path}/second-factor-removal`, {}],
        [ask, 'PUT', `${path}/role`, { role: 'admin' }],
      ];
    }),
  ];
  const accounts = () => world.context.registry<UserRow>('users').orderBy('id');
  const before = await accounts();
  for (const [ask, method, path, wish] of acts) {
    assert.equal((await ask(method, path, { body: wish })).code, 'BODY_INVALID', path);
    const wrong = { ...wish, password: 'a password that it is not' };
    assert.equal((await ask(method, path, { body: wrong })).code, 'PASSWORD_WRONG', path);
    await world.context.registry('sign_in_failures').delete(); // else it is locked soon
  }
  assert.deepEqual(await accounts(), before);
  assert.deepEqual(await world.context.registry('user_links'), []);
  assert.equal(
    (await admin('PUT', `${users}/${eves}/role`, { body: { role: 'viewer' } })).status,
    204,
    'less is no raise',
  );
});

test('an administrator who has a second factor gives a code of it too, each once, and is locked like who signs in', async () => {
  await using world = await buildWorld();
  const { acme, users, idOf } = await acmeAndBolt(world);
  await world.signedIn('eve', acme, 'author');
  const ida = buildPerson(world);
  await addUser(world.context, { name: 'ida', role: 'admin', customerId: acme, ...proof });
  await ida.signIn('ida');
  const { recoveryCodes } = await addFactor(ida, world.context.now);
  const path = `${users}/${await idOf('eve')}/link`;
  const link = (body: object) => ida.ask('POST', path, { body });
  assert.equal((await link(proof)).code, 'CODE_WRONG');
  const [code] = recoveryCodes;
  assert.equal((await link({ ...proof, code })).status, 200);
  assert.equal((await link({ ...proof, code })).code, 'CODE_WRONG', 'it was used');
  assert.equal((await link({ password: 'a password that it is not', code: recoveryCodes[1] })).code, 'PASSWORD_WRONG');
  for (let i = 0; i < 5; i++) await link({ password: 'a password that it is not' });
  assert.equal((await link({ ...proof, code: recoveryCodes[1] })).code, 'LOCKED');
  const told: string[] = await world.context.customers.use(acme, (db) => db('audit').orderBy('id').pluck('action'));
  assert.ok(told.includes('proof-failed'));
});

test('a password ends after 90 days, is told of ahead, and nothing else is open until another one is chosen', async () => {
  await using world = await buildWorld();
  const { acme, users } = await acmeAndBolt(world);
  await addUser(world.context, { name: 'alice', role: 'viewer', customerId: acme, password: goodPassword });
  const monitors = `/api/v1/customers/${acme}/monitors`;
  const alice = buildPerson(world);
  const { user } = (await alice.signIn('alice')).json() as Session;
  assertNear(user.passwordEndsAt ?? 0, world.context.now() + 90 * day);
  world.advance(89 * day);
  await alice.signIn('alice');
  assert.equal((await alice.ask('GET', monitors)).status, 200);
  world.advance(day + 1000);
  await alice.signIn('alice');
  assert.equal(await dueOf(alice), 'password');
  assert.equal((await alice.ask('GET', monitors)).code, 'PASSWORD_DUE');
  const body = { current: goodPassword, password: 'seven copper owls at dusk' };
  assert.equal((await alice.ask('POST', `${session}/password`, { body })).status, 200);
  assert.equal((await alice.ask('GET', monitors)).status, 200);

  const asAda = await world.signedIn('ada too', acme, 'admin');
  const alices = (await usersOf(asAda, users)).find(({ name }) => name === 'alice')?.id;
  assert.equal((await asAda('POST', `${users}/${alices}/password-change`)).status, 204);
  assert.equal((await alice.ask('GET', monitors)).code, 'PASSWORD_DUE', 'at once when an administrator demands it');

  const renewal = `/api/v1/customers/${acme}/password-renewal`;
  assert.deepEqual((await asAda('GET', renewal)).json(), { renewal: 'all' });
  assert.equal((await asAda('PUT', renewal, { body: { renewal: 'without-second-factor' } })).status, 204);
  const rows = () => world.context.registry('users').where({ id: alices });
  await rows().update({ change_demanded_at: null, password_changed_at: 1 });
  assert.equal(await dueOf(alice), 'password', 'there is no second factor');
  await rows().update({ second_factor: 'sealed' });
  assert.equal(await dueOf(alice), null);
  const told: string[] = await world.context.customers.use(acme, (db) => db('audit').orderBy('id').pluck('action'));
  assert.ok(told.includes('password-renewal-changed') && told.includes('password-change-demanded'));
});

test('where a second factor is required, those who administer are led to it first, and the operators manage all users', async () => {
  await using world = await buildWorld({ settings: { secondFactor: 'required' } });
  const acme = await world.addCustomer('Acme');
  for (const [name, role] of [
    ['ada', 'admin'],
    ['alice', 'author'],
  ] as const) {
    await addUser(world.context, { name, role, customerId: acme, password: goodPassword });
  }
  await addUser(world.context, { name: 'olga', role: 'operator-admin', customerId: null, password: goodPassword });
  const dues: [string, string, string | null][] = [
    ['ada', `/api/v1/customers/${acme}/users`, 'second-factor'],
    ['olga', '/api/v1/users', 'second-factor'],
    ['alice', `/api/v1/customers/${acme}/monitors`, null],
  ];
  for (const [name, path, due] of dues) {
    const person = buildPerson(world);
    assert.equal(((await person.signIn(name)).json() as Session).due, due, name);
    assert.equal((await person.ask('GET', path)).code, due === null ? undefined : 'SECOND_FACTOR_DUE', name);
    if (due === null) continue;
    const { recoveryCodes } = await addFactor(person, world.context.now);
    assert.equal(await dueOf(person), null);
    assert.equal((await person.ask('GET', path)).status, 200, name);
    if (name !== 'olga') continue;
    const all = await usersOf(person.ask, '/api/v1/users');
    assert.deepEqual(
      all.map((user) => [user.name, user.customer]),
      [
        ['ada', 'Acme'],
        ['alice', 'Acme'],
        ['olga', null],
      ],
    );
    const add = (wish: object) =>
      person.ask('POST', '/api/v1/users', { body: { ...wish, ...proof, code: recoveryCodes.pop() } });
    assert.equal((await add({ name: 'otto', role: 'operator', customer: null })).status, 200);
    assert.equal((await add({ name: 'odd', role: 'operator', customer: 'Acme' })).code, 'REFUSED');
    assert.equal((await add({ name: 'odd', role: 'viewer', customer: 'Nowhere' })).code, 'REFUSED');
  }
});

/** To the hour: the clock goes on while a test runs. */
function assertNear(instant: number, wanted: number): void {
  assert.ok(Math.abs(instant - wanted) < 3_600_000, `${instant}, not ${wanted}`);
}
