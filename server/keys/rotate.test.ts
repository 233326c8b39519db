import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { AuditRow } from '../../db/audit-table.ts';
import type { UserRow } from '../../db/registry/rows.ts';
import { Assignments, apiPrefix } from '../../sentinel/protocol/messages.ts';
import { verifyStatement } from '../../sentinel/protocol/statement.ts';
import { addFactor, buildPerson, goodPassword } from '../accounts/build-person.ts';
import { findCustomer } from '../accounts/customers.ts';
import { aboutUser } from '../accounts/second-factor.ts';
import { addUser } from '../accounts/users.ts';
import { addMonitor } from '../assignments/monitors.ts';
import { publish } from '../assignments/publish.ts';
import { buildWorld } from '../build-world.ts';
import { openMasterKey } from '../databases/master-key.ts';
import { rotateMasterKey, rotateScriptKey } from './rotate.ts';
import { rotatePasswordKey, underEarlierKey } from './rotate-password-key.ts';

const source = `import { test } from '@playwright/test';
test('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;

test("a customer's script key is changed: its scripts are signed anew, and the key before is trusted no more", async () => {
  await using world = await buildWorld();
  const { context } = world;
  const customerId = await world.addCustomer('Acme');
  await publish(context, customerId, { script: { name: 'home.spec.ts', source }, author: 'test' });
  await addMonitor(context, customerId, { name: 'Home', script: 'home.spec.ts', everyMs: 60_000 });
  const sentinel = await world.enrolled(customerId);
  const told = async () => Assignments.parse((await sentinel.ask('GET', `${apiPrefix}/assignments`, next())).json());
  let counter = 1;
  const next = () => ({ headers: { 'vedette-counter': String(counter++) } });
  const before = await told();
  const id = await rotateScriptKey(context, await findCustomer(context, 'Acme'));
  const after = await told();
  assert.deepEqual(
    after.scriptKeys.map((key) => key.id),
    [id],
  );
  assert.notDeepEqual(after.scriptKeys, before.scriptKeys);
  const [old, anew] = [before.assignments[0]?.script, after.assignments[0]?.script];
  assert.ok(old && anew);
  assert.equal(verifyStatement(anew, after.scriptKeys, customerId).ok, true);
  assert.equal(verifyStatement(old, after.scriptKeys, customerId).ok, false);
  const entries: AuditRow[] = await context.registry('audit').where({ action: 'key-rotated' });
  assert.deepEqual(
    entries.map(({ subject }) => subject),
    ['script key of Acme'],
  );
});

test('the master key is changed beside a running server: what was sealed is sealed anew, and goes on being of use', async () => {
  await using world = await buildWorld();
  const { context } = world;
  await addUser(context, { name: 'olga', role: 'operator', customerId: null, password: goodPassword });
  const olga = buildPerson(world);
  await olga.signIn('olga');
  const { recoveryCodes, codeAt } = await addFactor(olga, context.now);
  assert.ok(recoveryCodes.length > 0);
  const file = join(context.dataFolder, 'master-key');
  const old = readFileSync(file, 'utf8');
  assert.ok((await rotateMasterKey(context, undefined)) >= 1);
  const user = await context.registry<UserRow>('users').where({ name: 'olga' }).first();
  const about = aboutUser(user?.id ?? '');
  assert.throws(() => openMasterKey('', old).unseal(user?.second_factor ?? '', about), /cannot be unsealed/);
  world.advance(60_000);
  const again = buildPerson(world);
  assert.equal((await again.signIn('olga', goodPassword, codeAt(context.now()))).status, 200);
  await rotateMasterKey(context, undefined);
  assert.ok(!readFileSync(file, 'utf8').includes(old.trim()), 'after the next change the first key is gone');
});

test('the password key is changed: who signs in is kept under the new one, and the one before goes once nobody needs it', async () => {
  await using world = await buildWorld();
  const { context } = world;
  for (const name of ['olga', 'paul'])
    await addUser(context, { name, role: 'operator', customerId: null, password: goodPassword });
  const olga = buildPerson(world);
  await olga.signIn('olga');
  const { recoveryCodes } = await addFactor(olga, context.now);
  const keptOf = async (name: string) =>
    (await context.registry<UserRow>('users').where({ name }).first())?.password_hash;
  // As before there were marks.
  const unmarked = (await keptOf('paul'))?.slice(16) ?? '';
  await context.registry<UserRow>('users').where({ name: 'paul' }).update({ password_hash: unmarked });

  assert.equal(await rotatePasswordKey(context, false), 'begin');
  const [newest, before] = context.passwordKeys;
  assert.ok(newest.id !== before?.id);
  assert.deepEqual(await underEarlierKey(context), ['olga', 'paul']);
  const withCode = (code: string | undefined) => buildPerson(world).signIn('olga', goodPassword, code);
  assert.equal((await withCode(recoveryCodes[0])).status, 200);
  assert.ok((await keptOf('olga'))?.startsWith(newest.id));
  await assert.rejects(rotatePasswordKey(context, false), /^Refused: 1 accounts have not signed in since \(paul\)/);
  assert.equal((await buildPerson(world).signIn('paul', 'something else altogether')).status, 401);
  assert.equal((await buildPerson(world).signIn('paul')).status, 200);
  assert.deepEqual(await underEarlierKey(context), []);

  assert.equal(await rotatePasswordKey(context, false), 'end');
  assert.deepEqual(context.passwordKeys, [newest]);
  assert.equal((await buildPerson(world).signIn('paul')).status, 200);
  assert.equal((await withCode(recoveryCodes[1])).status, 401, 'recovery codes go with their key');
  const row = await context.registry<UserRow>('users').where({ name: 'olga' }).first();
  assert.equal(row?.recovery_hashes, '[]');

  await rotatePasswordKey(context, false);
  assert.equal(await rotatePasswordKey(context, true), 'end');
  assert.equal((await buildPerson(world).signIn('paul')).status, 401, 'forced: paul needs a link');
});

test('keys of the environment: the first seals, the others unseal, and all is sealed with the first on request', async () => {
  const [first, second] = [randomBytes(32).toString('base64'), randomBytes(32).toString('base64')];
  const sealed = openMasterKey('', first).seal('secret', 'it');
  const both = openMasterKey('', `${second},${first}`);
  assert.equal(both.unseal(sealed, 'it'), 'secret');
  assert.equal(openMasterKey('', second).unseal(both.seal('secret', 'it'), 'it'), 'secret');
});
