import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuditRow } from '../db/audit-table.ts';
import { buildMonitor } from '../db/customer/build-customer.ts';
import type { ArchiveMonthRow } from '../db/customer/rows.ts';
import type { CustomerId } from '../db/customers.ts';
import type { UserRow } from '../db/registry/rows.ts';
import { apiPrefix, type Run } from '../sentinel/protocol/messages.ts';
import { sha256Hex } from '../sentinel/protocol/statement.ts';
import { addFactor, buildPerson, goodPassword, type Person } from './accounts/build-person.ts';
import { NewToken } from './accounts/shapes.ts';
import { addUser } from './accounts/users.ts';
import { consoleApi, consoleApiPrefix, sentinelApi } from './app.ts';
import { newIdentity } from './archive/age.ts';
import type { Manifest } from './archive/manifest.ts';
import { NewArchiveKeyAnswer } from './archive/shapes.ts';
import { publish } from './assignments/publish.ts';
import { signedText } from './audit/signed-text.ts';
import { headOf, trailOf } from './audit/trail.ts';
import { type Answer, type Ask, buildWorld, sentinelHeaders, type World } from './build-world.ts';
import { NewCode } from './enrolment/shapes.ts';
import type { DeclaredRoute } from './http/router.ts';
import { buildFailedRun } from './ingest/build-run.ts';
import { NewMaintenance } from './reports/shapes.ts';

const verbs = { get: 'GET', post: 'POST', put: 'PUT', delete: 'DELETE' } as const;
const nameOf = ({ method, path }: DeclaredRoute) => `${verbs[method]} ${path}`;
const own = `${consoleApiPrefix}/session`;

/** So that names differ. */
let counted = 0;

interface Stage {
  world: World;
  customerId: CustomerId;
  monitorId: string;
  run: Run;
  alice: Ask;
  olga: Ask;
  otto: Ask;
  /** Below the customer's address. */
  at: string;
}

async function buildStage(world: World): Promise<Stage> {
  const customerId = await world.addCustomer('Acme');
  const alice = await world.signedIn('alice', customerId, 'admin');
  const olga = await world.signedIn('olga', null);
  const otto = await world.signedIn('otto', null, 'operator-admin');
  const { id: monitorId } = await world.context.customers.use(customerId, (db) => buildMonitor(db));
  const evidence: Run['evidence'] = [
    { kind: 'aria', sha256: snapshotHash, bytes: snapshot.length, mediaType: 'text/plain' },
  ];
  const run = buildFailedRun({ monitorId, startedAt: world.context.now(), evidence });
  const sentinel = await world.enrolled(customerId);
  assert.equal((await sentinel.ask('POST', `${apiPrefix}/runs`, { body: run })).status, 200);
  const put = { body: snapshot, headers: { 'content-type': 'text/plain' } };
  assert.equal((await sentinel.ask('PUT', `${apiPrefix}/evidence/${snapshotHash}`, put)).status, 204);
  return { world, customerId, monitorId, run, alice, olga, otto, at: `${consoleApiPrefix}/customers/${customerId}` };
}

const snapshot = Buffer.from('- heading "Welcome"\n');
const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const snapshotHash = sha256Hex(snapshot);

/** What sentinels report is a record of its own: thousands an hour, each kept with who sent it and when. */
const recordsThemselves = ['POST /runs', 'POST /heartbeats', 'PUT /evidence/:sha256'];
/** Asks, or begins what is only done by a second request. */
const changesNothing = ['POST /links/look', 'POST /session/second-factor', 'POST /customers/:customerId/script-checks'];
const reads = new Set([
  'GET /customers/:customerId/service-report/export',
  'GET /customers/:customerId/evidence/:sha256',
  'GET /customers/:customerId/audit/export',
  'GET /audit/export',
]);

/** How each route that changes something, shows evidence or exports is used as it is meant to be. */
const uses: Record<string, (stage: Stage) => Promise<Answer>> = {
  'POST /session': ({ world }) =>
    world.ask('POST', `${consoleApiPrefix}/session`, { body: { name: 'nobody', password: goodPassword } }),
  'DELETE /session': async ({ world, customerId }) =>
    (await world.signedIn('carol', customerId))('DELETE', `${consoleApiPrefix}/session`),
  'POST /customers/:customerId/monitors': async (stage) => {
    const { alice, at } = stage;
    return alice('POST', `${at}/monitors`, { body: await aMonitor(stage) });
  },
  'PUT /customers/:customerId/monitors/:monitorId/settings': async (stage) => {
    const { alice, at, monitorId } = stage;
    return alice('PUT', `${at}/monitors/${monitorId}/settings`, { body: await aMonitor(stage) });
  },
  'POST /customers/:customerId/monitors/:monitorId/run-now': ({ alice, at, monitorId }) =>
    alice('POST', `${at}/monitors/${monitorId}/run-now`),
  'PUT /customers/:customerId/monitors/:monitorId/paused': ({ alice, at, monitorId }) =>
    alice('PUT', `${at}/monitors/${monitorId}/paused`, { body: { paused: true } }),
  'PUT /customers/:customerId/deployments/:owner': (stage) => deployHome(stage, 'one.example'),
  'POST /customers/:customerId/scripts': ({ alice, at }) => alice('POST', `${at}/scripts`, { body: home }),
  'POST /customers/:customerId/trials': async ({ world, alice, at, customerId }) =>
    alice('POST', `${at}/trials`, { body: { ...home, sentinelId: (await world.enrolled(customerId)).id } }),
  'POST /customers/:customerId/scripts/:script/rollback': async (stage) => {
    for (const host of ['one.example', 'two.example']) await deployHome(stage, host);
    return stage.alice('POST', `${stage.at}/scripts/home.spec.ts/rollback`, { body: { version: 1 } });
  },
  'PUT /customers/:customerId/sentinels/:sentinelId': async ({ world, alice, at, customerId }) =>
    alice('PUT', `${at}/sentinels/${(await world.enrolled(customerId)).id}`, { body: { tags: ['vdi'] } }),
  'PUT /customers/:customerId/monitors/:monitorId/target': ({ alice, at, monitorId }) => {
    const body = { transaction: null, hours: 'all', availability: 0.995, p95Us: null };
    return alice('PUT', `${at}/monitors/${monitorId}/target`, { body });
  },
  'PUT /customers/:customerId/report-logo': ({ alice, at }) =>
    alice('PUT', `${at}/report-logo`, { body: onePixel, headers: { 'content-type': 'image/png' } }),
  'DELETE /customers/:customerId/report-logo': ({ alice, at }) => alice('DELETE', `${at}/report-logo`),
  'GET /customers/:customerId/service-report/export': ({ alice, at }) =>
    alice('GET', `${at}/service-report/export?format=csv`),
  'POST /customers/:customerId/maintenance': (stage) => addMaintenance(stage),
  'DELETE /customers/:customerId/maintenance/:maintenanceId': async (stage) => {
    const { id } = NewMaintenance.parse((await addMaintenance(stage)).json());
    return stage.alice('DELETE', `${stage.at}/maintenance/${id}`);
  },
  'POST /customers/:customerId/sentinels/:sentinelId/revocation': async ({ world, alice, at, customerId }) =>
    alice('POST', `${at}/sentinels/${(await world.enrolled(customerId)).id}/revocation`),
  'POST /customers/:customerId/sentinels/:sentinelId/decision': async ({ world, alice, at, customerId }) => {
    const { id, apiKey } = await world.enrolled(customerId);
    for (const boot of ['first', 'copy']) {
      const headers = { ...sentinelHeaders(id, apiKey), 'vedette-boot': boot, 'vedette-boots-before': 'none' };
      await world.ask('GET', `${apiPrefix}/assignments`, { headers });
    }
    return alice('POST', `${at}/sentinels/${id}/decision`, { body: { boot: 'copy' } });
  },
  'POST /customers/:customerId/enrolment-codes': ({ alice, at }) =>
    alice('POST', `${at}/enrolment-codes`, { body: { location: 'Delft' } }),
  'DELETE /customers/:customerId/enrolment-codes/:codeId': async ({ alice, at }) => {
    const made = await alice('POST', `${at}/enrolment-codes`, { body: { location: 'Delft' } });
    return alice('DELETE', `${at}/enrolment-codes/${NewCode.parse(made.json()).id}`);
  },
  'GET /customers/:customerId/evidence/:sha256': async ({ world, alice, at, customerId }) => {
    const stored = await world.context.customers.use(customerId, (db) => db('evidence').first('stored_sha256'));
    return alice('GET', `${at}/evidence/${stored.stored_sha256}`);
  },
  'GET /customers/:customerId/audit/export': ({ alice, at }) => alice('GET', `${at}/audit/export`),
  'GET /audit/export': ({ olga }) => olga('GET', `${consoleApiPrefix}/audit/export`),
  'POST /session/password': async (stage) => {
    const { person } = await newUser(stage);
    return person.ask('POST', `${own}/password`, {
      body: { current: goodPassword, password: `${goodPassword} again` },
    });
  },
  'PUT /session/second-factor': async (stage) => {
    const { person } = await newUser(stage);
    await addFactor(person, stage.world.context.now);
    return person.ask('GET', own);
  },
  'POST /session/second-factor/removal': (stage) => withFactor(stage, `${own}/second-factor/removal`),
  'POST /session/recovery-codes': (stage) => withFactor(stage, `${own}/recovery-codes`),
  'DELETE /sessions': async (stage) => {
    const { person, name } = await newUser(stage);
    await buildPerson(stage.world).signIn(name);
    return person.ask('DELETE', `${own}s`);
  },
  'DELETE /sessions/:sessionId': async (stage) => {
    const { person, name } = await newUser(stage);
    const other = buildPerson(stage.world);
    await other.signIn(name);
    const { sessions } = (await person.ask('GET', `${own}s`)).json() as { sessions: { id: string; isThis: boolean }[] };
    return person.ask('DELETE', `${own}s/${sessions.find(({ isThis }) => !isThis)?.id}`);
  },
  'POST /links/use': async (stage) => {
    const { id } = await newUser(stage);
    const link = (
      await stage.alice('POST', `${stage.at}/users/${id}/link`, { body: { password: goodPassword } })
    ).json() as { path: string };
    const body = { token: link.path.split(/[/#=]/).at(-1), password: `${goodPassword} once more` };
    return stage.world.ask('POST', `${consoleApiPrefix}/links/use`, { body });
  },
  'POST /customers/:customerId/users': ({ alice, at }) =>
    alice('POST', `${at}/users`, { body: { name: `user ${counted++}`, role: 'viewer' } }),
  'POST /users': ({ otto }) =>
    otto('POST', `${consoleApiPrefix}/users`, {
      body: { name: `user ${counted++}`, role: 'operator', customer: null, password: goodPassword },
    }),
  'POST /customers': ({ otto }) =>
    otto('POST', `${consoleApiPrefix}/customers`, {
      body: { name: `customer ${counted++}`, timeZone: 'UTC', password: goodPassword },
    }),
  'PUT /customers/:customerId/password-renewal': ({ alice, at }) =>
    alice('PUT', `${at}/password-renewal`, { body: { renewal: 'without-second-factor' } }),
  ...deeds('/customers/:customerId/users', ({ alice, at }) => [alice, `${at}/users`]),
  ...deeds('/users', ({ otto }) => [otto, `${consoleApiPrefix}/users`]),
  'POST /customers/:customerId/tokens': (stage) => addToken(stage),
  'PUT /customers/:customerId/archive/settings': ({ alice, at }) =>
    alice('PUT', `${at}/archive/settings`, { body: { monthsLive: 12, hourMonths: 0, eraseMonths: null } }),
  'POST /customers/:customerId/archive/keys': (stage) => addKey(stage),
  'POST /customers/:customerId/archive/keys/:recipient/identity': async (stage) =>
    stage.alice('POST', `${stage.at}/archive/keys/${await newKey(stage)}/identity`),
  'POST /customers/:customerId/archive/keys/:recipient/keeping': async (stage) =>
    stage.alice('POST', `${stage.at}/archive/keys/${await newKey(stage)}/keeping`, { body: { keepCopy: true } }),
  'DELETE /customers/:customerId/archive/keys/:recipient': async (stage) =>
    stage.alice('DELETE', `${stage.at}/archive/keys/${await newKey(stage)}`),
  'PUT /customers/:customerId/archive/restored/:month': (stage) => askForMonth(stage),
  'DELETE /customers/:customerId/archive/restored/:month': async (stage) => {
    await askForMonth(stage);
    return stage.alice('DELETE', `${stage.at}/archive/restored/2020-01`);
  },
  'DELETE /customers/:customerId/tokens/:tokenId': async (stage) => {
    const { id } = NewToken.parse((await addToken(stage)).json());
    return stage.alice('DELETE', `${stage.at}/tokens/${id}`);
  },
  'POST /customers/:customerId/entry': (stage) => enter(stage),
  'DELETE /customers/:customerId/entry': async (stage) => {
    await enter(stage);
    return stage.olga('DELETE', `${stage.at}/entry`);
  },
  'DELETE /sentinel': async ({ world, customerId }) =>
    (await world.enrolled(customerId)).ask('DELETE', `${apiPrefix}/sentinel`),
  'POST /enrolments': async ({ alice, at, world }) => {
    const made = await alice('POST', `${at}/enrolment-codes`, { body: { location: 'Delft' } });
    const body = { code: NewCode.parse(made.json()).code, name: 'PC 9', platform: 'linux-x64', version: '0.1.0' };
    return world.ask('POST', `${apiPrefix}/enrolments`, { body });
  },
};

/** What is done to a user, by whoever may at this address. */
function deeds(path: string, by: (stage: Stage) => [Ask, string]): typeof uses {
  const done = (deed: string, method: 'POST' | 'PUT' = 'POST', body?: object) =>
    [
      `${method} ${path}/:userId/${deed}`,
      async (stage: Stage) => {
        const [ask, at] = by(stage);
        const { id, person } = await newUser(stage);
        if (deed === 'enabling') await ask('POST', `${at}/${id}/disabling`);
        if (deed === 'second-factor-removal') await addFactor(person, stage.world.context.now);
        return ask(method, `${at}/${id}/${deed}`, body ? { body } : {});
      },
    ] as const;
  const plain = ['disabling', 'enabling', 'unlocking', 'password-change'];
  const proof = { password: goodPassword };
  return Object.fromEntries([
    ...plain.map((deed) => done(deed)),
    ...['second-factor-removal', 'link'].map((deed) => done(deed, 'POST', proof)),
    done('role', 'PUT', { role: 'author', ...proof }),
  ]);
}

/** A user of the customer's, signed in. */
async function newUser({ world, customerId }: Stage): Promise<{ id: string; name: string; person: Person }> {
  const name = `somebody ${counted++}`;
  await addUser(world.context, { name, role: 'viewer', customerId, password: goodPassword });
  const { id } = (await world.context.registry<UserRow>('users').where({ name }).first('id')) ?? { id: '' };
  const person = buildPerson(world);
  await person.signIn(name);
  return { id, name, person };
}

/** Asks as a user who has a second factor, with a code of it. */
async function withFactor(stage: Stage, path: string): Promise<Answer> {
  const { person } = await newUser(stage);
  const { recoveryCodes } = await addFactor(person, stage.world.context.now);
  return person.ask('POST', path, { body: { password: goodPassword, code: recoveryCodes[0] } });
}

/** A monitor of a script that is published. */
async function aMonitor({ world, customerId }: Stage) {
  const script = { name: 'empty.spec.ts', source: "import { test } from '@playwright/test';\ntest('T', () => {});\n" };
  await publish(world.context, customerId, { script, author: 'alice' });
  return { name: `monitor ${counted++}`, script: script.name, everyMs: 300_000 };
}

function addToken({ alice, at }: Stage): Promise<Answer> {
  return alice('POST', `${at}/tokens`, { body: { name: `reader ${counted++}`, scope: ['read'], lifeMs: 86_400_000 } });
}

function addKey({ alice, at }: Stage): Promise<Answer> {
  return alice('POST', `${at}/archive/keys`, { body: { name: 'safe in Utrecht' } });
}

async function newKey(stage: Stage): Promise<string> {
  return NewArchiveKeyAnswer.parse((await addKey(stage)).json()).recipient;
}

/** Of a month that is in the archive, with a key that fits. */
async function askForMonth({ world, customerId, alice, at }: Stage): Promise<Answer> {
  const { context } = world;
  const { identity, recipient } = await newIdentity();
  const sums = { of: [], firstRun: null, lastRun: null };
  const manifest: Manifest = {
    ...{ form: 1, customer: { id: customerId, name: 'Acme' }, month: '2020-01', part: 0, madeAt: 0, software: '1' },
    ...{ schema: 1, sums, evidence: { rows: 0, files: 0, missing: 0 }, files: {}, recipients: [recipient] },
  };
  const row: ArchiveMonthRow = {
    ...{ from_at: Date.UTC(2020, 0), part: 0, state: 'removed', attempt: 'made', folder: 'there', seal: null },
    ...{ manifest: signedText(context.dataFolder, JSON.stringify(manifest)), fault: null },
    ...{ closed_at: 0, sealed_at: 0, removed_at: 0, verified_at: null },
  };
  await context.customers.use(customerId, (db) =>
    db('archive_months').insert(row).onConflict(['from_at', 'part']).merge(),
  );
  return alice('PUT', `${at}/archive/restored/2020-01`, { body: { identity } });
}

const home = {
  path: 'home.spec.ts',
  files: { 'home.spec.ts': `import { test } from '@playwright/test';\ntest('Home', () => {});` },
};

function deployHome({ alice, at }: Stage, host: string): Promise<Answer> {
  const body = { scripts: [{ ...home, hosts: [host] }], monitors: [] };
  return alice('PUT', `${at}/deployments/shop`, { body });
}

function enter({ olga, at }: Stage): Promise<Answer> {
  return olga('POST', `${at}/entry`, { body: { reason: 'the page of runs stays empty' } });
}

function addMaintenance({ alice, at }: Stage): Promise<Answer> {
  const from = Date.now() + 3_600_000;
  return alice('POST', `${at}/maintenance`, { body: { from, to: from + 3_600_000, reason: 'release 7' } });
}

function routesOf(world: World): DeclaredRoute[] {
  return [...consoleApi(world.context), ...sentinelApi(world.context)].flatMap(({ declared }) => declared);
}

test('whatever changes something, shows evidence or exports leaves an entry in an audit trail', async () => {
  await using world = await buildWorld();
  const stage = await buildStage(world);
  const heads = async () => {
    const trails = [trailOf(world.context, null), trailOf(world.context, stage.customerId)];
    return Promise.all(trails.map(async (trail) => (await trail(headOf))?.id ?? 0));
  };
  for (const route of routesOf(world)) {
    const name = nameOf(route);
    if ((route.method === 'get' && !reads.has(name)) || [...recordsThemselves, ...changesNothing].includes(name))
      continue;
    const use = uses[name];
    assert.ok(use, `${name} changes something: say here how it is used, and that it is written down is tested`);
    const before = await heads();
    const { status } = await use(stage);
    assert.ok(status < 300 || name === 'POST /session', `${name}: ${status}`);
    assert.notDeepEqual(await heads(), before, `${name} leaves no entry`);
  }
  const rows = await trailOf(
    world.context,
    stage.customerId,
  )((db) => db<AuditRow>('audit').where({ action: 'evidence-viewed' }));
  assert.deepEqual(
    rows.map(({ actor_name, subject }) => [actor_name, subject]),
    [['alice', `aria of the run ${stage.run.id}`]],
  );
});

const foreign: [what: string, headers: Record<string, string>][] = [
  ['another site', { origin: 'https://evil.example' }],
  ['no site at all', { origin: 'null' }],
  ['a sibling host', { origin: 'https://evil.127.0.0.1' }],
  ['another port', { origin: 'https://127.0.0.1:1' }],
  ['a browser that says cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['a browser that says same-site', { 'sec-fetch-site': 'same-site' }],
  ['a form of another page, which can set no header', { 'x-csrf-token': '', 'content-type': 'text/plain' }],
  ['a session without its token', { 'x-csrf-token': '' }],
  ["another session's token", { 'x-csrf-token': 'x'.repeat(43) }],
];

test('no other site has a signed-in browser change anything, on any route', async () => {
  await using world = await buildWorld();
  const { alice, customerId } = await buildStage(world);
  const unsafe = consoleApi(world.context)
    .flatMap(({ declared }) => declared)
    .filter(({ method }) => method !== 'get');
  assert.ok(unsafe.length >= 8);
  for (const route of unsafe) {
    const path = addressOf(route, () => '01890000-0000-7000-8000-000000000000', customerId);
    for (const [what, headers] of foreign) {
      const isOpen = route.permission === 'come in';
      if (isOpen && !('origin' in headers) && !('sec-fetch-site' in headers)) continue; // there is no session to misuse
      const { status, code } = await alice(verbs[route.method], path, { headers, body: {} });
      assert.equal(status, 403, `${what}: ${nameOf(route)}`);
      assert.ok(code === 'CSRF' || code === 'OTHER_SITE', `${what}: ${nameOf(route)}: ${code}`);
    }
  }
});

const wanted: Record<string, RegExp> = {
  'content-security-policy': /default-src 'none'/,
  'strict-transport-security': /^max-age=31536000$/,
  'x-content-type-options': /^nosniff$/,
  'x-frame-options': /^DENY$/,
  'referrer-policy': /^no-referrer$/,
  'cross-origin-opener-policy': /^same-origin$/,
  'cross-origin-resource-policy': /^same-origin$/,
};

test('every answer tells browsers what to forbid, those that refuse too, and names no program', async () => {
  await using world = await buildWorld();
  const { alice, customerId } = await buildStage(world);
  const files = [
    '/',
    '/appearance.js',
    '/certs/ca.pem',
    '/nothing.txt',
    '/install/x',
    '/%zz',
    '/.well-known/security.txt',
  ];
  const asked: [string, Promise<Answer>][] = files.map((path) => [path, world.ask('GET', path)]);
  for (const route of routesOf(world)) {
    const path = addressOf(route, () => 'x', customerId);
    asked.push(
      [nameOf(route), alice(verbs[route.method], path)],
      [nameOf(route), world.ask(verbs[route.method], path)],
    );
  }
  for (const [what, answer] of asked) {
    const { headers, status } = await answer;
    for (const [name, value] of Object.entries(wanted))
      assert.match(String(headers[name]), value, `${what} ${status}: ${name}`);
    assert.doesNotMatch(String(headers['content-security-policy']), /unsafe|\*/, what);
    assert.deepEqual([headers.server, headers['x-powered-by']], [undefined, undefined], what);
    assert.equal(headers['access-control-allow-origin'], undefined, what);
  }
});

function addressOf({ path, permission }: DeclaredRoute, id: () => string, customerId: string): string {
  const prefix = permission === 'be a sentinel' || path === '/enrolments' ? apiPrefix : consoleApiPrefix;
  return prefix + path.replaceAll(/:(\w+)/g, (_all, name: string) => (name === 'customerId' ? customerId : id()));
}
