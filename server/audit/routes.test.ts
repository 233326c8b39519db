import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWorld } from '../build-world.ts';
import type { Entry } from './entry.ts';

interface Page {
  entries: Entry[];
  next: number | null;
}

test("an administrator reads the customer's trail page by page and filtered, an operator the provider's, others neither", async () => {
  await using world = await buildWorld();
  const [acme, bolt] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const asAlice = await world.signedIn('alice', acme, 'admin');
  const asVera = await world.signedIn('vera', acme, 'viewer');
  const asOlga = await world.signedIn('olga', null);
  const path = `/api/v1/customers/${acme}/audit`;
  const read = async (query = '') => (await asAlice('GET', `${path}${query}`)).json() as Page;

  const { entries } = await read();
  const tells = entries.map(({ actor, told }) => `${actor.name} ${told}`);
  const wanted = ['vera signed in', 'command line added the user “vera”', 'alice signed in'];
  assert.deepEqual(tells.slice(0, 3), wanted);
  assert.deepEqual(tells.slice(3), ['command line added the user “alice”', 'command line added the customer “Acme”']);

  const first = await read('?limit=2');
  const second = await read(`?limit=3&before=${first.next}`);
  assert.deepEqual([...first.entries, ...second.entries], entries);
  assert.equal(second.next, null);
  const ids = async (query: string) => (await read(query)).entries.map(({ id }) => id);
  assert.deepEqual(await ids('?person=alice&action=signed-in'), [3]);
  assert.deepEqual(await ids('?person=nobody'), []);
  assert.deepEqual(await ids(`?to=${Date.now() - 3_600_000}`), []);
  assert.equal((await asAlice('GET', `${path}?before=x`)).code, 'QUERY_INVALID');

  assert.equal((await asVera('GET', path)).code, 'ROLE');
  assert.equal((await asOlga('GET', path)).status, 404);
  assert.equal((await asAlice('GET', `/api/v1/customers/${bolt}/audit`)).status, 404);
  assert.equal((await asAlice('GET', '/api/v1/audit')).status, 404);
  const provider = (await asOlga('GET', '/api/v1/audit?action=customer-added')).json() as Page;
  assert.deepEqual(
    provider.entries.map(({ subject }) => subject),
    ['Bolt', 'Acme'],
  );
});

test('a trail is exported as JSON lines, the oldest first, and the export is its last entry', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const asAlice = await world.signedIn('alice', acme, 'admin');
  const path = `/api/v1/customers/${acme}/audit/export`;
  const ofOne = await asAlice('GET', `${path}?person=vera`);
  assert.deepEqual([ofOne.status, ofOne.code], [400, 'QUERY_INVALID']);
  assert.match(ofOne.text, /person: there are no parameters/);
  const answer = await asAlice('GET', path);
  assert.match(String(answer.headers['content-disposition']), /attachment; filename="audit\.jsonl"/);
  const lines = answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
  assert.deepEqual(
    lines.map(({ id }) => id),
    [1, 2, 3, 4],
  );
  assert.equal(`${lines[3]?.actor.name} ${lines[3]?.told}`, 'alice exported the audit trail');
  assert.equal(lines[3]?.previousHash, lines[2]?.hash);
});
