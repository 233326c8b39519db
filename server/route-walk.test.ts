import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { consoleApi, consoleApiPrefix, sentinelApi } from './app.ts';
import { addMonitor } from './assignments/monitors.ts';
import { publish } from './assignments/publish.ts';
import { type Ask, buildWorld, sentinelHeaders, type World } from './build-world.ts';
import { revokeSentinel } from './enrolment/revoke.ts';
import type { Permission } from './http/permissions.ts';
import { type ApiRouter, answers, type DeclaredRoute, newRouter } from './http/router.ts';

const source = `import { test } from '@playwright/test';
test('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;

const verbs = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const;

function routesOf(routers: readonly ApiRouter[]): DeclaredRoute[] {
  return routers.flatMap((router) => router.declared);
}

/** The route's address with these ids, and made-up ones where none is given. */
function address(route: DeclaredRoute, ids: Record<string, string>): string {
  const made: Record<string, string> = { sha256: 'a'.repeat(64), runId: '01890000-0000-7000-8000-000000000000' };
  return route.path.replaceAll(/:(\w+)/g, (_all, name: string) => ids[name] ?? made[name] ?? randomUUID());
}

/** The same below this customer, with ids that none can have. */
function nonsenseAddress(route: DeclaredRoute, { customerId }: { customerId: string }): string {
  return address(route, { customerId, monitorId: 'x', runId: 'x', sha256: 'x' });
}

async function watchedCustomer(world: World, name: string) {
  const customerId = await world.addCustomer(name);
  await publish(world.context, customerId, { script: { name: 'home.spec.ts', source }, author: 'test' });
  const monitorId = await addMonitor(world.context, customerId, {
    name: 'Home',
    script: 'home.spec.ts',
    everyMs: 60_000,
  });
  return { customerId, monitorId };
}

/** Who may ask what: a route of the console's API that isn't here fails, and so does one that asks for another permission. */
const declared: Record<string, Permission> = {
  'POST /session': 'come in',
  'GET /session': 'use own account',
  'DELETE /session': 'use own account',
  'GET /customers': 'see all customers',
  'GET /customers/:customerId/overview': 'read',
  'GET /customers/:customerId/monitors': 'read',
  'GET /customers/:customerId/monitors/:monitorId': 'read',
  'GET /customers/:customerId/monitors/:monitorId/report': 'read',
  'GET /customers/:customerId/monitors/:monitorId/response-times': 'read',
  'GET /customers/:customerId/monitors/:monitorId/runs': 'read',
  'GET /customers/:customerId/runs/:runId': 'read',
  'POST /customers/:customerId/monitors/:monitorId/run-now': 'run monitors',
  'GET /customers/:customerId/evidence/:sha256': 'see evidence',
  'GET /customers/:customerId/maintenance': 'read',
  'POST /customers/:customerId/maintenance': 'change maintenance',
  'DELETE /customers/:customerId/maintenance/:maintenanceId': 'change maintenance',
  'GET /customers/:customerId/sentinels': 'read',
  'POST /customers/:customerId/sentinels/:sentinelId/revocation': 'change sentinels',
  'POST /customers/:customerId/sentinels/:sentinelId/decision': 'change sentinels',
  'GET /customers/:customerId/enrolment-codes': 'read',
  'POST /customers/:customerId/enrolment-codes': 'change sentinels',
  'DELETE /customers/:customerId/enrolment-codes/:codeId': 'change sentinels',
  'GET /customers/:customerId/audit': 'see audit trail',
  'GET /customers/:customerId/audit/export': 'see audit trail',
  'GET /audit': 'see audit trail of provider',
  'GET /audit/export': 'see audit trail of provider',
};

test('every route of the console asks for the permission that is declared for it', async () => {
  await using world = await buildWorld();
  const found = routesOf(consoleApi(world.context)).map((r) => [`${verbs[r.method]} ${r.path}`, r.permission]);
  assert.deepEqual(Object.fromEntries(found), declared);
});

test('a route without a permission does not compile', () => {
  const router = newRouter();
  // @ts-expect-error: the first step says who may
  router.get('/open', answers('Open'));
  assert.equal(router.declared[0]?.permission, undefined, 'so that the test above would name it');
});

test("every address of a customer answers Alice and Bob of that customer, and for all others doesn't exist", async () => {
  await using world = await buildWorld();
  const acme = await watchedCustomer(world, 'Acme');
  const bolt = await watchedCustomer(world, 'Bolt');
  const ofAcme = {
    alice: await world.signedIn('alice', acme.customerId),
    bob: await world.signedIn('bob', acme.customerId, 'admin'),
  };
  const others = {
    charlie: await world.signedIn('charlie', bolt.customerId, 'admin'),
    operator: await world.signedIn('olga', null),
  };
  const walked = routesOf(consoleApi(world.context)).filter((route) => route.path.includes(':customerId'));
  assert.ok(walked.length >= 6, `only ${walked.length} routes were found`);
  for (const route of walked) {
    const path = consoleApiPrefix + address(route, acme);
    const ask = (who: Ask) => who(verbs[route.method], path);
    assert.equal((await ask(world.ask)).code, 'NOT_SIGNED_IN', `signed out ${path}`);
    for (const [name, who] of Object.entries(others)) {
      const answer = await ask(who);
      assert.equal(answer.status, 404, `${name} ${path}`);
      assert.equal(answer.code, 'NOT_FOUND', `${name} ${path}`);
    }
    if (route.method === 'get' && !route.path.includes('/audit')) {
      // A run or a file that isn't there is 404 for them too; the tests of reports and evidence show those that are.
      const expected = /:(runId|sha256)/.test(route.path) ? 404 : 200;
      for (const [name, who] of Object.entries(ofAcme))
        assert.equal((await ask(who)).status, expected, `${name} ${path}`);
    } else {
      // What changes something, and the audit trail, is for administrators; what they ask here needs no body, has none, or names what isn't there.
      assert.equal((await ask(ofAcme.alice)).code, 'ROLE', `alice ${path}`);
      const asBob = await ask(ofAcme.bob);
      assert.ok([200, 404].includes(asBob.status) || asBob.code === 'MEDIA_TYPE', `bob ${path}: ${asBob.text}`);
    }
    for (const nonsense of [`${path}?from=x&limit=x&step=x`, consoleApiPrefix + nonsenseAddress(route, acme)]) {
      assert.equal((await world.ask(verbs[route.method], nonsense)).status, 401, `signed out ${nonsense}`);
      assert.equal((await others.charlie(verbs[route.method], nonsense)).status, 404, `charlie ${nonsense}`);
    }
    const mixed = consoleApiPrefix + address(route, { ...acme, customerId: bolt.customerId });
    assert.equal((await ofAcme.alice(verbs[route.method], mixed)).status, 404, `alice ${mixed}`);
  }
});

test("another customer's monitor does not exist under one's own address either", async () => {
  await using world = await buildWorld();
  const acme = await watchedCustomer(world, 'Acme');
  const bolt = await watchedCustomer(world, 'Bolt');
  const asAlice = await world.signedIn('alice', acme.customerId, 'admin');
  for (const route of routesOf(consoleApi(world.context)).filter((r) => r.path.includes(':monitorId'))) {
    const path = consoleApiPrefix + address(route, { customerId: acme.customerId, monitorId: bolt.monitorId });
    assert.equal((await asAlice(verbs[route.method], path)).status, 404, path);
  }
});

test('every address of sentinels but enrolment wants a key that is known, valid and of that sentinel', async () => {
  await using world = await buildWorld();
  const acme = await world.addCustomer('Acme');
  const [good, other, revoked] = [await world.enrolled(acme), await world.enrolled(acme), await world.enrolled(acme)];
  await revokeSentinel(world.context, acme, revoked.id);
  const askers: [string, Record<string, string>, string][] = [
    ['nobody', {}, 'KEY_UNKNOWN'],
    ['a made-up key', sentinelHeaders(good.id, 'x'.repeat(43)), 'KEY_UNKNOWN'],
    ["another sentinel's key", sentinelHeaders(good.id, other.apiKey), 'KEY_UNKNOWN'],
    ['a revoked key', sentinelHeaders(revoked.id, revoked.apiKey), 'KEY_REVOKED'],
  ];
  const walked = routesOf(sentinelApi(world.context)).filter((route) => route.path !== '/enrolments');
  assert.ok(walked.length >= 5, `only ${walked.length} routes were found`);
  for (const route of walked) {
    for (const [who, headers, code] of askers) {
      const answer = await world.ask(verbs[route.method], apiPrefix + address(route, {}), { headers, body: {} });
      assert.equal(answer.status, 401, `${who} ${route.path}`);
      assert.equal(answer.code, code, `${who} ${route.path}`);
    }
  }
});

test("a sentinel's key opens nothing of the console, and a session nothing of the sentinels", async () => {
  await using world = await buildWorld();
  const acme = await watchedCustomer(world, 'Acme');
  const sentinel = await world.enrolled(acme.customerId);
  const asAlice = await world.signedIn('alice', acme.customerId, 'admin');
  for (const route of routesOf(consoleApi(world.context)).filter((r) => r.method === 'get')) {
    const path = consoleApiPrefix + address(route, acme);
    assert.equal((await sentinel.ask('GET', path)).code, 'NOT_SIGNED_IN', path);
  }
  for (const route of routesOf(sentinelApi(world.context)).filter((r) => r.path !== '/enrolments')) {
    const path = apiPrefix + address(route, {});
    const headers = { 'vedette-sentinel': sentinel.id };
    assert.equal((await asAlice(verbs[route.method], path, { body: {}, headers })).code, 'KEY_UNKNOWN', path);
  }
});

test('every route says in the OpenAPI document what it is for and what it answers', async () => {
  await using world = await buildWorld();
  for (const { method, path, documents } of routesOf([...consoleApi(world.context), ...sentinelApi(world.context)])) {
    assert.ok(documents.summary, `${method} ${path} has no summary`);
    assert.ok(documents.answer, `${method} ${path} does not say what it answers`);
  }
});
