import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ProjectScript } from '../../scripts-library/deploy/deployment-of.ts';
import { type AuthorKey, createKey, openKey } from '../../scripts-library/keys/key-file.ts';
import { type Signing, signedRollback, signedScript } from '../../scripts-library/keys/signed-scripts.ts';
import { bundle } from '../../scripts-library/publish/bundle.ts';
import type { ScriptWish, VersionAnswer } from '../../scripts-library/publish/deployment.ts';
import { newScriptKey, sign } from '../../scripts-library/publish/sign.ts';
import {
  type Assignment,
  Assignments,
  apiPrefix,
  type ScriptKey,
  ScriptStatement,
} from '../../sentinel/protocol/messages.ts';
import { trustScript } from '../../sentinel/script-trust.ts';
import { keysFor } from '../../sentinel/settings/narrow.ts';
import { buildAuthorWorld } from '../build-world.ts';
import { addAuthorKey, revokeAuthorKey } from './author-keys.ts';

const folder = mkdtempSync(join(tmpdir(), 'vedette-keys-'));
const passphrase = 'a long walk at dawn';
const file = join(folder, 'key.json');
const { world, customerId, alice, sentinel, at } = await buildAuthorWorld();
const { publicKey } = createKey(file, passphrase);
const key = openKey(file, passphrase);

before(async () => {
  assert.equal(statSync(file).mode & 0o777, 0o600);
  await addAuthorKey(world.context, customerId, { name: 'alice', publicKey });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function script(title: string): Promise<ProjectScript> {
  const file = join(folder, 'home.spec.ts');
  writeFileSync(file, `import { test } from '@playwright/test';\ntest('${title}', () => {});`);
  return { ...(await bundle(file)), more: ['shop.example'] };
}

const signing = (latest: number, customer: string = customerId): Signing => ({
  ...{ customerId: customer, latest: () => latest, now: Date.now() },
});
const monitor = { name: 'Home', script: 'home.spec.ts', everyMs: 60_000 };

async function deploy(wish: ScriptWish) {
  const answer = await alice('PUT', `${at}/deployments/shop`, { body: { scripts: [wish], monitors: [monitor] } });
  return { status: answer.status, detail: (answer.json() as { detail?: string }).detail ?? '' };
}

/** What the sentinel is told to run now, and with which keys. */
async function told(): Promise<{ assignment: Assignment; keys: Assignments['scriptKeys'] }> {
  const answer = Assignments.parse((await sentinel.ask('GET', `${apiPrefix}/assignments`)).json());
  const [assignment] = answer.assignments;
  assert.ok(assignment);
  return { assignment, keys: answer.scriptKeys };
}

const trusted = (assignment: Assignment, keys: readonly ScriptKey[], highest = 0) =>
  trustScript(assignment, { keys, customerId, highestVersion: () => highest });

let first: Assignment;

test('what an author signed is run, also where nobody else is trusted', async () => {
  assert.deepEqual(await deploy(signedScript(await script('One'), key, signing(0))), { status: 200, detail: '' });
  const { assignment, keys } = await told();
  assert.equal(trusted(assignment, keys).ok, true);
  assert.equal(trusted(assignment, keysFor({ trustedKeys: [key.publicKey] }, keys)).ok, true);
  first = assignment;
});

test('the server signs nothing in its place', async () => {
  const { path, files } = await script('Forged');
  const { status, detail } = await deploy({ path, files, hosts: [] });
  assert.equal(status, 422);
  assert.match(detail, /signed with the author key \w{16} \(alice\), and the server can't sign in its place/);
});

test('an altered bundle, another hand, another customer and a wrong number are refused', async () => {
  const good = signedScript(await script('Two'), key, signing(1));
  const stranger = newScriptKey();
  const own: AuthorKey = { ...stranger, privateKey: createPrivateKey(stranger.privateKeyPem) };
  const ofOther = await world.addCustomer('Bolt');
  await addAuthorKey(world.context, ofOther, { name: 'bob', publicKey: own.publicKey });
  const { signed } = good;
  assert.ok(signed);
  const altered = { ...signed, statement: signed.statement.replace('shop.example', 'evil.example') };
  const cases: [ScriptWish, RegExp][] = [
    [{ ...good, signed: { ...signed, bundle: `${signed.bundle}// altered` } }, /bundle is not the one that was signed/],
    [{ ...good, signed: altered }, /signature does not match/],
    [signedScript(await script('Two'), own, signing(1)), /none of the author keys of this customer/],
    [signedScript(await script('Two'), key, signing(1, ofOther)), /signed for another customer/],
    [signedScript(await script('Two'), key, signing(0)), /signed as version 1, and the next one is 2: sign it again/],
    [{ ...good, path: 'other.spec.ts' }, /what was signed is the script home\.spec\.ts/],
  ];
  for (const [wish, message] of cases) {
    const { status, detail } = await deploy(wish);
    assert.equal(status, 422);
    assert.match(detail, message);
  }
  assert.deepEqual((await told()).assignment.script, first.script);
});

test('an older version that is replayed is refused by a sentinel; a rollback is signed as a new one', async () => {
  assert.equal((await deploy(signedScript(await script('Two'), key, signing(1)))).status, 200);
  const { keys } = await told();
  const replayed = trusted(first, keys, 2);
  assert.match(replayed.ok ? '' : replayed.reason, /version 1 is older than version 2/);
  const path = `${at}/scripts/home.spec.ts`;
  const earlier = (await alice('GET', `${path}/versions/1`)).json() as VersionAnswer;
  const refused = await alice('POST', `${path}/rollback`, { body: { version: 1 } });
  assert.match(refused.text, /the server can't sign in its place/);
  const signed = signedRollback('home.spec.ts', earlier, key, signing(2));
  assert.equal((await alice('POST', `${path}/rollback`, { body: { version: 1, signed } })).status, 200);
  const { assignment } = await told();
  const again = trusted(assignment, keys, 2);
  assert.ok(again.ok);
  assert.deepEqual([again.statement.version, again.statement.bundleSha256], [3, earlier.sha256]);
});

test('a sentinel takes an older number only where its author signed that it is a rollback', () => {
  const statement = ScriptStatement.parse(JSON.parse(first.script.statement));
  const signed = sign({ ...statement, rollback: true }, key.privateKey);
  assert.equal(trusted({ ...first, script: signed }, [key], 9).ok, true);
});

test('an author signs no earlier version that they never signed, whatever the server says', async () => {
  const earlier = (await alice('GET', `${at}/scripts/home.spec.ts/versions/1`)).json() as VersionAnswer;
  const forged = [
    { ...earlier, bundle: `${earlier.bundle}// forged` },
    { ...earlier, version: 2 },
  ];
  for (const one of forged)
    assert.throws(() => signedRollback('home.spec.ts', one, key, signing(3)), /was not signed with the key/);
});

test('a revoked key ends at once what it signed, and does not come back', async () => {
  await revokeAuthorKey(world.context, customerId, key.id);
  const { assignment, keys } = await told();
  const now = trusted(assignment, keys);
  assert.match(now.ok ? '' : now.reason, /which this sentinel does not trust/);
  const { status, detail } = await deploy(signedScript(await script('Three'), key, signing(3)));
  assert.equal(status, 422);
  assert.match(detail, /none of the author keys of this customer \(any more\)/);
  const { publicKey } = key;
  await assert.rejects(addAuthorKey(world.context, customerId, { name: 'alice', publicKey }), /does not come back/);
  const { path, files } = await script('Three');
  assert.equal((await deploy({ path, files, hosts: [] })).status, 200);
});

test('a key opens with its passphrase alone', () => {
  assert.throws(() => openKey(join(folder, 'key.json'), 'another passphrase'), /passphrase is wrong/);
  assert.throws(() => createKey(join(folder, 'key.json'), passphrase), /is there already/);
});
