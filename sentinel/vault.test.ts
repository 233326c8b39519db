import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from './build-home.ts';
import { Vault } from './vault.ts';

test('a secret that was set can be read, listed and removed', () => {
  using home = buildHome();
  new Vault(home.folder).setSecret('SHOP_PASSWORD', 'hunter2 ✓');
  const vault = new Vault(home.folder);
  assert.equal(vault.secret('SHOP_PASSWORD'), 'hunter2 ✓');
  assert.deepEqual(vault.names(), ['SHOP_PASSWORD']);
  assert.equal(vault.removeSecret('SHOP_PASSWORD'), true);
  assert.equal(vault.removeSecret('SHOP_PASSWORD'), false);
  assert.equal(vault.secret('SHOP_PASSWORD'), undefined);
});

test('the API key lies beside the secrets, not among them', () => {
  using home = buildHome();
  const vault = new Vault(home.folder);
  assert.equal(vault.apiKey(), undefined);
  vault.setApiKey('key-1');
  vault.setSecret('A', '');
  assert.equal(vault.apiKey(), 'key-1');
  assert.equal(vault.secret('A'), '');
  assert.deepEqual(vault.names(), ['A']);
});

test('no value lies on the disk in clear, and only the owner can read the files', () => {
  using home = buildHome();
  const vault = new Vault(home.folder);
  vault.setSecret('A', 'canary-secret');
  vault.setApiKey('canary-key');
  for (const name of fs.readdirSync(home.folder)) {
    const file = path.join(home.folder, name);
    assert.doesNotMatch(fs.readFileSync(file, 'latin1'), /canary/);
    assert.equal(fs.statSync(file).mode & 0o777, 0o600, name);
  }
});

test('names that a script could not read, or that mean something else, are refused', () => {
  using home = buildHome();
  const vault = new Vault(home.folder);
  for (const name of ['', '1A', 'A-B', 'A B', 'ä', 'A'.repeat(101)]) assert.throws(() => vault.setSecret(name, 'x'));
  assert.equal(vault.secret('__proto__'), undefined);
  assert.equal(vault.secret('toString'), undefined);
});

test('a damaged vault is named, not overwritten', () => {
  using home = buildHome();
  const vault = new Vault(home.folder);
  fs.writeFileSync(path.join(home.folder, 'vault.json'), '{"secrets":');
  assert.throws(() => vault.setSecret('A', 'x'), /vault\.json is damaged/);
  assert.equal(fs.readFileSync(path.join(home.folder, 'vault.json'), 'utf8'), '{"secrets":');
});
