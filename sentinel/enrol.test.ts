import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildCa } from '../certs/build-certificates.ts';
import { spkiPin } from '../certs/pin.ts';
import { buildHome } from './build-home.ts';
import { buildProxy } from './build-proxy.ts';
import { buildServer, type FakeAnswer, type FakeRequest, problem } from './build-server.ts';
import { readConfig } from './config.ts';
import { EnrolmentFailed, enrol, isEnrolledWith } from './enrol.ts';
import { lockHome } from './lock.ts';
import { serverProxy, setProxy } from './proxy.ts';
import { readSettings, writeSettings } from './settings/settings.ts';
import { Vault } from './vault.ts';

const never = new AbortController().signal;
const backupPin = `${'B'.repeat(43)}=`;

async function buildWorld(
  wishes: { pins?: (pin: string) => string[]; answer?: (request: FakeRequest) => FakeAnswer } = {},
) {
  const home = buildHome();
  let pins: string[] = [];
  const server = await buildServer(
    wishes.answer ??
      (() => ({
        json: {
          sentinelId: '99999999-2222-4333-8444-555555555555',
          apiKey: 'key-1',
          customer: { id: '77777777-2222-4333-8444-555555555555', name: 'Acme' },
          location: 'Utrecht',
          scriptKeys: [{ id: 'k', publicKey: 'p' }],
          pins,
          serverTime: Date.now(),
        },
      })),
  );
  pins = wishes.pins?.(server.pin) ?? [server.pin, backupPin];
  const asked = {
    server: server.url,
    pin: server.pin,
    code: ' the-code\n',
    name: 'Desk 7',
    home: path.join(home.folder, 'h'),
  };
  return {
    ...{ server, asked },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

test('an address, a pin and a code make a sentinel with a key of its own', async () => {
  await using world = await buildWorld();
  await enrol(world.asked, never);
  const config = readConfig(world.asked.home);
  assert.deepEqual([config.customer.name, config.location, config.name], ['Acme', 'Utrecht', 'Desk 7']);
  assert.deepEqual(config.pins, [world.server.pin, backupPin]);
  assert.equal(new Vault(world.asked.home).apiKey(), 'key-1');
  const sent = JSON.parse(world.server.requests[0]?.body.toString() ?? '');
  assert.deepEqual([world.server.requests[0]?.path, sent.code, sent.name], ['/enrolments', 'the-code', 'Desk 7']);
});

test('a pin may be written as curl takes it', async () => {
  await using world = await buildWorld();
  await enrol({ ...world.asked, pin: `sha256//${world.server.pin}` }, never);
});

test('with the wrong pin nothing is sent, and the message shows what was seen', async () => {
  await using world = await buildWorld();
  const pin = spkiPin((await buildCa()).raw);
  await assert.rejects(enrol({ ...world.asked, pin }, never), (error) => {
    assert.ok(error instanceof EnrolmentFailed);
    assert.match(error.message, /signed by CN=Vedette test authority/);
    assert.ok(error.message.includes(world.server.pin) && error.message.includes(pin));
    return true;
  });
  assert.equal(world.server.requests.length, 0);
});

test('a wrong code leaves a home with which to try again', async () => {
  await using refusing = await buildWorld({ answer: () => problem(403, 'CODE_EXPIRED') });
  await assert.rejects(enrol(refusing.asked, never), /did not enrol this device: because CODE_EXPIRED/);
  await using world = await buildWorld();
  await enrol({ ...world.asked, home: refusing.asked.home }, never);
});

test('the proxy of the enrolment is kept for later, its password in the vault alone', async () => {
  await using world = await buildWorld();
  const authorization = `Basic ${Buffer.from('desk:canary').toString('base64')}`;
  await using proxy = await buildProxy({ authorization });
  await enrol({ ...world.asked, proxy: proxy.url.replace('://', '://desk:canary@') }, never);
  const { home } = world.asked;
  assert.deepEqual(serverProxy(readConfig(home), new Vault(home)), { origin: proxy.url, authorization });
  assert.ok(proxy.seen.connects.length > 0);
  for (const name of fs.readdirSync(home)) {
    assert.ok(!fs.readFileSync(path.join(home, name), 'latin1').includes('canary'), name);
  }
  setProxy(home, undefined);
  assert.equal(serverProxy(readConfig(home), new Vault(home)), undefined);
  assert.equal(new Vault(home).proxyAuthorization(), undefined);
});

test('a server that is not there is named with the phase', async () => {
  let gone = '';
  {
    await using world = await buildWorld();
    gone = world.server.url;
  }
  await using world = await buildWorld();
  await assert.rejects(
    enrol({ ...world.asked, server: gone }, never),
    /cannot reach the server at localhost:\d+: .*connect/,
  );
});

test('an address, a pin or a folder that can’t be is refused before anything is sent', async () => {
  await using world = await buildWorld();
  const file = path.join(path.dirname(world.asked.home), 'file');
  fs.writeFileSync(file, '');
  const wrong = [
    { server: 'http://localhost:1' },
    { server: 'localhost' },
    { pin: 'short' },
    { home: path.join(file, 'home') },
  ];
  for (const wish of wrong) await assert.rejects(enrol({ ...world.asked, ...wish }, never));
  assert.equal(world.server.requests.length, 0);
});

test('an enrolled home is not enrolled again', async () => {
  await using world = await buildWorld();
  await enrol(world.asked, never);
  await assert.rejects(enrol(world.asked, never), /is enrolled already, for Acme at https/);
  assert.equal(world.server.requests.length, 1);
});

test('a server that does not own up to its pin, or answers nonsense, makes no sentinel', async () => {
  await using other = await buildWorld({ pins: () => [backupPin] });
  await assert.rejects(enrol(other.asked, never), /does not name the pin/);
  await using nonsense = await buildWorld({ answer: () => ({ text: 'welcome' }) });
  await assert.rejects(enrol(nonsense.asked, never), EnrolmentFailed);
  for (const { asked } of [other, nonsense]) assert.ok(!fs.existsSync(path.join(asked.home, 'config.json')));
});

test('enrolled anew, a home is another sentinel with the same settings, secrets and kept runs', async () => {
  const given = { sentinelId: '99999999-2222-4333-8444-555555555555', apiKey: 'key-1' };
  let customerId = '77777777-2222-4333-8444-555555555555';
  await using world = await buildWorld({
    answer: () => ({
      json: {
        ...given,
        customer: { id: customerId, name: 'Acme' },
        location: 'Utrecht',
        scriptKeys: [{ id: 'k', publicKey: 'p' }],
        pins: [world.server.pin],
        serverTime: Date.now(),
      },
    }),
  });
  const { home } = world.asked;
  await enrol(world.asked, never);
  new Vault(home).setSecret('SHOP_PASSWORD', 'x');
  writeSettings(home, { browser: 'chromium' });
  await assert.rejects(enrol(world.asked, never), /--anew/);

  Object.assign(given, { sentinelId: '88888888-2222-4333-8444-555555555555', apiKey: 'key-2' });
  {
    using _running = lockHome(home);
    await assert.rejects(enrol({ ...world.asked, anew: true }, never), /another sentinel is running/);
  }
  await enrol({ ...world.asked, anew: true }, never);
  assert.deepEqual([readConfig(home).sentinelId, readSettings(home).browser], [given.sentinelId, 'chromium']);
  assert.deepEqual([new Vault(home).apiKey(), new Vault(home).names()], ['key-2', ['SHOP_PASSWORD']]);

  customerId = '66666666-2222-4333-8444-555555555555';
  Object.assign(given, { apiKey: 'key-3' });
  await assert.rejects(enrol({ ...world.asked, anew: true }, never), /this home belongs to Acme/);
  assert.equal(new Vault(home).apiKey(), 'key-2');
});

test('a device that starts with a code file each time enrols once', async () => {
  await using world = await buildWorld();
  assert.equal(isEnrolledWith(world.asked.home, world.asked.server), false);
  await enrol(world.asked, never);
  assert.equal(isEnrolledWith(world.asked.home, `${world.asked.server}/`), true);
  assert.equal(isEnrolledWith(world.asked.home, 'https://elsewhere.example'), false);
});
