import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { AuditRow } from '../../db/audit-table.ts';
import type { CustomerId } from '../../db/customers.ts';
import { until } from '../../test/faults/until.ts';
import { type MariaDb, mariaDb } from '../../test/mariadb.ts';
import { archiveKeys } from '../archive/keys.ts';
import { trailOf } from '../audit/trail.ts';
import { type Ask, buildWorld, type World } from '../build-world.ts';
import { aboutDatabaseServer, addDatabaseServer } from '../databases/database-servers.ts';
import { eraseCustomer } from '../keeping/erase.ts';
import { leftovers } from '../keeping/leftovers.ts';
import { goodPassword } from './build-person.ts';
import { listCustomers } from './customers.ts';
import type { CustomersAnswer } from './shapes.ts';

const customers = '/api/v1/customers';
const wish = { name: 'Ålice & Söns', timeZone: 'europe/amsterdam', password: goodPassword };

let mariadb: MariaDb;
before(async () => {
  mariadb = await mariaDb();
});
after(() => mariadb.close());

const namesIn = async (ask: Ask) =>
  ((await ask('GET', customers)).json() as CustomersAnswer).customers.map(({ name }) => name);

/** As `addDatabaseServer`, of one that need not answer. */
async function addUnasked({ context }: World, name: string, url: string): Promise<void> {
  const sealed = context.masterKey.seal(url, aboutDatabaseServer(name));
  await context.registry('database_servers').insert({ name, address: new URL(url).host, sealed, created_at: 0 });
}

/** A way to the database server that lets the first `free` connections through; the others wait until it is opened, or end. */
async function buildGate(free: number, others: 'wait' | 'end' = 'wait') {
  const { hostname, port } = new URL(mariadb.url);
  const opened = Promise.withResolvers<void>();
  const all: Socket[] = [];
  let [come, isOpen] = [0, false];
  void opened.promise.then(() => {
    isOpen = true;
  });
  const gate = createServer((socket) => {
    const beyond = connect(Number(port), hostname);
    all.push(socket, beyond);
    for (const end of [socket, beyond]) end.on('error', () => [socket, beyond].map((other) => other.destroy()));
    const pass = () => socket.pipe(beyond).pipe(socket);
    if (++come <= free || isOpen) pass();
    else if (others === 'wait') void opened.promise.then(pass);
    else socket.destroy();
  });
  await new Promise<void>((done) => gate.listen(0, '127.0.0.1', done));
  const url = mariadb.url.replace(/:\d+$/, `:${(gate.address() as AddressInfo).port}`);
  const close = () => {
    gate.close();
    for (const socket of all) socket.destroy();
  };
  return { url, come: () => come, open: opened.resolve, [Symbol.dispose]: close };
}

test('an administrator of the provider adds a customer, whose own takes over from there', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const otto = await world.signedIn('otto', null, 'operator-admin');
  const answer = await otto('POST', customers, { body: wish });
  assert.equal(answer.status, 200, answer.text);
  const added = answer.json() as { id: CustomerId; name: string; timeZone: string; archiveKey: string };
  assert.deepEqual([added.name, added.timeZone], ['Ålice & Söns', 'Europe/Amsterdam']);
  assert.deepEqual(await namesIn(otto), ['Ålice & Söns']);
  const keys = await archiveKeys(context, added.id);
  assert.deepEqual(
    keys.map(({ recipient, waiting }) => [recipient, waiting !== null]),
    [[added.archiveKey, true]],
  );
  for (const trail of [trailOf(context, null), trailOf(context, added.id)]) {
    const told = await trail((db) => db<AuditRow>('audit').where({ action: 'customer-added' }));
    assert.deepEqual(
      told.map(({ actor_name, actor_kind, subject }) => [actor_name, actor_kind, subject]),
      [['otto', 'operator', 'Ålice & Söns']],
    );
  }
  const alice = await world.signedIn('alice', added.id, 'admin');
  assert.equal((await alice('GET', `${customers}/${added.id}/sentinels`)).status, 200);
  assert.equal((await world.enrolled(added.id)).customerId, added.id);
});

test('on a database server it has a schema and an account with rights on that schema alone', async () => {
  await using world = await buildWorld();
  await addDatabaseServer(world.context, 'db-1', mariadb.url);
  const otto = await world.signedIn('otto', null, 'operator-admin');
  const { databaseServers } = (await otto('GET', '/api/v1/database-servers')).json() as { databaseServers: object[] };
  assert.deepEqual(databaseServers, [{ name: 'db-1', address: new URL(mariadb.url).host }]);
  const { id } = (await otto('POST', customers, { body: { ...wish, databaseServer: 'db-1' } })).json() as {
    id: string;
  };
  const schema = schemaOf(id);
  const grants = await mariadb.sql(`show grants for '${schema}'@'%'`);
  const rights = /^GRANT USAGE ON \*\.\* TO[^\n]*\nGRANT ([A-Z, ]+) ON `([^`]*)`\.\* TO [^\n]*\n?$/.exec(grants);
  assert.equal(rights?.[2], schema.replace('_', '\\\\_'), grants);
  assert.doesNotMatch(rights?.[1] ?? '', /ALL|OPTION|FILE/);
  await eraseCustomer(world.context, wish.name);
});

test('a session alone adds none, nor does whoever is no administrator of the provider', async () => {
  await using world = await buildWorld();
  const otto = await world.signedIn('otto', null, 'operator-admin');
  const olga = await world.signedIn('olga', null);
  const { password: _, ...unproved } = wish;
  const refusals: [Ask, object, string][] = [
    [otto, unproved, 'BODY_INVALID'],
    [otto, { ...wish, password: 'a password that it is not' }, 'PASSWORD_WRONG'],
    [olga, wish, 'ROLE'],
  ];
  for (const [ask, body, code] of refusals) assert.equal((await ask('POST', customers, { body })).code, code);
  assert.equal((await olga('GET', '/api/v1/database-servers')).code, 'ROLE');
  assert.deepEqual(await listCustomers(world.context), []);
});

test('of two at once with one name one is added, and of the other nothing is left', async () => {
  await using world = await buildWorld();
  const { context } = world;
  using gate = await buildGate(1);
  await addUnasked(world, 'db-1', gate.url);
  const otto = await world.signedIn('otto', null, 'operator-admin');
  const begun = new Set<string>();
  const { folder } = context.customers;
  context.customers.folder = (id) => {
    begun.add(id);
    return folder(id);
  };
  const body = { ...wish, databaseServer: 'db-1' };
  const asked = [1, 2].map(() => otto('POST', customers, { body }));
  // One saw that the database server is there and makes a schema, the other looks: both know that the name is free.
  await until('both are under way', () => gate.come() === 3);
  gate.open();
  const both = await Promise.all(asked);
  assert.deepEqual(both.map(({ status, code }) => [status, code]).sort(), [
    [200, undefined],
    [409, 'NAME_TAKEN'],
  ]);
  for (const name of [wish.name, wish.name.toUpperCase()]) {
    const again = await otto('POST', customers, { body: { ...body, name } });
    assert.deepEqual([again.status, again.code], [409, 'NAME_TAKEN'], name);
  }
  const [added, ...others] = await listCustomers(context);
  assert.deepEqual(others, []);
  assert.deepEqual(readdirSync(join(context.dataFolder, 'customers')), [added?.id]);
  const schemas = [...begun].map((id) => `'${schemaOf(id)}'`).join();
  const kept = await mariadb.sql(
    `select schema_name from information_schema.schemata where schema_name in (${schemas})`,
  );
  assert.equal(kept.trim(), schemaOf(added?.id ?? ''));
  await eraseCustomer(context, wish.name);
});

test('a customer whose own account is not let in is none yet, and is added when it is asked for again', async () => {
  await using world = await buildWorld();
  using gate = await buildGate(2, 'end'); // those of the administrator
  await addUnasked(world, 'db-1', gate.url);
  const otto = await world.signedIn('otto', null, 'operator-admin');
  const body = { ...wish, databaseServer: 'db-1' };
  const cut = await otto('POST', customers, { body });
  assert.deepEqual([cut.status, cut.code], [503, 'DATABASE_UNUSABLE'], cut.text);
  assert.deepEqual(await listCustomers(world.context), []);
  gate.open();
  const [left] = await leftovers(world.context, undefined, -60_000);
  await left?.remove();
  assert.equal((await otto('POST', customers, { body })).status, 200);
  await eraseCustomer(world.context, wish.name);
});

test('what does not fit is told by its place, and a database server that is not there with the cause and no password', async () => {
  await using world = await buildWorld();
  await addUnasked(world, 'far', 'mysql://root:secret@127.0.0.1:1');
  const otto = await world.signedIn('otto', null, 'operator-admin');
  const wrong: [object, number, string, RegExp][] = [
    [{ name: '' }, 400, 'BODY_INVALID', /name: /],
    [{ name: '  \t' }, 400, 'BODY_INVALID', /name: /],
    [{ name: 'x'.repeat(201) }, 400, 'BODY_INVALID', /name: .*200/],
    [{ name: 7 }, 400, 'BODY_INVALID', /name: /],
    [{ timeZone: 'Europe/Atlantis' }, 400, 'BODY_INVALID', /timeZone: must be a time zone, as in Europe/],
    [{ databaseServer: 'db-9' }, 409, 'REFUSED', /there is no database server \\"db-9\\": there are \\"far\\"/],
    [{ databaseServer: 'far' }, 503, 'DATABASE_UNUSABLE', /127\.0\.0\.1:1.*see that the database server runs/],
  ];
  for (const [change, status, code, why] of wrong) {
    const answer = await otto('POST', customers, { body: { ...wish, ...change } });
    assert.deepEqual([answer.status, answer.code], [status, code], answer.text);
    assert.match(answer.text, why);
    assert.ok(!answer.text.includes('secret'));
  }
  assert.deepEqual(await listCustomers(world.context), []);
  assert.ok(!existsSync(join(world.context.dataFolder, 'customers')), 'nothing was begun');
  const { status } = await otto('POST', customers, { body: { ...wish, name: '  مؤسسة 🛰️ ' } });
  assert.equal(status, 200, 'and once it is right it is added');
  assert.deepEqual(await namesIn(otto), ['مؤسسة 🛰️']);
});

function schemaOf(id: string): string {
  return `vedette_${id.replaceAll('-', '').slice(0, 24)}`;
}
