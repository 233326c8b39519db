import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { findCustomer } from './accounts/customers.ts';
import { suspendCustomer } from './accounts/suspend.ts';
import { addToken, revokeToken } from './accounts/tokens.ts';
import { consoleApi, consoleApiPrefix, sentinelApi } from './app.ts';
import { commandLine } from './audit/audit.ts';
import { pinnedAgent, send } from './build-client.ts';
import { buildFullCustomer, type FullCustomer, type Ids } from './build-full-customer.ts';
import { type Answer, type Ask, buildWorld, sentinelHeaders, type World } from './build-world.ts';
import { revokeSentinel } from './enrolment/revoke.ts';
import { NewCode } from './enrolment/shapes.ts';
import { type Permission, scopes } from './http/permissions.ts';
import { type ApiRouter, answers, type DeclaredRoute, newRouter } from './http/router.ts';

/*
 * Every route, asked by everybody about everything: who may is written down here a second time, and the two must agree.
 * One world for all.
 */

/** What each route of the console's API asks for: one that isn't here fails, and so does one that asks for another permission. */
const declared: Record<string, Permission> = {
  'POST /session': 'come in',
  'GET /session': 'use own account',
  'DELETE /session': 'use own account',
  'POST /session/password': 'use own account',
  'POST /session/second-factor': 'use own account',
  'PUT /session/second-factor': 'use own account',
  'POST /session/second-factor/removal': 'use own account',
  'POST /session/recovery-codes': 'use own account',
  'GET /sessions': 'use own account',
  'DELETE /sessions': 'use own account',
  'DELETE /sessions/:sessionId': 'use own account',
  'POST /links/look': 'come in',
  'POST /links/use': 'come in',
  'GET /customers/:customerId/users': 'manage users',
  'POST /customers/:customerId/users': 'manage users',
  'POST /customers/:customerId/users/:userId/disabling': 'manage users',
  'POST /customers/:customerId/users/:userId/enabling': 'manage users',
  'POST /customers/:customerId/users/:userId/unlocking': 'manage users',
  'POST /customers/:customerId/users/:userId/password-change': 'manage users',
  'POST /customers/:customerId/users/:userId/second-factor-removal': 'manage users',
  'POST /customers/:customerId/users/:userId/link': 'manage users',
  'PUT /customers/:customerId/users/:userId/role': 'manage users',
  'GET /users': 'manage operators',
  'POST /users': 'manage operators',
  'POST /users/:userId/disabling': 'manage operators',
  'POST /users/:userId/enabling': 'manage operators',
  'POST /users/:userId/unlocking': 'manage operators',
  'POST /users/:userId/password-change': 'manage operators',
  'POST /users/:userId/second-factor-removal': 'manage operators',
  'POST /users/:userId/link': 'manage operators',
  'PUT /users/:userId/role': 'manage operators',
  'GET /customers/:customerId/password-renewal': 'manage users',
  'PUT /customers/:customerId/password-renewal': 'manage users',
  'GET /customers': 'see all customers',
  'POST /customers': 'add customers',
  'GET /database-servers': 'add customers',
  'GET /customers/:customerId/overview': 'read',
  'GET /customers/:customerId/failures': 'read',
  'GET /customers/:customerId/failures/:groupId': 'read',
  'POST /customers/:customerId/entry': 'enter customers',
  'DELETE /customers/:customerId/entry': 'enter customers',
  'GET /customers/:customerId/tokens': 'manage tokens',
  'POST /customers/:customerId/tokens': 'manage tokens',
  'DELETE /customers/:customerId/tokens/:tokenId': 'manage tokens',
  'GET /customers/:customerId/monitors': 'read',
  'GET /customers/:customerId/monitors/:monitorId': 'read',
  'GET /customers/:customerId/monitors/:monitorId/report': 'read',
  'GET /customers/:customerId/monitors/:monitorId/week': 'read',
  'GET /customers/:customerId/monitors/:monitorId/locations': 'read',
  'GET /customers/:customerId/monitors/:monitorId/response-times': 'read',
  'GET /customers/:customerId/monitors/:monitorId/runs': 'read',
  'GET /customers/:customerId/runs/:runId': 'read',
  'POST /customers/:customerId/monitors/:monitorId/run-now': 'run monitors',
  'PUT /customers/:customerId/monitors/:monitorId/paused': 'change monitors',
  'POST /customers/:customerId/monitors': 'change monitors',
  'GET /customers/:customerId/monitors/:monitorId/settings': 'change monitors',
  'PUT /customers/:customerId/monitors/:monitorId/settings': 'change monitors',
  'GET /customers/:customerId/schedule': 'read',
  'GET /token': 'use own token',
  'PUT /customers/:customerId/deployments/:owner': 'change monitors',
  'GET /customers/:customerId/monitor-settings': 'change monitors',
  'GET /customers/:customerId/scripts': 'read',
  'GET /customers/:customerId/scripts/:script/versions': 'read',
  'GET /customers/:customerId/scripts/:script/versions/:version': 'read',
  'POST /customers/:customerId/scripts/:script/rollback': 'change monitors',
  'POST /customers/:customerId/scripts': 'change monitors',
  'POST /customers/:customerId/script-checks': 'change monitors',
  'GET /customers/:customerId/script-templates': 'change monitors',
  'POST /customers/:customerId/trials': 'change monitors',
  'GET /customers/:customerId/trials': 'change monitors',
  'GET /customers/:customerId/trials/:trialId': 'change monitors',
  'GET /customers/:customerId/evidence/:sha256': 'see evidence',
  'GET /customers/:customerId/service-report': 'read',
  'GET /customers/:customerId/service-report/export': 'read',
  'GET /customers/:customerId/targets': 'read',
  'PUT /customers/:customerId/monitors/:monitorId/target': 'change targets',
  'PUT /customers/:customerId/report-logo': 'change targets',
  'DELETE /customers/:customerId/report-logo': 'change targets',
  'GET /customers/:customerId/maintenance': 'read',
  'POST /customers/:customerId/maintenance': 'change maintenance',
  'DELETE /customers/:customerId/maintenance/:maintenanceId': 'change maintenance',
  'GET /customers/:customerId/sentinels': 'read',
  'POST /customers/:customerId/sentinels/:sentinelId/revocation': 'change sentinels',
  'POST /customers/:customerId/sentinels/:sentinelId/decision': 'change sentinels',
  'PUT /customers/:customerId/sentinels/:sentinelId': 'change sentinels',
  'GET /customers/:customerId/enrolment-codes': 'read',
  'POST /customers/:customerId/enrolment-codes': 'change sentinels',
  'DELETE /customers/:customerId/enrolment-codes/:codeId': 'change sentinels',
  'GET /customers/:customerId/audit': 'see audit trail',
  'GET /customers/:customerId/audit/export': 'see audit trail',
  'GET /customers/:customerId/archive': 'read',
  'GET /customers/:customerId/archive/pieces/:piece/manifest': 'read',
  'PUT /customers/:customerId/archive/settings': 'change archive',
  'POST /customers/:customerId/archive/keys': 'keep archive keys',
  'POST /customers/:customerId/archive/keys/:recipient/identity': 'keep archive keys',
  'POST /customers/:customerId/archive/keys/:recipient/keeping': 'keep archive keys',
  'DELETE /customers/:customerId/archive/keys/:recipient': 'keep archive keys',
  'GET /customers/:customerId/archive/restored/:month': 'read',
  'GET /customers/:customerId/archive/restored/:month/monitors/:monitorId/runs': 'read',
  'PUT /customers/:customerId/archive/restored/:month': 'change archive',
  'DELETE /customers/:customerId/archive/restored/:month': 'change archive',
  'GET /audit': 'see audit trail of provider',
  'GET /audit/export': 'see audit trail of provider',
};

/** `-`: for them it doesn't exist. An operator inside a customer is `reads` or `changes` there. */
const roles = ['viewer', 'author', 'admin', 'reads', 'changes', 'operator', 'operator-admin'];
const matrix: Record<Permission, string> = {
  'come in': 'yes yes yes yes yes yes yes',
  'be a sentinel': 'no no no no no no no',
  'use own account': 'yes yes yes yes yes yes yes',
  'use own token': 'no no no no no no no',
  read: 'yes yes yes yes yes - -',
  'see evidence': 'yes yes yes yes yes - -',
  'run monitors': 'no yes yes no yes - -',
  'change monitors': 'no yes yes no yes - -',
  'change targets': 'no yes yes no yes - -',
  'change maintenance': 'no no yes no yes - -',
  'change sentinels': 'no no yes no yes - -',
  'change archive': 'no no yes no yes - -',
  'keep archive keys': 'no no yes no no - -',
  'see audit trail': 'no no yes no yes - -',
  'manage users': 'no no yes no no - -',
  'manage tokens': 'no no yes no no - -',
  'see all customers': '- - - yes yes yes yes',
  'enter customers': '- - - yes yes yes yes',
  'see audit trail of provider': '- - - yes yes yes yes',
  'add customers': '- - - no no no yes',
  'manage operators': '- - - no no no yes',
};

/** What is said to whoever isn't let in; `in`: what the route itself answers. */
type Expected = 'in' | 'NOT_FOUND' | 'ROLE' | 'SCOPE' | 'CUSTOMER_SUSPENDED' | 'NOT_SIGNED_IN' | `TOKEN_${string}`;

interface Asker {
  ask: Ask;
  /** As a column of the matrix; else what they are told everywhere. */
  role?: string;
  told?: Expected;
  /** Of a token. */
  scope?: readonly Permission[];
  /** Where they belong, or are inside. */
  at?: FullCustomer;
  /** Where they belong is suspended. */
  isSuspended?: true;
}

const verbs = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const;
const marks = { acme: 'canary-acme-4711', bolt: 'canary-bolt-0815' };

let world: World;
let acme: FullCustomer;
let bolt: FullCustomer;
let askers: Record<string, Asker>;

before(async () => {
  world = await buildWorld();
  acme = await buildFullCustomer(world, 'Acme', marks.acme);
  bolt = await buildFullCustomer(world, 'Bolt', marks.bolt);
  askers = await everybody();
});
after(async () => world[Symbol.asyncDispose]());

async function everybody(): Promise<Record<string, Asker>> {
  const { context } = world;
  const own = acme.ids.customerId;
  const closed = await buildFullCustomer(world, 'Closed', 'closed');
  const found: Record<string, Asker> = {
    nobody: { ask: world.ask, told: 'NOT_SIGNED_IN' },
    'whose session ended': { ask: await ended(), told: 'NOT_SIGNED_IN' },
    "a sentinel's key": { ask: acme.sentinel.ask, told: 'TOKEN_UNKNOWN' },
    'admin of Bolt': { ask: await world.signedIn('bob', bolt.ids.customerId, 'admin'), role: 'admin', at: bolt },
    'admin of Closed': {
      ...{ ask: await world.signedIn('carl', closed.ids.customerId, 'admin'), role: 'admin' },
      ...{ at: closed, isSuspended: true },
    },
  };
  for (const role of ['viewer', 'author', 'admin'] as const) {
    found[`${role} of Acme`] = { ask: await world.signedIn(role, own, role), role, at: acme };
  }
  for (const role of ['operator', 'operator-admin'] as const) {
    found[role] = { ask: await world.signedIn(role, null, role), role };
  }
  found['operator who left'] = { ask: await operator('left', {}), role: 'operator' };
  await found['operator who left'].ask('DELETE', `${consoleApiPrefix}/customers/${own}/entry`);
  found['operator whose time is over'] = { ask: await operator('late', { lifeMs: 60_000 }), role: 'operator' };
  const [read, expired, revoked] = [await token(['read']), await token(['read'], 60_000), await token(['read'])];
  world.advance(61_000);
  await revokeToken(context, own, revoked.id, commandLine);
  found['operator who reads'] = { ask: await operator('reads', {}), role: 'reads', at: acme };
  found['operator with changes'] = { ask: await operator('changes', { mayChange: true }), role: 'changes', at: acme };
  found['token to read'] = { ...read, scope: ['read'], at: acme };
  found['token for all'] = { ...(await token(scopes)), scope: scopes, at: acme };
  found['expired token'] = { ...expired, told: 'TOKEN_ENDED' };
  found['revoked token'] = { ...revoked, told: 'TOKEN_ENDED' };
  found['token of Closed'] = {
    ...(await token(scopes, undefined, closed)),
    scope: scopes,
    at: closed,
    isSuspended: true,
  };
  await suspendCustomer(context, await findCustomer(context, 'Closed'));
  return found;
}

async function ended(): Promise<Ask> {
  const ask = await world.signedIn('gone', acme.ids.customerId, 'admin');
  await ask('DELETE', `${consoleApiPrefix}/session`);
  return ask;
}

async function operator(name: string, wish: object): Promise<Ask> {
  const ask = await world.signedIn(name, null);
  const body = { reason: 'the walk of all routes', ...wish };
  assert.equal((await ask('POST', `${consoleApiPrefix}/customers/${acme.ids.customerId}/entry`, { body })).status, 200);
  return ask;
}

async function token(
  scope: readonly Permission[],
  lifeMs = 3_600_000,
  { ids } = acme,
): Promise<{ id: string; text: string; ask: Ask }> {
  const wish = { name: 'walk', scope: [...scope], lifeMs };
  const { text, token } = await addToken(world.context, ids.customerId, wish, commandLine);
  const headers = { authorization: `Bearer ${text}` };
  return { id: token.id, text, ask: (method, path, question) => world.ask(method, path, { ...question, headers }) };
}

/** What the asker is told about a thing of `owner` (undefined: of nobody). */
function expected(
  { told, role = '', scope, at, isSuspended }: Asker,
  route: DeclaredRoute,
  owner?: FullCustomer,
): Expected {
  const { permission } = route;
  const isOfCustomer = route.path.includes(':customerId') && !matrix[permission].startsWith('-');
  if (permission === 'come in') return 'in';
  if (permission === 'use own token' && !scope) return told === 'TOKEN_ENDED' ? told : 'TOKEN_UNKNOWN';
  if (permission === 'use own token') return isSuspended ? 'CUSTOMER_SUSPENDED' : 'in';
  if (told) return told;
  if (isOfCustomer && at !== owner) return 'NOT_FOUND';
  if (isOfCustomer && isSuspended) return 'CUSTOMER_SUSPENDED';
  if (scope) return scope.includes(permission) ? 'in' : matrix[permission].startsWith('-') ? 'NOT_FOUND' : 'SCOPE';
  const cell = matrix[permission].split(' ')[roles.indexOf(role)];
  return cell === 'yes' ? 'in' : cell === 'no' ? 'ROLE' : 'NOT_FOUND';
}

/** Whether the route itself answered: with what was asked for, or that a body is missing that it needs. */
function isIn({ status, code }: Answer): boolean {
  return status === 200 || status === 204 || code === 'MEDIA_TYPE';
}

function routesOf(routers: readonly ApiRouter[]): DeclaredRoute[] {
  return routers.flatMap((router) => router.declared);
}

/** Without the way in and the way out, and what names a session of whoever asks, which tests of their own walk. */
function walked(): DeclaredRoute[] {
  return routesOf(consoleApi(world.context)).filter(
    ({ path }) => path !== '/session' && path !== '/sessions/:sessionId',
  );
}

const isTakenAway = ({ method, path }: DeclaredRoute) => method === 'delete' || path.endsWith('/revocation');

/** The route's address with these ids; what they lack is made up. */
function address(route: DeclaredRoute, ids: Record<string, string>): string {
  return consoleApiPrefix + route.path.replaceAll(/:(\w+)/g, (_all, name: string) => ids[name] ?? randomUUID());
}

/** A thing of its own where the route takes it away from whoever asks next. */
async function idsFor(route: DeclaredRoute, { ids, another }: FullCustomer): Promise<Ids> {
  const [last = ''] = /(?<=:)\w+(?=\/revocation$|$)/.exec(route.path) ?? [];
  const make = isTakenAway(route) ? another[last] : undefined;
  return make ? { ...ids, [last]: await make() } : ids;
}

test('every route of the console asks for the permission that is declared for it', () => {
  const found = routesOf(consoleApi(world.context)).map((r) => [`${verbs[r.method]} ${r.path}`, r.permission]);
  assert.deepEqual(Object.fromEntries(found), declared);
});

test('a route without a permission does not compile', () => {
  const router = newRouter();
  // @ts-expect-error: the first step says who may
  router.get('/open', answers('Open'));
  assert.equal(router.declared[0]?.permission, undefined, 'so that the test above would name it');
});

test('every route lets in exactly whom the matrix says, and shows nobody a word of another customer', async () => {
  let own = 0;
  for (const route of walked()) {
    for (const [name, asker] of Object.entries(askers)) {
      const wanted = expected(asker, route, acme);
      if (route.path.endsWith('/entry') && wanted === 'in' && route.method === 'delete') continue; // walked above
      const ids = wanted === 'in' ? await idsFor(route, acme) : acme.ids;
      const answer = await asker.ask(verbs[route.method], address(route, ids));
      const which = `${name}: ${route.method} ${route.path}: ${answer.text}`;
      if (wanted === 'in') assert.ok(isIn(answer), which);
      else assert.equal(answer.code, wanted, which);
      if (!name.startsWith('operator')) assert.ok(!answer.text.includes(marks.bolt), which);
      if (answer.text.includes(marks.acme)) own++;
      const isOfAll = ['see audit trail of provider', 'manage operators'].includes(route.permission);
      if (wanted !== 'in' || (asker.at !== acme && !isOfAll)) assert.ok(!answer.text.includes(marks.acme), which);
    }
  }
  assert.ok(own > 50, `what is Acme's was shown only ${own} times`);
});

test("what is another customer's, nobody's or no name at all is told apart by nobody", async () => {
  const nonsense = {
    customerId: 'x',
    monitorId: 'x',
    runId: 'x',
    groupId: 'x',
    sha256: 'x',
    sentinelId: 'x',
    codeId: 'x',
    userId: 'x',
  };
  const some = ['admin of Acme', 'operator with changes'];
  for (const route of walked().filter(({ path }) => path.includes(':customerId') && !path.endsWith('/entry'))) {
    for (const name of some) {
      const asker = askers[name] ?? assert.fail(name);
      const ask = (ids: Record<string, string>) => asker.ask(verbs[route.method], address(route, ids));
      const wanted = expected(asker, route, bolt);
      const theirs = await ask(bolt.ids);
      assert.equal(theirs.code, wanted, `${name} ${route.path}`);
      for (const ids of [{}, nonsense]) {
        const none = await ask(ids);
        assert.deepEqual([none.status, none.text], [theirs.status, theirs.text], `${name} ${route.path}`);
      }
      const mixed = await ask({ ...bolt.ids, customerId: acme.ids.customerId });
      const hasOwn = !/:customerId\/.*:/.test(route.path); // nothing but the customer is named
      if (!hasOwn) assert.ok(mixed.status >= 400 && !mixed.text.includes(marks.bolt), `${name} ${route.path}`);
    }
  }
});

test('whatever a request says of hosts and where it comes from, no answer redirects, and none links there', async () => {
  const evil = 'evil.example';
  const lies: Record<string, string>[] = [
    { host: evil },
    { host: `127.0.0.1.${evil}:8443` },
    { 'x-forwarded-host': evil, 'x-forwarded-proto': 'http', 'x-forwarded-port': '81', 'x-forwarded-for': '1.2.3.4' },
    { forwarded: `host=${evil};proto=http`, 'x-original-url': `//${evil}/`, 'x-rewrite-url': `//${evil}/` },
    { referer: `https://${evil}/`, 'x-http-method-override': 'DELETE' },
  ];
  const { caPem: ca, pins } = world.context.authority;
  const agent = pinnedAgent({ ca, pins: new Set(pins) });
  agent.options.servername = 'localhost'; // or it would be the name in the header
  const paths = ['/', `//${evil}`, `/sign-in?to=//${evil}`, '/c', '/api/v1', '/api/v1/session', '/install/', '/x/..'];
  const codes = `${consoleApiPrefix}/customers/${acme.ids.customerId}/enrolment-codes`;
  const body = JSON.stringify({ location: 'Utrecht', uses: 1, lifeMs: 60_000 });
  const { text } = await token(['change sentinels']);
  for (const lie of lies) {
    const headers = { authorization: `Bearer ${text}`, 'content-type': 'application/json', ...lie };
    for (const path of paths) {
      const answer = await send(world.server.url, { agent, path, headers });
      assert.equal(answer.headers.location, undefined, path);
      assert.ok(!answer.body.includes(evil), `${path} ${JSON.stringify(lie)}`);
    }
    const told = (await send(world.server.url, { agent, method: 'POST', path: codes, headers }, body)).body.toString();
    assert.ok(!told.includes(evil), told);
    if ('host' in lie) assert.match(told, /"status":421,"code":"HOST_UNKNOWN"/);
    else assert.ok(NewCode.parse(JSON.parse(told)).enrol.includes(world.server.url));
  }
  agent.destroy();
});

test('of many questions at once about two customers, each is answered with its own', async () => {
  const questions = process.env.VEDETTE_LONG ? 100_000 : 200;
  const own = ['admin of Acme', 'admin of Bolt', 'token to read', 'operator who reads', 'viewer of Acme'];
  const paths = ['/monitors', '/sentinels', '/maintenance', '/enrolment-codes', '/runs/:runId'];
  let asked = 0;
  const askOn = async (): Promise<void> => {
    while (asked < questions) {
      const i = asked++;
      const asker = askers[own[i % own.length] ?? ''] ?? assert.fail();
      const ids = asker.at?.ids ?? assert.fail();
      const path = `/customers/${ids.customerId}${paths[(i * 7) % paths.length]}`.replace(':runId', ids.runId ?? '');
      const { text } = await asker.ask('GET', consoleApiPrefix + path);
      const [mine, theirs] = asker.at === acme ? [marks.acme, marks.bolt] : [marks.bolt, marks.acme];
      assert.ok(text.includes(mine) && !text.includes(theirs), `${path}: ${text}`);
      if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
    }
  };
  await Promise.all(Array.from({ length: 16 }, askOn));
});

test('nothing was taken from Acme or Bolt by those who may not', async () => {
  for (const { ids } of [acme, bolt]) {
    const { registry, customers } = world.context;
    const [key] = await registry('sentinel_keys').where({ sentinel_id: ids.sentinelId });
    const [own] = await registry('tokens').where({ id: ids.tokenId });
    assert.deepEqual([key?.revoked_at, own?.revoked_at], [null, null]);
    const kept = await customers.use(ids.customerId, (db) =>
      db('maintenance').where({ id: ids.maintenanceId }).first(),
    );
    assert.ok(kept);
  }
});

test("nothing of a customer lies in another's folder", () => {
  for (const [mark, other] of [
    [marks.acme, bolt],
    [marks.bolt, acme],
  ] as const) {
    const folder = world.context.customers.folder(other.ids.customerId);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
    assert.ok(files.length >= 2, folder);
    for (const { parentPath, name } of files) {
      assert.ok(!readFileSync(join(parentPath, name)).includes(mark), `${mark} is in ${name}`);
    }
  }
});

test('every address of sentinels but enrolment wants a key that is known, valid and of that sentinel', async () => {
  const own = acme.ids.customerId;
  const [good, other, revoked] = [await world.enrolled(own), await world.enrolled(own), await world.enrolled(own)];
  await revokeSentinel(world.context, own, revoked.id);
  const askedBy: [string, Record<string, string>, string][] = [
    ['nobody', {}, 'KEY_UNKNOWN'],
    ['a made-up key', sentinelHeaders(good.id, 'x'.repeat(43)), 'KEY_UNKNOWN'],
    ["another sentinel's key", sentinelHeaders(good.id, other.apiKey), 'KEY_UNKNOWN'],
    ['a revoked key', sentinelHeaders(revoked.id, revoked.apiKey), 'KEY_REVOKED'],
  ];
  const ofSentinels = routesOf(sentinelApi(world.context));
  assert.deepEqual(
    ofSentinels.filter((route) => route.permission !== 'be a sentinel').map((route) => route.path),
    ['/enrolments'],
  );
  for (const route of ofSentinels.filter(({ path }) => path !== '/enrolments')) {
    const path = apiPrefix + route.path.replace(':sha256', 'a'.repeat(64));
    for (const [who, headers, code] of askedBy) {
      const answer = await world.ask(verbs[route.method], path, { headers, body: {} });
      assert.deepEqual([answer.status, answer.code], [401, code], `${who} ${route.path}`);
    }
    for (const [who, { ask }] of Object.entries(askers).filter(([name]) => !name.includes('sentinel'))) {
      const headers = { 'vedette-sentinel': good.id };
      assert.equal((await ask(verbs[route.method], path, { body: {}, headers })).code, 'KEY_UNKNOWN', who);
    }
  }
});

test('every route says in the OpenAPI document what it is for and what it answers', () => {
  for (const { method, path, documents } of routesOf([...consoleApi(world.context), ...sentinelApi(world.context)])) {
    assert.ok(documents.summary, `${method} ${path} has no summary`);
    assert.ok(documents.answer, `${method} ${path} does not say what it answers`);
  }
});
