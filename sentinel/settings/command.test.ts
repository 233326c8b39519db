import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { doCommand } from '../build-command.ts';
import { buildHome } from '../build-home.ts';
import { addCollects } from './collects-command.ts';
import { addSettings } from './command.ts';
import { pauseAt, pauseText } from './pause.ts';
import { addPause } from './pause-command.ts';
import { readSettings } from './settings.ts';

test('settings are set, shown, narrowed host by host and unset again', async () => {
  using home = buildHome();
  const settings = (...args: string[]) => doCommand(addSettings, home.folder, ['settings', ...args]);
  const key = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
  await settings('set', 'screenshots', 'never');
  await settings('set', 'mibPerDay', '50');
  await settings('set', 'trustedKeys', key);
  await settings('allow', 'shop.example', 'pay.example:8443');
  await settings('deny', 'shop.example');
  await settings('unset', 'mibPerDay');
  const wanted = { screenshots: 'never', trustedKeys: [key], hosts: ['pay.example:8443'] };
  assert.deepEqual(readSettings(home.folder), wanted);
  const shown = await settings();
  assert.match(shown, /^screenshots +never$/m);
  assert.match(shown, /^traces +\(when-asked\)$/m);
  assert.deepEqual(JSON.parse(await settings('show', '--json')), { settings: wanted, refused: [] });
});

test('a setting that is none, or a value that does not fit, is said and changes nothing', async () => {
  using home = buildHome();
  const wrong: [string[], RegExp][] = [
    [['set', 'shoes', '42'], /no setting shoes: there are hosts, /],
    [['set', 'mibPerDay', 'much'], /^mibPerDay: /],
    [['set', 'mibPerDay', '1'], /^mibPerDay: /],
    [['set', 'screenshots', 'always'], /^screenshots: /],
    [['set', 'trustedKeys', 'AAAA'], /^trustedKeys.0: must be an Ed25519 public key/],
    [['allow', 'https://shop.example/'], /^hosts.0: must be a host such as/],
    [['deny', 'shop.example'], /shop.example is none of the hosts that may be reached/],
  ];
  for (const [args, message] of wrong)
    await assert.rejects(doCommand(addSettings, home.folder, ['settings', ...args]), { name: 'UsageFault', message });
  assert.deepEqual(readSettings(home.folder), {});
});

test('a sentinel is paused for a time and resumed with no server', async () => {
  using home = buildHome();
  const act = (...args: string[]) => doCommand(addPause, home.folder, args);
  assert.match(
    await act('pause', '--for', '2h', '--reason', 'stocktaking'),
    /^Paused until \d{4}-.*Z\. No sentinel is enrolled in .*: one elsewhere is named with --home\.$/,
  );
  const now = Date.now();
  assert.equal(pauseAt(pauseText(home.folder), now)?.reason, 'stocktaking');
  assert.ok(pauseAt(pauseText(home.folder), now + 7_000_000));
  assert.equal(pauseAt(pauseText(home.folder), now + 7_300_000), undefined);
  assert.match(await act('resume'), /^Resumed\. No sentinel is enrolled in /);
  assert.deepEqual(JSON.parse(await act('resume', '--json')), { wasPaused: false });
  await assert.rejects(act('pause', '--for', 'ever'), /It is a time such as 30m/);
  await assert.rejects(act('pause', '--reason', ' '), /Say why in words/);
});

test('collects lists every field, and what the settings switch off', async () => {
  using home = buildHome();
  await doCommand(addSettings, home.folder, ['settings', 'set', 'screenshots', 'never']);
  const text = await doCommand(addCollects, home.folder, ['collects']);
  assert.match(text, /^ {2}OFF {2}evidence\.screenshot$/m);
  assert.match(text, /^ {2}OFF {2}evidence\.trace$/m, 'it shows pages too');
  assert.match(text, /^ {2}on {3}run\.page\n.*\(off with `settings set pageTexts never`\)$/m);
  const messages = JSON.parse(await doCommand(addCollects, home.folder, ['collects', '--json']));
  const fields = messages.flatMap((message: { fields: { name: string; on: boolean }[] }) => message.fields);
  assert.ok(fields.length > 80, `${fields.length} fields`);
  const off = fields.filter(({ on }: { on: boolean }) => !on).map(({ name }: { name: string }) => name);
  assert.deepEqual(off, ['evidence.screenshot', 'evidence.trace', 'evidence.screenshotWhenPassed']);
  await doCommand(addSettings, home.folder, ['settings', 'set', 'screenshots', 'on-failure']);
  const less = await doCommand(addCollects, home.folder, ['collects']);
  assert.match(less, /^ {2}on {3}evidence\.screenshot$/m);
  assert.match(less, /^ {2}OFF {2}evidence\.screenshotWhenPassed$/m);
});
