import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserRow } from '../../db/registry/rows.ts';
import { buildPerson, goodPassword, type Person } from '../accounts/build-person.ts';
import { addToken, revokeToken } from '../accounts/tokens.ts';
import { addUser } from '../accounts/users.ts';
import { type Answer, buildWorld } from '../build-world.ts';

const few = { asker: 5, customer: 8, sentinel: 3, stranger: 4, signIn: 6 };
const path = '/api/v1/session';

/** Asks so often, and returns how many were let through; those that were not are all told when to ask again. */
async function letThrough(times: number, ask: () => Promise<Answer>): Promise<number> {
  let through = 0;
  for (let i = 0; i < times; i++) {
    const answer = await ask();
    if (answer.status !== 429) through++;
    else {
      assert.equal(answer.code, 'TOO_MANY_REQUESTS');
      const wait = Number(answer.headers['retry-after']);
      assert.ok(wait >= 1 && wait <= 60, `${wait} s`);
    }
  }
  return through;
}

test('who asks too often in a minute is told when to ask again, by user, customer, sentinel and address', async () => {
  await using world = await buildWorld({ limits: { requestsPerMinute: few } });
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const alice = await world.signedIn('alice', acme);
  const bob = await world.signedIn('bob', acme);
  const charlie = await world.signedIn('charlie', bolt);
  const monitors = (id: string) => `/api/v1/customers/${id}/monitors`;

  assert.equal(await letThrough(7, () => alice('GET', path)), few.asker);
  assert.equal(
    await letThrough(5, () => bob('GET', monitors(acme))),
    few.asker,
    'another user of the customer goes on',
  );
  const carol = await world.signedIn('carol', acme);
  assert.equal(
    await letThrough(5, () => carol('GET', monitors(acme))),
    few.customer - 5,
    'until the customer has had its share',
  );
  assert.equal(await letThrough(3, () => charlie('GET', monitors(bolt))), 3, 'another customer notices nothing');

  assert.equal(await letThrough(6, () => world.ask('GET', path)), few.stranger);
  const sentinel = await world.enrolled(acme);
  let counter = 1;
  const headers = () => ({ 'vedette-counter': String(counter++) });
  const beat = () => sentinel.ask('GET', '/sentinel/v1/assignments', { headers: headers() });
  assert.equal(await letThrough(5, beat), few.sentinel);
});

test('whoever has many sessions or tokens has the share of one: others of the customer are asked as before', async () => {
  await using world = await buildWorld({ limits: { requestsPerMinute: { ...few, customer: 20, signIn: 20 } } });
  const acme = await world.addCustomer('Acme');
  const ada = await world.signedIn('ada', acme, 'admin');
  const monitors = `/api/v1/customers/${acme}/monitors`;
  await addUser(world.context, { name: 'alice', role: 'viewer', customerId: acme, password: goodPassword });
  const sessions: Person[] = [];
  for (let i = 0; i < 4; i++) {
    const alice = buildPerson(world);
    sessions.push(alice);
    await alice.signIn('alice');
  }
  let turn = 0;
  assert.equal(await letThrough(12, () => (sessions[turn++ % 4] as Person).ask('GET', monitors)), few.asker);

  const users = world.context.registry<UserRow>('users');
  const actor = { kind: 'user', id: (await users.where({ name: 'ada' }).first())?.id ?? '', name: 'ada' } as const;
  const tokens: string[] = [];
  for (const name of ['one', 'two', 'three']) {
    tokens.push((await addToken(world.context, acme, { name, scope: ['read'], lifeMs: 3_600_000 }, actor)).text);
  }
  const byToken = () => {
    const headers = { authorization: `Bearer ${tokens[turn++ % 3]}` };
    return world.ask('GET', monitors, { headers });
  };
  assert.equal(await letThrough(9, byToken), few.asker);
  assert.equal((await ada('GET', monitors)).status, 200, 'her own session is counted apart');
});

test('a program that asks on with a token that has ended takes nothing from the other tokens of whoever made it', async () => {
  await using world = await buildWorld({ limits: { requestsPerMinute: few } });
  const acme = await world.addCustomer('Acme');
  await addUser(world.context, { name: 'ada', role: 'admin', customerId: acme, password: goodPassword });
  const ada = await world.context.registry<UserRow>('users').where({ name: 'ada' }).first();
  const actor = { kind: 'user', id: ada?.id ?? '', name: 'ada' } as const;
  const wish = { scope: ['read' as const], lifeMs: 3_600_000 };
  const [old, young] = [
    await addToken(world.context, acme, { ...wish, name: 'old' }, actor),
    await addToken(world.context, acme, { ...wish, name: 'young' }, actor),
  ];
  const by = (text: string) =>
    world.ask('GET', `/api/v1/customers/${acme}/monitors`, { headers: { authorization: `Bearer ${text}` } });
  await revokeToken(world.context, acme, old.token.id, actor);
  assert.equal(await letThrough(7, () => by(old.text)), few.stranger, 'as an address that has shown nothing');
  assert.equal((await by(young.text)).status, 200);
});

test('one address tries few passwords in a minute, whatever the accounts; who is signed in goes on', async () => {
  await using world = await buildWorld({ limits: { requestsPerMinute: few } });
  const acme = await world.addCustomer('Acme');
  const alice = await world.signedIn('alice', acme);
  let n = 0;
  const guess = () => world.ask('POST', path, { body: { name: `user ${n++}`, password: 'a password that is long' } });
  assert.equal(await letThrough(9, guess), few.signIn - 1);
  assert.equal((await alice('GET', path)).status, 200);
});
