import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { customerId } from './build-assignment.ts';
import { vedette } from './build-cli.ts';
import { buildHome } from './build-home.ts';
import { buildServer, problem } from './build-server.ts';
import { Vault } from './vault.ts';

const csi = '\u009b';

test('a device enrols, sets a secret and tells where it belongs, without the value anywhere', async () => {
  using home = buildHome();
  let pins: string[] = [];
  await using server = await buildServer(() => ({
    json: {
      sentinelId: '99999999-2222-4333-8444-555555555555',
      apiKey: 'canary-key',
      customer: { id: customerId, name: 'Acme' },
      location: `Utrecht${csi}2J`, // of an eight-bit terminal, which JSON does not escape
      scriptKeys: [{ id: 'k', publicKey: 'p' }],
      pins,
      serverTime: Date.now(),
    },
  }));
  pins = [server.pin];
  const codeFile = path.join(home.folder, 'code');
  fs.writeFileSync(codeFile, 'the-code\n');
  const folder = path.join(home.folder, 'home');
  const enrolled = await vedette(folder, [
    'enrol',
    '--server',
    server.url,
    '--pin',
    server.pin,
    '--code-file',
    codeFile,
    '--name',
    'Desk 7',
  ]);
  assert.deepEqual([enrolled.code, enrolled.error], [0, '']);
  assert.match(enrolled.out, /Enrolled as Desk 7 at Utrecht 2J, for Acme/);
  assert.equal(JSON.parse(server.requests[0]?.body.toString() ?? '').code, 'the-code');

  assert.match(
    enrolled.out,
    /^Monitors {2}not known: /m,
    'what the server says of it here is no answer, and it is enrolled',
  );

  const asked = server.requests.length;
  const again = ['enrol', '--server', server.url, '--pin', server.pin, '--code-file', `${codeFile}-gone`, '--json'];
  const unattended = await vedette(folder, again);
  assert.deepEqual([unattended.code, server.requests.length], [0, asked], 'at every start of a device it enrols once');
  const { codeUsed, enrolment } = JSON.parse(unattended.out);
  assert.deepEqual([codeUsed, enrolment.name], [false, 'Desk 7']);

  assert.equal((await vedette(folder, ['secret', 'set', 'SHOP_PASSWORD', '--value-stdin'], 'canary-secret\n')).code, 0);
  assert.equal(new Vault(folder).secret('SHOP_PASSWORD'), 'canary-secret');
  assert.equal((await vedette(folder, ['secret', 'list', '--json'])).out, '["SHOP_PASSWORD"]\n');

  const shown = await vedette(folder, ['status']);
  assert.match(shown.out, /Sentinel\s+Desk 7 at Utrecht 2J, for Acme\n/);
  const asJson = (await vedette(folder, ['status', '--json'])).out;
  const status = JSON.parse(asJson);
  assert.equal(status.enrolment.location, `Utrecht${csi}2J`);
  assert.doesNotMatch(shown.out + asJson, /[^\P{C}\n]/u, 'nothing from a server commands the terminal');
  assert.deepEqual([status.enrolment.pins, status.running, status.spool], [[server.pin], false, null]);
  assert.doesNotMatch(shown.out + JSON.stringify(status), /canary/);

  assert.equal((await vedette(folder, ['secret', 'remove', 'SHOP_PASSWORD'])).code, 0);
  assert.equal((await vedette(folder, ['secret', 'remove', 'SHOP_PASSWORD'])).code, 1);
});

test('what fails is told in one sentence, with exit code 1 and no stack', async () => {
  using home = buildHome();
  await using server = await buildServer(() => problem(403, 'CODE_USED'));
  const enrol = (pin: string) => ['enrol', '--server', server.url, '--pin', pin, '--code', 'x'];
  const failures = [
    [['status'], /not enrolled .*: run `vedette-sentinel enrol` first/],
    [['run', '--allow-root'], /not enrolled/],
    [enrol(server.pin), /did not enrol this device: because CODE_USED/],
    [
      enrol(`${'A'.repeat(43)}=`),
      /signed by CN=Vedette test authority\. The pin A+= was given: ask .*\. Nothing was sent \(pins seen: /,
    ],
  ] as const;
  for (const [args, sentence] of failures) {
    const { code, error, out } = await vedette(home.folder, args);
    assert.match(error, sentence);
    assert.deepEqual([code, out, error.trim().split('\n').length], [1, '', 1]);
    assert.doesNotMatch(error, /\n\s+at /);
  }
});

test('what is asked for wrongly is told in one sentence, with exit code 2', async () => {
  using home = buildHome();
  const wrong = [
    ['dance'],
    ['enrol'],
    ['enrol', '--server', 'https://localhost', '--pin', 'x'],
    ['secret', 'set', 'not-a-name', '--value-stdin'],
    ['secret', 'set', 'NAME'],
    ['secret', 'set', 'NAME', '--value-stdin'],
    ['enrol', '--server', 'https://localhost', '--pin', 'x', '--code-file', '/nowhere/code'],
    ['sent', '--last', 'many'],
    ['repin', '--pin', 'x'],
    ['enrol', '--server', 'localhost', '--pin', `${'A'.repeat(43)}=`, '--code', 'x'],
  ];
  for (const args of wrong) {
    const { code, error } = await vedette(home.folder, args);
    assert.equal(code, 2, args.join(' '));
    assert.match(error, /^vedette-sentinel: .+\n$/);
  }
});

test('as root it does not run unless told to; for anybody else that is no question', async () => {
  using home = buildHome();
  const { code, error } = await vedette(home.folder, ['run']);
  assert.equal(code, 1);
  assert.equal(/--allow-root/.test(error), process.getuid?.() === 0, error);
});
