import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { CustomerId } from '../../db/customers.ts';
import { buildWorld, type World } from '../build-world.ts';
import type { OwnSession } from './account-shapes.ts';
import { addFactor, buildPerson, goodPassword } from './build-person.ts';
import { buildSecondServer } from './build-second-server.ts';
import type { Session } from './shapes.ts';
import { addUser } from './users.ts';

const session = '/api/v1/session';
const factor = '/api/v1/session/second-factor';
const halfMinute = 30_000;
const otherPassword = 'seven copper owls at dusk';

let world: World;
let acme: CustomerId;
let users = 0;

before(async () => {
  world = await buildWorld();
  acme = await world.addCustomer('Acme');
});
after(async () => world[Symbol.asyncDispose]());

/** A new user of Acme, signed in. */
async function newAlice() {
  const name = `alice.${++users}`;
  await addUser(world.context, { name, role: 'author', customerId: acme, password: goodPassword });
  const alice = buildPerson(world);
  await alice.signIn(name);
  const actions = () => world.context.registry('audit').where({ subject: name }).orderBy('id').pluck('action');
  return { name, alice, actions };
}

/** The middle of the present 30 seconds, so that no test runs over an edge. */
function settle({ context, advance }: World): void {
  advance(halfMinute - (context.now() % halfMinute) + halfMinute / 2);
}

test('a password is changed by who knows the present one; other sessions end, this goes on under another token', async () => {
  const { name, alice, actions } = await newAlice();
  const change = (current: string, password: string) =>
    alice.ask('POST', `${session}/password`, { body: { current, password } });
  const elsewhere = buildPerson(world);
  await elsewhere.signIn(name);
  const stolen = alice.token();

  assert.equal((await change('a password that it is not', otherPassword)).code, 'PASSWORD_WRONG');
  const weak = await change(goodPassword, 'Alice-in-Utrecht');
  assert.equal(weak.code, 'PASSWORD_REFUSED');
  assert.match((weak.json() as { detail: string }).detail, /holds "alice"/);
  assert.match((await change(goodPassword, goodPassword)).text, /one of your last 10/);
  assert.equal((await elsewhere.ask('GET', session)).status, 200, 'what was refused changed nothing');

  assert.equal((await change(goodPassword, otherPassword)).status, 200);
  assert.notEqual(alice.token(), stolen);
  assert.equal((await alice.ask('GET', session)).status, 200);
  assert.equal((await elsewhere.ask('GET', session)).code, 'NOT_SIGNED_IN');
  const thief = await world.ask('GET', session, { headers: { cookie: `__Host-vedette=${stolen}` } });
  assert.equal(thief.code, 'NOT_SIGNED_IN');
  assert.equal((await elsewhere.signIn(name)).code, 'SIGN_IN_FAILED');
  assert.equal((await elsewhere.signIn(name, otherPassword)).status, 200);
  assert.ok((await actions()).includes('password-changed'));

  for (let i = 0; i < 5; i++) await change('a password that it is not', goodPassword);
  assert.equal((await change(otherPassword, goodPassword)).code, 'LOCKED', 'a stolen session is no way to guess');
});

test('with a second factor a password alone signs nobody in; each code is good once, and none before its time', async () => {
  const { name, alice, actions } = await newAlice();
  settle(world);
  const { codeAt, recoveryCodes } = await addFactor(alice, world.context.now);
  assert.equal(recoveryCodes.length, 10);
  const now = () => world.context.now();
  const status = async (code?: string) => {
    const answer = await buildPerson(world).signIn(name, goodPassword, code);
    await world.context.registry('sign_in_failures').delete();
    return answer.status;
  };
  assert.equal(await status(), 401);
  assert.equal(await status(codeAt(now())), 401, 'it was given when the factor was set up');
  assert.equal(await status(codeAt(now() + halfMinute)), 401, 'that of the next 30 seconds');
  world.advance(2 * halfMinute);
  assert.equal(await status(codeAt(now() - 2 * halfMinute)), 401, 'two steps back');
  assert.equal(await status(codeAt(now() - halfMinute)), 200, 'one step back');
  const present = codeAt(now());
  const twice = await Promise.all([status(`${present.slice(0, 3)} ${present.slice(3)}`), status(present)]);
  assert.deepEqual(twice.toSorted(), [200, 401], 'of two at once one is right');
  assert.equal(await status(codeAt(now() - halfMinute)), 401, 'an earlier one after a later');

  const [first = '', second = ''] = recoveryCodes;
  assert.deepEqual((await Promise.all([status(first), status(first.toUpperCase())])).toSorted(), [200, 401]);
  const { recovery_hashes } = await world.context.registry('users').where({ name }).first('recovery_hashes');
  assert.equal(JSON.parse(recovery_hashes).length, 9);
  world.advance(halfMinute);
  const renewed = await alice.ask('POST', `${session}/recovery-codes`, {
    body: { password: goodPassword, code: codeAt(now()) },
  });
  assert.equal((renewed.json() as { recoveryCodes: string[] }).recoveryCodes.length, 10);
  assert.equal(await status(second), 401, 'new ones replace all');

  world.advance(halfMinute);
  const remove = (code: string) => alice.ask('POST', `${factor}/removal`, { body: { password: goodPassword, code } });
  assert.equal((await remove('000000')).code, 'CODE_WRONG');
  assert.equal((await remove(codeAt(now()))).status, 200);
  assert.equal(await status(), 200);
  const wanted = ['second-factor-added', 'recovery-codes-renewed', 'second-factor-removed'];
  assert.deepEqual(
    (await actions()).filter((action) => wanted.includes(action)),
    wanted,
  );
});

test('a second factor is set up by who knows the password and shows a code of it; its secret is kept sealed', async () => {
  const { name, alice } = await newAlice();
  settle(world);
  const begin = (password: string) => alice.ask('POST', factor, { body: { password } });
  assert.equal((await begin('a password that it is not')).code, 'PASSWORD_WRONG');
  const begun = (await begin(goodPassword)).json() as { secret: string; uri: string; qrCode: string };
  const secret = begun.secret.replaceAll(' ', '');
  assert.match(begun.uri, new RegExp(`^otpauth://totp/Vedette:${name}\\?issuer=Vedette&secret=${secret}&`));
  assert.match(begun.qrCode, /^<svg /);
  assert.equal((await alice.ask('PUT', factor, { body: { code: '000000' } })).code, 'CODE_WRONG');
  assert.equal((await alice.ask('GET', session)).status, 200);
  const { recoveryCodes } = await addFactor(alice, world.context.now);
  const kept = JSON.stringify([await world.context.registry('users'), await world.context.registry('sessions')]);
  for (const text of [secret, ...recoveryCodes]) assert.ok(!kept.includes(text));
  const now = (await alice.ask('GET', session)).json() as Session;
  assert.deepEqual([now.user.hasSecondFactor, now.user.recoveryCodesLeft], [true, 10]);
  assert.equal((await begin(goodPassword)).code, 'FACTOR_THERE', 'it is not replaced by a password alone');
});

test('a second factor that this master key does not open lets recovery codes in, and nobody else', async () => {
  const { name, alice } = await newAlice();
  settle(world);
  const { codeAt, recoveryCodes } = await addFactor(alice, world.context.now);
  await world.context.registry('users').where({ name }).update({ second_factor: 'sealed elsewhere' });
  world.advance(halfMinute);
  const signIn = (code: string) => buildPerson(world).signIn(name, goodPassword, code);
  assert.equal((await signIn(codeAt(world.context.now()))).status, 401);
  assert.equal((await signIn(recoveryCodes[0] ?? '')).status, 200);
});

test('one sees where one is signed in, and ends one session or all others, at once in every server process', async () => {
  const { name, alice } = await newAlice();
  await using second = await buildSecondServer(world);
  const [phone, library] = [buildPerson(world), buildPerson(second)];
  const agent = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
  await phone.signIn(name);
  const body = { name, password: goodPassword };
  await library.ask('POST', session, { body, headers: agent });
  const list = async () => ((await alice.ask('GET', '/api/v1/sessions')).json() as { sessions: OwnSession[] }).sessions;
  const sessions = await list();
  assert.equal(sessions.length, 3);
  assert.equal(sessions.filter((one) => one.isThis).length, 1);
  const ofLibrary = sessions.find((one) => one.browser === 'Firefox on Linux');
  assert.equal(ofLibrary?.source, '127.0.0.1');
  assert.equal((await alice.ask('DELETE', `/api/v1/sessions/${ofLibrary.id}`)).status, 204);
  assert.equal((await library.ask('GET', session)).code, 'NOT_SIGNED_IN');
  assert.equal((await alice.ask('DELETE', `/api/v1/sessions/${ofLibrary.id}`)).status, 404);
  assert.equal((await alice.ask('DELETE', '/api/v1/sessions')).status, 204);
  assert.equal((await phone.ask('GET', session)).code, 'NOT_SIGNED_IN');
  assert.deepEqual(
    (await list()).map((one) => one.isThis),
    [true],
  );
  const bob = await world.signedIn('bob', null);
  assert.equal((await bob('DELETE', `/api/v1/sessions/${(await list())[0]?.id}`)).status, 404, "not another's");
});
