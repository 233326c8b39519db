import assert from 'node:assert/strict';
import { once } from 'node:events';
import fs from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { buildCa, buildCertificate } from '../../certs/build-certificates.ts';
import { spkiPin } from '../../certs/pin.ts';
import { replacePrivateFile } from '../../certs/private-file.ts';
import { buildAssignment, customerId, scriptKey } from '../build-assignment.ts';
import { buildHome } from '../build-home.ts';
import { buildServer, type FakeAnswer, type FakeRequest, problem } from '../build-server.ts';
import { readConfig, writeConfig } from '../config.ts';
import { Boots } from '../link/boots.ts';
import { lockHome } from '../lock.ts';
import { writeSettings } from '../settings/settings.ts';
import { Vault } from '../vault.ts';
import { examine } from './command.ts';
import { type Looked, ok, walk } from './steps.ts';

const pins = [`${'A'.repeat(43)}=`];
const node = process.execPath; // prints a version when asked for one, as a browser does

/** An enrolled home, and a server that answers as `answers` says. */
async function buildWorld() {
  const home = buildHome();
  const answers: Record<string, FakeAnswer> = {
    '/openapi.json': { json: {} },
    '/assignments': { json: { assignments: [], scriptKeys: [], pins, serverTime: Date.now() } },
  };
  const special = new Map<string, (request: FakeRequest) => FakeAnswer | undefined>();
  const server = await buildServer(
    (request) => special.get(request.path)?.(request) ?? answers[request.path] ?? problem(404, 'NOT_FOUND'),
  );
  const customer = { id: customerId, name: 'Acme' };
  const belonging = { sentinelId: customerId, customer, location: 'Utrecht', name: 'Desk 7', enrolledAt: 1 };
  writeConfig(home.folder, { server: server.url, ca: server.trust.ca, pins: [server.pin], ...belonging });
  new Vault(home.folder).setApiKey('key-1');
  writeSettings(home.folder, { browser: node });
  return {
    ...{ home: home.folder, server, answers },
    answerTo: (asked: string, answer: (request: FakeRequest) => FakeAnswer | undefined) =>
      void special.set(asked, answer),
    async looks(): Promise<Map<string, Looked>> {
      const all = await Array.fromAsync(examine(home.folder));
      return new Map(all.map((looked) => [looked.name, looked]));
    },
    /** The steps that are wrong, and the first of them. */
    async wrong() {
      const all = [...(await this.looks()).values()];
      return { names: all.filter(({ state }) => state === 'wrong').map(({ name }) => name), all };
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

/** Puts it where the sentinel keeps what the server last told. */
function keepAssignments(home: string, assignments: unknown[]): void {
  const told = { assignments, scriptKeys: [scriptKey], pins, serverTime: 1 };
  replacePrivateFile(path.join(home, 'assignments.json'), JSON.stringify({ assignments: told }));
}

test('where all is well every step says what it saw, beside a running sentinel too', async () => {
  await using world = await buildWorld();
  using _running = lockHome(world.home);
  const looks = await world.looks();
  const states = [...looks.values()].map(({ name, state }) => `${name} ${state}`);
  assert.deepEqual(states, [
    ...['enrolment ok', 'DNS ok', 'TCP ok', 'proxy skipped', 'TLS ok', 'pin ok', 'HTTP ok', 'key ok', 'clock ok'],
    ...['settings ok', 'browser ok', 'disk ok', 'scripts skipped', 'secrets ok'],
  ]);
  assert.match(looks.get('enrolment')?.seen ?? '', /^Desk 7 at Utrecht, for Acme; running$/);
  assert.match(looks.get('key')?.seen ?? '', /0 monitors/);
  const asked = world.server.requests.map(({ path: of, headers }) => [of, headers['vedette-boots-before']]);
  assert.deepEqual(asked, [
    ['/openapi.json', undefined],
    ['/assignments', undefined],
  ]);
});

test('of the way to the server the station where it stalls is wrong, and none behind it is looked at', async () => {
  await using world = await buildWorld();
  const config = readConfig(world.home);
  const stranger = spkiPin((await buildCa()).raw);
  const firewall = net.createServer((socket) =>
    socket.on('error', () => {}).once('data', () => socket.resetAndDestroy()),
  );
  await once(firewall.listen(0, '127.0.0.1'), 'listening');
  const cases: [string, Partial<typeof config>, Record<string, FakeAnswer>][] = [
    ['DNS', { server: 'https://nowhere.invalid' }, {}],
    ['TCP', { server: 'https://localhost:1' }, {}],
    ['proxy', { proxy: `http://localhost:${new URL(world.server.url).port}` }, {}],
    ['TLS', { server: `https://localhost:${(firewall.address() as AddressInfo).port}` }, {}],
    ['pin', { pins: [stranger] }, {}],
    ['HTTP', {}, { '/openapi.json': { text: '<html>Sign in</html>', status: 403 } }],
    ['key', {}, { '/assignments': problem(401, 'KEY_REVOKED') }],
  ];
  for (const [station, change, answers] of cases) {
    writeConfig(world.home, { ...config, ...change });
    const before = { ...world.answers };
    Object.assign(world.answers, answers);
    const { names, all } = await world.wrong();
    assert.deepEqual(names, [station], JSON.stringify(all));
    assert.ok(all.find(({ name }) => name === station)?.next, station);
    const at = all.findIndex(({ name }) => name === station);
    for (const { name, state } of all.slice(at + 1, 9)) assert.equal(state, 'skipped', `${name} behind ${station}`);
    Object.assign(world.answers, before);
  }
  firewall.close();
});

test('a copy that is parked is told so, and the sentinel is asked about as the machine it is, without a new start', async () => {
  await using world = await buildWorld();
  new Boots(path.join(world.home, 'boots.json'));
  const file = fs.readFileSync(path.join(world.home, 'boots.json'), 'utf8');
  const boot = JSON.parse(file).boots[0];
  assert.equal((await world.looks()).get('key')?.state, 'ok');
  world.answerTo('/assignments', ({ headers }) =>
    headers['vedette-boot'] === boot && headers['vedette-boots-before'] === 'known'
      ? problem(403, 'SENTINEL_PARKED')
      : undefined,
  );
  const key = (await world.looks()).get('key');
  assert.equal(key?.state, 'wrong');
  assert.ok(key?.seen.includes(`this sentinel is parked`) && key.seen.includes(boot), key?.seen);
  assert.equal(fs.readFileSync(path.join(world.home, 'boots.json'), 'utf8'), file);
});

test('a clock that is hours off, a missing secret, a script of a stranger and a missing browser are said, with what to do', async () => {
  await using world = await buildWorld();
  world.answers['/assignments'] = {
    json: { assignments: [], scriptKeys: [], pins, serverTime: Date.now() + 7_200_000 },
  };
  keepAssignments(world.home, [
    buildAssignment({ secrets: ['SHOP_PASSWORD'] }, { secrets: ['SHOP_PASSWORD'] }),
    buildAssignment({ name: 'Pay' }, { keyId: 'stranger' }),
  ]);
  writeSettings(world.home, { browser: '/no/browser' });
  const looks = await world.looks();
  assert.match(looks.get('clock')?.seen ?? '', /^this device's clock is \d+\.\d s behind/);
  assert.match(looks.get('secrets')?.next ?? '', /`secret set SHOP_PASSWORD`/);
  assert.match(looks.get('scripts')?.seen ?? '', /^Pay: it is signed with the key stranger/);
  assert.match(looks.get('browser')?.seen ?? '', /\/no\/browser does not start/);
  for (const name of ['clock', 'secrets', 'scripts', 'browser']) assert.equal(looks.get(name)?.state, 'wrong', name);
});

test('a certificate that is not valid by this device’s clock is told with what the clock says', async () => {
  await using world = await buildWorld();
  const ca = await buildCa();
  await world.server.goOverTo(ca, await buildCertificate({ issuer: ca, notAfter: new Date(Date.now() - 3_600_000) }));
  writeConfig(world.home, { ...readConfig(world.home), ca: ca.certPem, pins: [spkiPin(ca.raw)] });
  const { seen, next } = (await world.looks()).get('TLS') ?? {};
  assert.match(seen ?? '', /set the clock/);
  assert.match(next ?? '', /^this device's clock says \d{4}-\d\d-\d\dT/);
});

test('where no sentinel is enrolled the device is looked at all the same', async () => {
  using home = buildHome();
  writeSettings(home.folder, { browser: node });
  const looks = await Array.fromAsync(examine(home.folder));
  assert.deepEqual(
    looks.map(({ name, state }) => `${name} ${state}`),
    ['enrolment wrong', 'settings ok', 'browser ok', 'disk ok', 'scripts skipped', 'secrets ok'],
  );
});

test('a proxy whose password can not be read is told like all that is wrong, and the rest is looked at', async () => {
  await using world = await buildWorld();
  writeConfig(world.home, { ...readConfig(world.home), proxy: 'http://proxy.example:3128' });
  const vault = path.join(world.home, 'vault.json');
  const damaged = { ...JSON.parse(fs.readFileSync(vault, 'utf8')), proxyAuthorization: 'AAAA' };
  replacePrivateFile(vault, JSON.stringify(damaged));
  const { names, all } = await world.wrong();
  assert.deepEqual(names, ['enrolment']);
  assert.match(all[0]?.seen ?? '', /the proxy in .*vault\.json does not open/);
});

test('a look that never ends is given up, and what needs it is not looked at', async () => {
  const never = new Promise<never>(() => {});
  const steps = [
    { name: 'stuck', look: () => never },
    { name: 'behind', needs: ['stuck'], look: async () => ok('there') },
    { name: 'other', look: async () => ok('there') },
  ];
  const looks = await Array.fromAsync(walk(steps, 10));
  assert.deepEqual(
    looks.map(({ state }) => state),
    ['wrong', 'skipped', 'ok'],
  );
});
