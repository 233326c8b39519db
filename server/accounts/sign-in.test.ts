import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CustomerId } from '../../db/customers.ts';
import { type Answer, buildWorld, type World } from '../build-world.ts';
import { serverConfig } from '../config.ts';
import { openContext } from '../http/context.ts';
import { buildPerson, goodPassword } from './build-person.ts';
import { countAttempt, forgetFailures, lockedAccounts, unlock } from './sign-in-lock.ts';
import { addUser } from './users.ts';

/** Strangers' addresses. */
const sources = process.env.VEDETTE_LONG === '1' ? 1000 : 120;
const session = '/api/v1/session';
const [minute, hour] = [60_000, 3_600_000];
const wrong = 'a password that it is not';

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

/** As a server of the same folder and databases is started anew. */
function settingsOf({ context: { dataFolder, home } }: World) {
  return serverConfig({ dataFolder, databaseUrl: home === dataFolder ? undefined : home, logLevel: 'silent' }, {});
}
