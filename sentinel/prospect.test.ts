import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildAssignment, customerId, scriptKey } from './build-assignment.ts';
import { doCommand } from './build-command.ts';
import { buildHome } from './build-home.ts';
import { buildServer, type FakeAnswer, problem } from './build-server.ts';
import { addEnrol } from './enrol-command.ts';
import { Boots } from './link/boots.ts';
import type { Assignment } from './protocol/messages.ts';
import { writeSettings } from './settings/settings.ts';
import { Vault } from './vault.ts';

const backupPin = `${'B'.repeat(43)}=`;

/** A server with work for whoever enrols; `told` is what it answers to the question for that. */
async function buildWorld(told: (common: object) => FakeAnswer) {
  const home = buildHome();
  let pins: string[] = [];
  const server = await buildServer(({ path: asked }) => {
    const common = { scriptKeys: [scriptKey], pins, serverTime: Date.now() };
    if (asked === '/assignments') return told(common);
    const sentinel = { sentinelId: '99999999-2222-4333-8444-555555555555', apiKey: 'key-1', location: 'Utrecht' };
    return { json: { ...common, ...sentinel, customer: { id: customerId, name: 'Acme' } } };
  });
  pins = [server.pin, backupPin];
  const folder = path.join(home.folder, 'home');
  const surroundings = { stopSignal: () => new AbortController().signal };
  return {
    ...{ server, folder },
    enrol: (...more: string[]) =>
      doCommand((program, homeOf) => addEnrol(program, { ...surroundings, home: homeOf }), folder, [
        ...['enrol', '--server', server.url, '--pin', server.pin, '--code', 'x', '--name', 'Desk 7', ...more],
      ]),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

const assigned = (assignments: Assignment[]) => (common: object) => ({ json: { ...common, assignments } });

test('enrolment shows the server, its pins, and the hosts that scripts are to reach as this device allows', async () => {
  const shop = buildAssignment(
    { name: 'Web shop', secrets: ['A', 'B', 'C'] },
    {
      ...{ hosts: ['shop.example', 'pay.example:443', 'ads.example'] },
      ...{ secrets: ['A', 'B', 'C'], withDefault: ['C'] },
    },
  );
  const foreign = buildAssignment({ name: 'Foreign' }, { customerId: '66666666-2222-4333-8444-555555555555' });
  await using world = await buildWorld(assigned([shop, foreign]));
  const first = await world.enrol();
  assert.match(first, /^Enrolled as Desk 7 at Utrecht, for Acme\./);
  assert.match(first, new RegExp(`^Server {4}${world.server.url}\n`, 'm'));
  assert.ok(first.includes(`Pins      ${world.server.pin}, ${backupPin}`));
  assert.match(first, /^Monitors {2}2 are assigned$/m);
  const wanting =
    '(shop.spec.ts): reaches shop.example, pay.example:443, ads.example; needs `secret set A`, `secret set B`';
  assert.ok(first.includes(`Web shop ${wanting}`), first);
  assert.match(first, /Foreign: is not run, /);
  assert.match(first, /^Allowed {3}whatever the authors of the scripts signed$/m);

  new Vault(world.folder).setSecret('A', 'canary');
  writeSettings(world.folder, { hosts: ['shop.example:443', 'pay.example'], screenshots: 'never' });
  const anew = await world.enrol('--anew');
  assert.match(anew, /reaches shop\.example:443, pay\.example:443; refused here: ads\.example; needs `secret set B`$/m);
  assert.match(anew, /^Allowed {3}hosts shop\.example:443,pay\.example; screenshots never$/m);

  const { codeUsed, enrolment, monitors, notKnown, settings } = JSON.parse(await world.enrol('--anew', '--json'));
  assert.deepEqual([codeUsed, notKnown, settings.screenshots], [true, null, 'never']);
  assert.deepEqual([enrolment.server, enrolment.pins], [world.server.url, [world.server.pin, backupPin]]);
  const { notRun, ...ofShop } = monitors[0];
  assert.equal(notRun, null);
  assert.deepEqual(ofShop, {
    ...{ name: 'Web shop', script: 'shop.spec.ts', missingSecrets: ['B'] },
    ...{ hosts: ['shop.example:443', 'pay.example:443'], refusedHosts: ['ads.example'] },
  });
  assert.match(monitors[1].notRun, /customer/);
});

test('settings that can’t be used are told before a code is used up', async () => {
  await using world = await buildWorld(assigned([]));
  await world.enrol();
  fs.writeFileSync(path.join(world.folder, 'settings.json'), '{ "hosts": "all" }');
  const before = world.server.requests.length;
  await assert.rejects(world.enrol('--anew'), /settings\.json can't be used: hosts/);
  assert.equal(world.server.requests.length, before);
});

test('what is assigned to nobody yet is told so, and so is a server that does not say; enrolled it is all the same', async () => {
  await using idle = await buildWorld(assigned([]));
  assert.match(await idle.enrol(), /^Monitors {2}none yet: /m);
  for (const told of [problem(503, 'DATABASE_AWAY'), 'cut' as const]) {
    await using world = await buildWorld(() => told);
    assert.match(await world.enrol(), /^Monitors {2}not known: \S/m);
    const { monitors, notKnown } = JSON.parse(await world.enrol('--anew', '--json'));
    assert.ok(monitors === null && notKnown.length > 10);
  }
});

test('the sentinel that starts then is known as the machine that asked', async () => {
  await using world = await buildWorld(assigned([]));
  await world.enrol();
  const asked = world.server.requests.at(-1)?.headers['vedette-boot'];
  assert.deepEqual(new Boots(path.join(world.folder, 'boots.json')).before, [asked]);
});
