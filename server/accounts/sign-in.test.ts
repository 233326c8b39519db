import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { UserRow } from '../../db/registry/rows.ts';
import { pinnedAgent, send } from '../build-client.ts';
import { type Answer, buildWorld, type World } from '../build-world.ts';
import { serverConfig } from '../config.ts';
import { openContext, type ServerContext } from '../http/context.ts';
import { addFactor, buildPerson, goodPassword } from './build-person.ts';
import { changePassword } from './change-password.ts';
import { disableUser, resetUser } from './change-user.ts';
import { forgetDevices } from './known-devices.ts';
import { choosePasswordByLink, makeLink } from './links.ts';
import { signIn } from './sign-in.ts';
import { countAttempt, forgetFailures, lockedAccounts, unlock } from './sign-in-lock.ts';
import { addUser } from './users.ts';

/** Strangers' addresses. */
const sources = process.env.VEDETTE_LONG === '1' ? 1000 : 120;
const session = '/api/v1/session';
const [minute, hour] = [60_000, 3_600_000];
const wrong = 'a password that it is not';
const otherPassword = 'seven copper owls at dusk';
const from = { source: '127.0.0.1', browser: '' };

let world: World;
let acme: CustomerId;

before(async () => {
  world = await buildWorld();
  acme = await world.addCustomer('Acme');
});
after(async () => world[Symbol.asyncDispose]());

/** How an answer looks from outside. */
const shape = ({ status, text, headers }: Answer) => {
  const { date: _, ...others } = headers;
  return { status, text, others };
};

test('wrong, unknown, disabled, invited and half right answer alike, letter by letter', async () => {
  const { context } = world;
  for (const name of ['alice', 'bob', 'carol']) {
    await addUser(context, { name, role: 'viewer', customerId: acme, password: goodPassword });
  }
  const users = () => context.registry('users');
  await users().where({ name: 'bob' }).update({ disabled_at: 1 });
  await users().where({ name: 'carol' }).update({ password_hash: '' });
  const { id } = await users().where({ name: 'alice' }).first('id');
  const withFactor = { second_factor: context.masterKey.seal('A'.repeat(32), `the second factor of user ${id}`) };
  const attempts = [
    { name: 'alice', password: wrong },
    { name: 'nobody', password: goodPassword },
    { name: 'bob', password: goodPassword },
    { name: 'carol', password: goodPassword },
  ];
  const answers = [];
  for (const body of attempts) answers.push(await world.ask('POST', session, { body }));
  await users()
    .where({ id })
    .update({ ...withFactor, second_factor_step: 0 });
  for (const code of [undefined, '000000', 'abcde-abcde-abcde']) {
    answers.push(await world.ask('POST', session, { body: { name: 'alice', password: goodPassword, code } }));
  }
  assert.equal(answers[0]?.code, 'SIGN_IN_FAILED');
  for (const answer of answers) assert.deepEqual(shape(answer), shape(answers[0] as Answer));
  const told: string[] = await context
    .registry('audit')
    .where({ action: 'sign-in-failed' })
    .orderBy('id')
    .pluck('detail');
  assert.deepEqual(
    told.map((detail) => JSON.parse(detail).wrong),
    ['password', 'name', 'disabled', 'password', 'no code', 'code', 'code'],
    'the trail knows',
  );
});

test('a refusal asks the registry the same things, whether the name is there or not, and whatever was wrong', async () => {
  const { context } = world;
  for (const name of ['fay', 'gus']) {
    await addUser(context, { name, role: 'viewer', customerId: acme, password: goodPassword });
  }
  await context.registry('users').where({ name: 'gus' }).update({ disabled_at: 1 });
  const asked: string[] = [];
  const note = ({ sql }: { sql: string }) => asked.push(sql);
  context.registry.on('query', note);
  const questions = async (name: string, password: string) => {
    asked.length = 0;
    assert.equal((await buildPerson(world).signIn(name, password)).code, 'SIGN_IN_FAILED');
    return asked.filter((sql) => /sign_in_failures|known_devices|.users.|insert into .audit/.test(sql)); // jobs go on
  };
  const ofKnown = await questions('fay', wrong);
  assert.ok(ofKnown.some((sql) => /insert into .audit/.test(sql)));
  assert.deepEqual(await questions('nobody at all', wrong), ofKnown);
  assert.deepEqual(await questions('gus', goodPassword), ofKnown);
  context.registry.off('query', note);
});

test('a new session takes the place of the one that the browser had', async () => {
  await addUser(world.context, { name: 'hal', role: 'viewer', customerId: acme, password: goodPassword });
  const hal = buildPerson(world);
  await hal.signIn('hal');
  const before = { cookie: `__Host-vedette=${hal.token()}` };
  assert.equal((await world.ask('GET', session, { headers: before })).status, 200);
  await hal.signIn('hal');
  assert.equal((await world.ask('GET', session, { headers: before })).code, 'NOT_SIGNED_IN');
  assert.equal((await hal.ask('GET', session)).status, 200);
  assert.equal((await hal.signIn('hal', wrong)).code, 'SIGN_IN_FAILED');
  assert.equal((await hal.ask('GET', session)).status, 200, 'who fails has lost nothing');
});

test('a sign-in that is under way when password or factor change, or the user is disabled, comes to nothing', async () => {
  const { context } = world;
  const owner = { kind: 'user' } as const;
  const meanwhile: Record<string, (user: UserRow) => Promise<unknown>> = {
    'another password': (user) => changePassword(context, { user, password: otherPassword, actor: owner }),
    'another password by a link': async (user) => {
      const { path } = await makeLink(context, user);
      const chosen = { token: path.split('#')[1] ?? '', password: otherPassword, device: undefined };
      await choosePasswordByLink(context, chosen);
      await forgetDevices(context.registry, user.id); // that of the link is right
    },
    'a second factor': async ({ name }) => {
      const there = buildPerson(world);
      await there.signIn(name);
      await addFactor(there, context.now);
      await there.ask('DELETE', session);
      await context.registry('known_devices').delete();
    },
    disabled: (user) => disableUser(context, user, { kind: 'server' }),
  };
  for (const [what, act] of Object.entries(meanwhile)) {
    const name = `lee ${what}`;
    await addUser(context, { name, role: 'viewer', customerId: acme, password: goodPassword });
    const user = (await context.registry<UserRow>('users').where({ name }).first()) as UserRow;
    const slow = signIn(
      held(context, () => act(user)),
      { name, password: goodPassword },
      from,
    );
    await assert.rejects(slow, { code: 'SIGN_IN_FAILED' }, what);
    for (const table of ['sessions', 'known_devices'] as const) {
      assert.deepEqual(await context.registry(table).where({ user_id: user.id }), [], `${what}: ${table}`);
    }
    const told = await context.registry('audit').where({ actor_name: name }).orderBy('id', 'desc').first();
    assert.deepEqual(
      [told?.action, JSON.parse(told?.detail ?? '').wrong],
      ['sign-in-failed', 'changed meanwhile'],
      what,
    );
  }
});

test('of two sign-ins at once both count, although the first has the hash made anew', async () => {
  const { context } = world;
  await addUser(context, { name: 'mia', role: 'viewer', customerId: acme, password: goodPassword });
  const costly = Object.create(context, { bcryptCost: { value: 5 } });
  const credentials = { name: 'mia', password: goodPassword };
  const other = async () => void (await signIn(costly, credentials, from));
  await signIn(held(costly, other), credentials, from);
  assert.equal((await buildPerson(world).signIn('mia')).status, 200);
});

test('under attack from many addresses the owner gets in with a browser that is known, or by a link in a new one', async () => {
  const { context } = world;
  const name = 'ivy';
  await addUser(context, { name, role: 'viewer', customerId: acme, password: goodPassword });
  const [owner, anew] = [buildPerson(world), buildPerson(world)];
  await owner.signIn(name);
  const { caPem: ca, pins } = context.authority;
  const agent = pinnedAgent({ ca, pins: new Set(pins) });
  const headers = { 'content-type': 'application/json' };
  const guess = async (i: number) => {
    const from = { agent, localAddress: `127.0.3.${1 + i}`, method: 'POST', path: session, headers };
    return (await send(world.server.url, from, JSON.stringify({ name, password: wrong }))).status;
  };
  try {
    const sixOf = async (i: number) => {
      const statuses = [];
      for (let n = 0; n < 6; n++) statuses.push(await guess(i));
      return statuses;
    };
    const statuses = (await Promise.all(Array.from({ length: 21 }, (_, i) => sixOf(i)))).flat();
    assert.equal(statuses.filter((status) => status === 401).length, 100, 'of 126 no more were looked at');
    assert.equal((await anew.signIn(name)).code, 'LOCKED', 'a right password from elsewhere is not looked at either');
    assert.equal((await owner.signIn(name)).status, 200);

    const user = await context.registry<UserRow>('users').where({ name }).first();
    const { path } = await resetUser(context, user as UserRow, { kind: 'server' });
    const another = 'copper lantern under seven';
    const body = { token: path.split('#')[1], password: another };
    assert.equal((await anew.ask('POST', '/api/v1/links/use', { body })).status, 204);
    for (let i = 0; i < 100; i++) {
      await countAttempt(context.registry, { account: name, source: `100.64.0.${i}` }, context.now());
    }
    assert.equal((await buildPerson(world).signIn(name, another)).code, 'LOCKED', 'the attack went on');
    assert.equal((await owner.signIn(name, another)).code, 'LOCKED', 'a browser of before the link is a stranger');
    assert.equal((await anew.signIn(name, another)).status, 200);
  } finally {
    agent.destroy();
  }
});

test('while strangers have all the turns for hashing, a browser that is known and a session have theirs', async () => {
  const { context } = world;
  await addUser(context, { name: 'kim', role: 'viewer', customerId: acme, password: goodPassword });
  const [kim, there] = [buildPerson(world), buildPerson(world)];
  for (const one of [kim, there]) await one.signIn('kim');
  const cost = Object.getOwnPropertyDescriptor(context, 'bcryptCost') ?? {};
  Object.defineProperty(context, 'bcryptCost', { ...cost, get: () => 9, configurable: true });
  const strangers = Array.from({ length: 45 }, (_, i) => buildPerson(world).signIn(`nobody ${i}`, wrong));
  const busy = strangers.map(async (asked) => assert.equal((await asked).code, 'BUSY'));
  await Promise.any(busy);
  const made = { token: 'no link of ours', password: wrong };
  const links = Array.from({ length: 45 }, () => world.ask('POST', '/api/v1/links/use', { body: made }));
  const body = { current: wrong, password: 'copper lantern under seven' };
  const own = [kim.signIn('kim'), there.ask('POST', `${session}/password`, { body })];
  const answers = await Promise.all(own);
  await Promise.allSettled([...busy, ...strangers]);
  assert.deepEqual(new Set((await Promise.all(links)).map(({ code }) => code)), new Set(['LINK_GONE']));
  Object.defineProperty(context, 'bcryptCost', cost);
  assert.deepEqual(
    answers.map(({ code, status }) => code ?? status),
    [200, 'PASSWORD_WRONG'],
  );
});

test('a browser in which somebody uses a link stays known for those who share it', async () => {
  const { context } = world;
  const made = { role: 'viewer', customerId: acme, password: goodPassword } as const;
  for (const name of ['piet', 'nina']) await addUser(context, { ...made, name });
  const shared = buildPerson(world);
  await shared.signIn('piet');
  const nina = await context.registry<UserRow>('users').where({ name: 'nina' }).first();
  const { path } = await resetUser(context, nina as UserRow, { kind: 'server' });
  const body = { token: path.split('#')[1], password: 'copper lantern under seven' };
  assert.equal((await shared.ask('POST', '/api/v1/links/use', { body })).status, 204);
  for (let i = 0; i < 100; i++) {
    await countAttempt(context.registry, { account: 'piet', source: `100.64.1.${i}` }, context.now());
  }
  assert.equal((await buildPerson(world).signIn('piet')).code, 'LOCKED');
  assert.equal((await shared.signIn('piet')).status, 200);
});

test('who is signed in and gives a wrong password or code is in both trails', async () => {
  const { context } = world;
  await addUser(context, { name: 'joe', role: 'viewer', customerId: acme, password: goodPassword });
  const joe = buildPerson(world);
  await joe.signIn('joe');
  const body = { current: wrong, password: 'copper lantern under seven' };
  assert.equal((await joe.ask('POST', `${session}/password`, { body })).code, 'PASSWORD_WRONG');
  const failed = (db: Registry | CustomerDb) =>
    db('audit').where({ action: 'proof-failed', actor_name: 'joe' }).pluck('detail');
  const told = ['{"source":"127.0.0.1","wrong":"password"}'];
  assert.deepEqual(await failed(context.registry), told);
  assert.deepEqual(await context.customers.use(acme, failed), told);
});

test('locks go by account and source, then by account; the owner signs in with a known browser all the while', async () => {
  const { context } = world;
  const { registry } = context;
  await addUser(context, { name: 'dora', role: 'viewer', customerId: acme, password: goodPassword });
  const owner = buildPerson(world);
  assert.equal((await owner.signIn('dora')).status, 200);

  let now = context.now();
  const from = (source: string) => countAttempt(registry, { account: 'dora', source }, now);
  const atOnce = await Promise.all(Array.from({ length: 12 }, () => from('198.51.100.1')));
  assert.equal(atOnce.filter((until) => until === undefined).length, 5, 'parallel tries get no extra guess');
  now += 15 * minute;
  assert.equal(await from('198.51.100.1'), undefined);
  assert.ok(Number(await from('198.51.100.1')) >= now + 30 * minute, 'and then for twice as long');

  let guesses = 6;
  for (let i = 0; i < sources; i++) if ((await from(`203.0.113.${i}`)) === undefined) guesses += 1;
  assert.equal(guesses, 100, 'over all sources no more than 100 in a row');
  assert.equal((await buildPerson(world).signIn('dora')).code, 'LOCKED');
  assert.equal((await owner.signIn('dora', wrong)).code, 'SIGN_IN_FAILED');
  assert.deepEqual(await lockedAccounts(registry, now), new Set(['dora']));
  await using restarted = await openContext(settingsOf(world));
  assert.ok(
    await countAttempt(restarted.registry, { account: 'dora', source: '192.0.2.77' }, now),
    'after a restart too',
  );
  assert.equal((await owner.signIn('dora')).status, 200, 'the owner is never shut out');

  for (let i = 0; i < 100; i++) await from(`203.0.113.${i}`);
  assert.equal((await buildPerson(world).signIn('dora')).code, 'LOCKED');
  await unlock(registry, 'dora');
  assert.equal((await buildPerson(world).signIn('dora')).status, 200);
});

test('a source is held up over all accounts, comes back bit by bit, and what succeeds is not counted', async () => {
  const { registry } = world.context;
  const [source, start] = ['198.51.100.2', world.context.now()];
  const attempt = (account: string, now: number) => countAttempt(registry, { account, source }, now);
  for (let i = 0; i < 5; i++) {
    await attempt(`right ${i}`, start);
    await forgetFailures(registry, { account: `right ${i}`, source });
  }
  for (let i = 0; i < 100; i++) assert.equal(await attempt(`wrong ${i}`, start), undefined, String(i));
  assert.equal(await attempt('another', start), start + minute);
  let taken = 0;
  for (let now = start; now < start + hour; now += 30_000) if ((await attempt(`w ${now}`, now)) === undefined) taken++;
  assert.ok(taken >= 58 && taken <= 60, `${taken} in an hour`);
  assert.equal(await attempt('another', start + 2 * hour), undefined);
});

test('a hash is made anew at the next sign-in once hashes cost more', async () => {
  const { context } = world;
  await addUser(context, { name: 'olga', role: 'operator', customerId: null, password: goodPassword });
  const hash = () => context.registry('users').where({ name: 'olga' }).first('password_hash');
  const before = (await hash()).password_hash;
  await buildPerson(world).signIn('olga');
  assert.equal((await hash()).password_hash, before);
  Object.defineProperty(context, 'bcryptCost', { value: 5 });
  assert.equal((await buildPerson(world).signIn('olga')).status, 200);
  assert.match((await hash()).password_hash, /^[0-9a-f]{16}\$2b\$05\$/);
  assert.equal((await buildPerson(world).signIn('olga')).status, 200, 'by the new one');
});

/** The server as one that is held up while somebody signs in: before it goes on after it has read the user, `act` is done. */
function held(context: ServerContext, act: () => Promise<unknown>): ServerContext {
  let [isRead, isDone] = [false, false];
  const registry = new Proxy(context.registry, {
    apply(target, _, [table]) {
      isRead ||= table === 'users';
      return target(table);
    },
    get(target, name) {
      if (name !== 'transaction' || !isRead || isDone) return Reflect.get(target, name);
      isDone = true;
      return async (work: Parameters<Registry['transaction']>[0]) => {
        await act();
        return target.transaction(work);
      };
    },
  });
  return Object.create(context, { registry: { value: registry } });
}

/** As a server of the same folder and databases is started anew. */
function settingsOf({ context: { dataFolder, home } }: World) {
  return serverConfig({ dataFolder, databaseUrl: home === dataFolder ? undefined : home, logLevel: 'silent' }, {});
}
