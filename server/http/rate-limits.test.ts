import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, buildWorld } from '../build-world.ts';

const few = { session: 5, customer: 8, sentinel: 3, stranger: 4, signIn: 6 };
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

test('who asks too often in a minute is told when to ask again, by session, customer, sentinel and address', async () => {
  await using world = await buildWorld({ limits: { requestsPerMinute: few } });
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const alice = await world.signedIn('alice', acme);
  const bob = await world.signedIn('bob', acme);
  const charlie = await world.signedIn('charlie', bolt);
  const monitors = (id: string) => `/api/v1/customers/${id}/monitors`;

  assert.equal(await letThrough(7, () => alice('GET', path)), few.session);
  assert.equal(
    await letThrough(5, () => bob('GET', monitors(acme))),
    few.session,
    'another session of the customer goes on',
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

test('one address tries few passwords in a minute, whatever the accounts; who is signed in goes on', async () => {
  await using world = await buildWorld({ limits: { requestsPerMinute: few } });
  const acme = await world.addCustomer('Acme');
  const alice = await world.signedIn('alice', acme);
  let n = 0;
  const guess = () => world.ask('POST', path, { body: { name: `user ${n++}`, password: 'a password that is long' } });
  assert.equal(await letThrough(9, guess), few.signIn - 1);
  assert.equal((await alice('GET', path)).status, 200);
});
