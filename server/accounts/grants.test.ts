import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AuditRow } from '../../db/audit-table.ts';
import type { CustomerId } from '../../db/customers.ts';
import { type Ask, buildWorld, type World } from '../build-world.ts';
import { findCustomer } from './customers.ts';
import { Grant, Session } from './shapes.ts';
import { resumeCustomer, suspendCustomer } from './suspend.ts';

/* One world for all: operators enter Acme, and Acme sees it. */

let world: World;
let acme: CustomerId;
let olga: Ask;
const reason = 'the login fails in Utrecht';
const hour = 3_600_000;

before(async () => {
  world = await buildWorld();
  acme = await world.addCustomer('Acme');
  olga = await world.signedIn('olga', null);
});
after(async () => world[Symbol.asyncDispose]());

const at = (below = '') => `/api/v1/customers/${acme}${below}`;
const enter = async (who: Ask, wish: object = {}) => who('POST', at('/entry'), { body: { reason, ...wish } });
const leave = async (who: Ask) => who('DELETE', at('/entry'));
const inside = async (who: Ask) => Session.parse((await who('GET', '/api/v1/session')).json()).inside;
const trail = () =>
  world.context.customers.use(acme, (db) => db<AuditRow>('audit').where('action', 'like', 'operator-%').orderBy('id'));

test('an operator enters a customer for a reason, reads as a viewer does, and the customer sees who, when, why and what', async () => {
  assert.equal((await olga('GET', at('/monitors'))).status, 404, 'not inside yet');
  const grant = Grant.parse((await enter(olga, { ticket: 'T-17' })).json());
  assert.deepEqual([grant.customer.name, grant.mayChange, grant.ticket], ['Acme', false, 'T-17']);
  assert.ok(grant.endsAt - world.context.now() <= hour, 'an hour unless said otherwise');
  assert.deepEqual(await inside(olga), [grant]);
  assert.equal((await olga('GET', at('/monitors?from=1&to=2'))).status, 200);
  assert.equal((await olga('GET', at('/runs/01890000-0000-7000-8000-000000000000'))).status, 404);
  const [entered, opened, ...more] = await trail();
  assert.deepEqual(more, [], 'what was not shown was not opened');
  assert.deepEqual(
    [entered?.action, entered?.actor_kind, entered?.actor_name],
    ['operator-entered', 'operator', 'olga'],
  );
  assert.deepEqual([opened?.action, opened?.actor_name], ['operator-opened', 'olga']);
  assert.equal(opened?.subject, 'All monitors of the customer');
  const { grant: id, ...why } = JSON.parse(opened?.detail ?? '');
  assert.deepEqual(why, { path: '/monitors?from=1&to=2', reason, ticket: 'T-17', until: grant.endsAt });
  assert.equal(JSON.parse(entered?.detail ?? '').grant, id);
});

test('what was opened is named in one way, however its address was spelled', async () => {
  await enter(olga);
  const [, first = ''] = /^(.)/.exec(acme) ?? [];
  const encoded = `%${first.charCodeAt(0).toString(16)}${acme.slice(1)}`;
  const spellings = [
    `/api/v1/Customers/${acme}/Monitors?from=1`,
    `/api/v1/customers/${encoded}/monitors?from=1`,
    `${at('/monitors/')}?from=1`,
  ];
  for (const path of spellings) {
    assert.equal((await olga('GET', path)).status, 200, path);
    const last = (await trail()).findLast(({ action }) => action === 'operator-opened');
    assert.equal(JSON.parse(last?.detail ?? '').path, '/monitors?from=1', path);
  }
});

test('inside, an operator who only reads changes nothing; with changes, everything but who else gets in', async () => {
  const run = at('/sentinels/01890000-0000-7000-8000-000000000000/revocation');
  const refused = await olga('POST', run);
  assert.deepEqual([refused.status, refused.code], [403, 'ROLE']);
  assert.match(refused.text, /enter it anew, with changes/);
  await enter(olga, { mayChange: true });
  assert.equal((await olga('POST', run)).code, 'NOT_FOUND', 'there is no such sentinel');
  for (const [method, path] of [
    ['GET', '/tokens'],
    ['POST', '/tokens'],
  ] as const) {
    assert.match((await olga(method, at(path), { body: {} })).text, /"ROLE".*decided by the customer/);
  }
  assert.equal((await inside(olga)).length, 1, 'the grant before is over');
});

test('a grant ends by itself, and at once when the operator leaves', async () => {
  await enter(olga, { lifeMs: 60_000 });
  assert.equal((await olga('GET', at('/monitors'))).status, 200);
  world.advance(60_000);
  assert.equal((await olga('GET', at('/monitors'))).code, 'NOT_FOUND');
  assert.equal((await leave(olga)).code, 'NOT_FOUND');
  await enter(olga);
  assert.equal((await leave(olga)).status, 204);
  assert.equal((await olga('GET', at('/monitors'))).code, 'NOT_FOUND');
  assert.deepEqual(await inside(olga), []);
  assert.equal((await trail()).at(-1)?.action, 'operator-left');
});

test("a grant is one operator's, for one customer", async () => {
  const bolt = await world.addCustomer('Bolt');
  const otto = await world.signedIn('otto', null, 'operator-admin');
  await enter(olga);
  assert.equal((await otto('GET', at('/monitors'))).code, 'NOT_FOUND');
  assert.equal((await olga('GET', `/api/v1/customers/${bolt}/monitors`)).code, 'NOT_FOUND');
  assert.equal((await leave(otto)).code, 'NOT_FOUND');
});

test('without a reason, for longer than 8 hours, or where there is no customer, nobody enters', async () => {
  for (const wish of [{ reason: '    ' }, { reason: undefined }, { lifeMs: 8 * hour + 1 }, { lifeMs: 0 }]) {
    assert.equal((await enter(olga, wish)).code, 'BODY_INVALID', JSON.stringify(wish));
  }
  const nowhere = '/api/v1/customers/b34e7c44-0000-4000-8000-000000000000/entry';
  assert.equal((await olga('POST', nowhere, { body: { reason } })).code, 'NOT_FOUND');
  const admin = await world.signedIn('ada', acme, 'admin');
  assert.equal((await enter(admin)).code, 'NOT_FOUND', 'a customer has no operators');
});

test('an operator may look into a suspended customer', async () => {
  const customer = await findCustomer(world.context, 'Acme');
  await suspendCustomer(world.context, customer);
  await enter(olga);
  assert.equal((await olga('GET', at('/monitors'))).status, 200);
  await resumeCustomer(world.context, customer);
});

test('what an operator does inside is written down as theirs', async () => {
  await enter(olga, { mayChange: true });
  const body = { location: 'Utrecht', uses: 1, lifeMs: hour };
  assert.equal((await olga('POST', at('/enrolment-codes'), { body })).status, 200);
  const last = await world.context.customers.use(acme, (db) =>
    db<AuditRow>('audit').where({ action: 'enrolment-code-added' }).orderBy('id', 'desc').first(),
  );
  assert.deepEqual([last?.actor_kind, last?.actor_name], ['operator', 'olga']);
});

test('what a plan of a deployment shows an operator is written down, though nothing is done', async () => {
  await enter(olga, { mayChange: true });
  const body = { scripts: [], monitors: [], dryRun: true };
  assert.equal((await olga('PUT', at('/deployments/plan'), { body })).status, 200);
  const last = (await trail()).at(-1);
  assert.equal(last?.action, 'operator-opened');
  assert.equal(JSON.parse(last?.detail ?? '').path, '/deployments/plan');
});

test('of random reads, with a grant and without, as many are written down as were allowed', async () => {
  const reads = process.env.VEDETTE_LONG ? 10_000 : 100;
  const paths = [
    '/monitors',
    '/sentinels',
    '/enrolment-codes',
    '/maintenance',
    '/tokens',
    `/evidence/${'a'.repeat(64)}`,
  ];
  const opened = async () => (await trail()).filter(({ action }) => action === 'operator-opened').length;
  const before = await opened();
  let shown = 0;
  for (let i = 0; i < reads; i++) {
    const dice = (i * 7919) % 100;
    if (dice < 6) await enter(olga, { lifeMs: 60_000, mayChange: dice < 3 });
    else if (dice < 9) await leave(olga);
    else if (dice < 12) world.advance(31_000);
    const { status } = await olga('GET', at(paths[(i * 31) % paths.length]));
    if (status === 200) shown++;
    else assert.ok(status === 404 || status === 403, String(status));
    if (dice === 50) olga = await world.signedIn(`olga ${i}`, null);
  }
  assert.ok(shown > reads / 20 && shown < reads, `${shown} of ${reads} were shown`);
  assert.equal((await opened()) - before, shown);
  const [first] = (await trail()).filter(({ action }) => action === 'operator-opened').slice(before);
  const { reason: why, until } = JSON.parse(first?.detail ?? '');
  assert.deepEqual([why, until > (first?.at ?? 0), until - (first?.at ?? 0) <= 8 * hour], [reason, true, true]);
});
