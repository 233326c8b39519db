import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import type { CustomerId } from '../../db/customers.ts';
import type { Role, UserRow } from '../../db/registry/rows.ts';
import { apiPrefix, type Problem } from '../../sentinel/protocol/messages.ts';
import { until } from '../../test/faults/until.ts';
import { buildPerson, goodPassword } from '../accounts/build-person.ts';
import { changeRole, disableUser } from '../accounts/change-user.ts';
import { findCustomer } from '../accounts/customers.ts';
import { enterCustomer, leaveCustomer } from '../accounts/grants.ts';
import { endSessions } from '../accounts/sessions.ts';
import { resumeCustomer, suspendCustomer } from '../accounts/suspend.ts';
import { addToken, revokeToken } from '../accounts/tokens.ts';
import { addUser } from '../accounts/users.ts';
import { pinnedAgent } from '../build-client.ts';
import { type Ask, buildWorld, sentinelHeaders, type World } from '../build-world.ts';
import { revokeSentinel } from '../enrolment/revoke.ts';

const server = { kind: 'server' } as const;
const scope = 'change sentinels';
const heartbeat = {
  ...{ version: '0.1.0', platform: 'linux-x64', sandboxLevel: 3, problems: [] },
  spool: { runs: 0, rejected: 0, dropped: 0 },
};

let world: World;
let acme: CustomerId;
let at: string;
let agent: ReturnType<typeof pinnedAgent>;
/** Bodies that were begun to be read: whoever sends them was let in. */
let begun = 0;

before(async () => {
  world = await buildWorld({ limits: { lookAgainMs: 0 } });
  const { authority, limits } = world.context;
  agent = pinnedAgent({ ca: authority.caPem, pins: new Set(authority.pins) });
  acme = await world.addCustomer('Acme');
  at = `/api/v1/customers/${acme}`;
  const { lookEveryMs } = limits;
  Object.defineProperty(limits, 'lookEveryMs', {
    get() {
      begun++;
      return lookEveryMs;
    },
  });
});
after(async () => {
  agent.destroy();
  await world[Symbol.asyncDispose]();
});

/** Sends half of a body, and the rest once `meanwhile` is done; says the problem's code, or the status. */
async function slowly(meanwhile: () => Promise<unknown>, ...[method, path, question = {}]: Parameters<Ask>) {
  const before = begun;
  const headers = { 'content-type': 'application/json', ...question.headers };
  const sent = request(world.server.url, { agent, method, path, headers });
  const body = JSON.stringify(question.body);
  sent.write(body.slice(0, 10));
  await until('the request is let in', () => begun > before, { everyMs: 2 });
  await meanwhile();
  sent.end(body.slice(10));
  const [answer]: [IncomingMessage] = (await once(sent, 'response')) as [IncomingMessage];
  const said = (await json(answer)) as Problem;
  return answer.statusCode === 200 ? 200 : said.code;
}

/** Somebody new, signed in, who asks slowly. */
async function somebody(name: string, role: Role, customerId: CustomerId | null) {
  await addUser(world.context, { name, role, customerId, password: goodPassword });
  const user = (await world.context.registry<UserRow>('users').where({ name }).first()) as UserRow;
  let headers = {};
  const ask: Ask = (method, path, question = {}) => {
    headers = question.headers ?? {};
    return world.ask(method, path, question);
  };
  const person = buildPerson({ ask });
  await person.signIn(name);
  await person.ask('GET', '/api/v1/session');
  const asking = (method: 'POST' | 'PUT', path: string, body: object, meanwhile: () => Promise<unknown>) =>
    slowly(meanwhile, method, path, { headers, body });
  return { user, asking };
}

const nothing = async () => {};

test('an administrator who is disabled while half of an invitation is on its way invites nobody', async () => {
  const mallory = await somebody('mallory', 'admin', acme);
  await somebody('ada', 'admin', acme);
  const invite = (name: string, meanwhile: () => Promise<unknown>) =>
    mallory.asking('POST', `${at}/users`, { name, role: 'admin', password: goodPassword }, meanwhile);
  assert.equal(await invite('friend', nothing), 200);
  assert.equal(await invite('accomplice', () => disableUser(world.context, mallory.user, server)), 'NOT_SIGNED_IN');
  const otto = await somebody('otto', 'operator-admin', null);
  await somebody('olaf', 'operator-admin', null);
  const wish = { name: 'accomplice', role: 'operator-admin', customer: null, password: goodPassword };
  const disabled = () => disableUser(world.context, otto.user, server);
  assert.equal(await otto.asking('POST', '/api/v1/users', wish, disabled), 'NOT_SIGNED_IN');
  assert.ok(!(await world.context.registry('users').pluck('name')).includes('accomplice'));
});

test('whoever loses role, token, grant, session or customer while half of a change is on its way changes nothing', async () => {
  const { context } = world;
  const codes = `${at}/enrolment-codes`;
  const wish = (location: string) => ({ location });

  const ida = await somebody('ida', 'admin', acme);
  assert.equal(await ida.asking('POST', codes, wish('Utrecht'), nothing), 200);
  const demoted = () => changeRole(context, ida.user, 'viewer', server);
  assert.equal(await ida.asking('POST', codes, wish('Delft'), demoted), 'NOT_SIGNED_IN');

  const { text, token } = await addToken(context, acme, { name: 't', scope: [scope], lifeMs: 3_600_000 }, server);
  const headers = { authorization: `Bearer ${text}` };
  const revoked = () => revokeToken(context, acme, token.id, server);
  assert.equal(await slowly(nothing, 'POST', codes, { headers, body: wish('Utrecht') }), 200);
  assert.equal(await slowly(revoked, 'POST', codes, { headers, body: wish('Delft') }), 'TOKEN_ENDED');

  const olga = await somebody('olga', 'operator', null);
  const operator = { kind: 'operator', id: olga.user.id, name: 'olga' } as const;
  const customer = await findCustomer(context, acme);
  await enterCustomer(context, operator, customer, { reason: 'asked to', lifeMs: 3_600_000, mayChange: true });
  assert.equal(await olga.asking('POST', codes, wish('Utrecht'), nothing), 200);
  const left = () => leaveCustomer(context, operator, customer);
  assert.equal(await olga.asking('POST', codes, wish('Delft'), left), 'NOT_FOUND');

  const eve = await somebody('eve', 'viewer', acme);
  const body = { current: goodPassword, password: 'seven copper owls at dusk' };
  const ended = () => endSessions(context, eve.user.id);
  assert.equal(await eve.asking('POST', '/api/v1/session/password', body, ended), 'NOT_SIGNED_IN');

  const carl = await somebody('carl', 'admin', acme);
  const suspended = () => suspendCustomer(context, customer);
  assert.equal(await carl.asking('POST', codes, wish('Delft'), suspended), 'CUSTOMER_SUSPENDED');
  await resumeCustomer(context, customer);
  assert.deepEqual(await context.registry('enrolment_codes').where({ location: 'Delft' }), []);
});

test('a key that is revoked while half of a body is on its way reports nothing', async () => {
  const bodies = {
    'POST /runs': { runs: [{ id: 'x' }] },
    'POST /heartbeats': heartbeat,
    [`PUT /evidence/${'0'.repeat(64)}`]: {},
  };
  for (const [route, body] of Object.entries(bodies)) {
    const [method, path] = route.split(' ') as ['POST' | 'PUT', string];
    const { id, apiKey } = await world.enrolled(acme);
    const headers = { ...sentinelHeaders(id, apiKey), 'vedette-before': 'none' };
    const revoked = () => revokeSentinel(world.context, acme, id, server);
    assert.equal(await slowly(revoked, method, apiPrefix + path, { headers, body }), 'KEY_REVOKED', route);
  }
});

test('being looked up again is not counted again, and a body that comes at once is not worth it', async () => {
  const few = { asker: 2, customer: 2, sentinel: 2, stranger: 9, signIn: 9 };
  await using world = await buildWorld({ limits: { lookAgainMs: 0, requestsPerMinute: few } });
  const [customerId, other] = [await world.addCustomer('Acme'), await world.addCustomer('Bolt')];
  const { context } = world;
  const ada = await world.signedIn('ada', customerId, 'admin');
  const { text } = await addToken(context, other, { name: 't', scope: [scope], lifeMs: 3_600_000 }, server);
  const { ask } = await world.enrolled(customerId);
  const counted: Record<string, () => ReturnType<Ask>> = {
    session: () => ada('POST', `/api/v1/customers/${customerId}/enrolment-codes`, { body: { location: 'Delft' } }),
    token: () => {
      const headers = { authorization: `Bearer ${text}` };
      return world.ask('POST', `/api/v1/customers/${other}/enrolment-codes`, { headers, body: { location: 'Delft' } });
    },
    sentinel: () => ask('POST', `${apiPrefix}/heartbeats`, { body: heartbeat }),
  };
  for (const [who, once] of Object.entries(counted)) {
    const statuses = [await once(), await once(), await once()].map(({ status }) => status);
    assert.deepEqual(statuses, [200, 200, 429], who);
  }
  Object.defineProperty(context.limits, 'lookAgainMs', { value: 600_000 });
  const quick = await world.enrolled(customerId);
  let lookedUp = 0;
  context.registry.on('query', ({ sql }: { sql: string }) => {
    if (/^select .*sentinel_keys/.test(sql)) lookedUp++;
  });
  assert.equal((await quick.ask('POST', `${apiPrefix}/heartbeats`, { body: heartbeat })).status, 200);
  assert.equal(lookedUp, 1);
});
