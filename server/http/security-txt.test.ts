import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildWorld } from '../build-world.ts';

const path = '/.well-known/security.txt';

test('security.txt names contact and key as configured, and expires in 60 days to a year', async () => {
  const settings = {
    securityContact: 'mailto:security@vedette.example',
    securityKey: 'https://vedette.example/key.asc',
  };
  await using world = await buildWorld({ settings: { ...settings, hostNames: ['vedette.example'] } });
  const { status, headers, text } = await world.ask('GET', path);
  assert.deepEqual([status, headers['content-type']], [200, 'text/plain; charset=utf-8']);
  const fields = Object.fromEntries(
    text
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/: (.*)/).slice(0, 2)),
  );
  assert.deepEqual([fields.Contact, fields.Encryption], [settings.securityContact, settings.securityKey]);
  assert.equal(fields.Canonical, `https://vedette.example:${world.server.port}${path}`);
  const days = (Date.parse(fields.Expires ?? '') - Date.now()) / 86_400_000;
  assert.ok(days > 60 && days < 365, fields.Expires);
});

test('where nobody is named there is no security.txt, and it says how to name somebody', async () => {
  await using world = await buildWorld();
  const { status, code, text } = await world.ask('GET', path);
  assert.deepEqual([status, code], [404, 'NO_CONTACT']);
  assert.match(text, /--security-contact/);
});
