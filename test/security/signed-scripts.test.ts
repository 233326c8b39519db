import assert from 'node:assert/strict';
import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { ScriptVersionRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { newScriptKey, sign } from '../../scripts-library/publish/sign.ts';
import { FakeRunner } from '../../sentinel/build-runner.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { runSentinel } from '../../sentinel/main.ts';
import type { ScriptStatement } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { addAuthorKey, revokeAuthorKey } from '../../server/assignments/author-keys.ts';
import { tellChange } from '../../server/assignments/changes.ts';
import { addMonitor } from '../../server/assignments/monitors.ts';
import { publish, statementOf } from '../../server/assignments/publish.ts';
import { runNow } from '../../server/assignments/run-now.ts';
import { signingKey } from '../../server/assignments/script-keys.ts';
import { rollBack } from '../../server/assignments/script-versions.ts';
import { buildWorld } from '../../server/build-world.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { until } from '../faults/until.ts';

/*
 * A server in wrong hands: what it hands out is altered in its own database, and a real sentinel, enrolled there and at work,
 * is to run nothing of it. Only what a run would do is left out.
 */

const name = 'home.spec.ts';
const world = await buildWorld();
const customerId = await world.addCustomer('Acme');
const otherId = await world.addCustomer('Bolt');
const home = mkdtempSync(join(tmpdir(), 'vedette-signed-'));
const stop = new AbortController();
const runner = new FakeRunner();
let sentinel: Promise<void>;

before(async () => {
  const code = await addEnrolmentCode(world.context, customerId, { location: 'Utrecht' });
  const [pin = ''] = world.context.authority.pins;
  await enrol({ server: world.server.url, pin, code, name: 'desk 12', home: join(home, 'sentinel') }, stop.signal);
  const how = { home: join(home, 'sentinel'), openRunner: async () => runner, allowRoot: true, log: () => {} };
  sentinel = runSentinel(how, stop.signal);
});
after(async () => {
  stop.abort();
  await sentinel;
  await world[Symbol.asyncDispose]();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const put = (title: string) => {
  const source = `import { test } from '@playwright/test';\ntest('${title}', () => {});`;
  return publish(world.context, customerId, { script: { name, source }, author: 'alice' });
};
const use = <T>(work: (db: CustomerDb) => Promise<T>) => world.context.customers.use(customerId, work);

type Forgery = (newest: ScriptVersionRow) => Partial<ScriptVersionRow>;

/** Has the server hand out something else as the newest version; returns what that was. */
async function forge(change: Forgery): Promise<ScriptVersionRow> {
  const before = await use(async (db) => {
    const newest: ScriptVersionRow = await db('script_versions').orderBy('version', 'desc').first();
    const { script_id, version } = newest;
    await db('script_versions')
      .where({ script_id, version })
      .update({ script_id, ...change(newest) });
    return newest;
  });
  await tellChange(world.context, customerId);
  return before;
}

/** Asks the sentinel for a run now; what its server was told of it, and what it ran. */
async function asked(): Promise<{ code: string | null; ran: { title: string; version: number } | undefined }> {
  const before = runner.requests.length;
  const request_id = await runNow(world.context, customerId, { name: 'Home' });
  const told = () =>
    use((db) =>
      db('requested_runs').join('runs', 'runs.id', 'requested_runs.run_id').where({ request_id }).first('error_code'),
    );
  await until('the sentinel tells of the run', async () => (await told()) !== undefined);
  const request = runner.requests.slice(before).at(-1);
  const title = /Genuine|Newer/.exec(request?.bundle ?? '')?.[0] ?? '';
  return { code: (await told()).error_code, ran: request && { title, version: request.statement.version } };
}

/** What a statement says, signed anew with the key of a customer, or one of an author. */
function signedBy(key: { id: string; privateKey: KeyObject }, row: ScriptVersionRow, change: Partial<ScriptStatement>) {
  return sign({ ...statementOf(row), keyId: key.id, ...change }, key.privateKey);
}

const own = () => signingKey(world.context, customerId);
const attacks: Record<string, Forgery> = {
  'a bundle that is not the signed one': (row) => {
    const sha256 = sha256Hex(`${row.bundle}// another`);
    return { sha256, ...signedBy(own(), row, { bundleSha256: sha256 }), bundle: `${row.bundle}// yet another` };
  },
  'a statement with one more host': ({ statement }) => ({
    statement: statement.replace('"hosts":[]', '"hosts":["evil.example"]'),
  }),
  "another customer's key": (row) => signedBy(signingKey(world.context, otherId), row, {}),
  'another customer': (row) => signedBy(own(), row, { customerId: otherId }),
  'a key that nobody was told of': (row) => signedBy(newKey(), row, {}),
};

function newKey() {
  const { id, publicKey, privateKeyPem } = newScriptKey();
  return { id, publicKey, privateKey: createPrivateKey(privateKeyPem) };
}

test('a sentinel runs nothing that its server altered, or that another key or customer signed', async () => {
  await put('Genuine');
  await addMonitor(world.context, customerId, { name: 'Home', script: name, everyMs: 86_400_000 });
  await until('the first run is told', async () => (await use((db) => db('runs').first('id'))) !== undefined);
  assert.equal((await asked()).ran?.title, 'Genuine');
  for (const [what, attack] of Object.entries(attacks)) {
    const genuine = await forge(attack);
    assert.deepEqual(await asked(), { code: 'SCRIPT_UNTRUSTED', ran: undefined }, what);
    await forge(() => genuine);
    assert.equal((await asked()).ran?.title, 'Genuine', `${what}: and what is genuine it runs again`);
  }
});

test('what an author signed ends with the trust in the key', async () => {
  const key = newKey();
  await addAuthorKey(world.context, customerId, { name: 'alice', publicKey: key.publicKey });
  const genuine = await forge((row) => signedBy(key, row, {}));
  assert.equal((await asked()).ran?.title, 'Genuine');
  await revokeAuthorKey(world.context, customerId, key.id);
  assert.deepEqual(await asked(), { code: 'SCRIPT_UNTRUSTED', ran: undefined });
  await forge(() => genuine);
});

test('an old version that is replayed is not run; a rollback, signed as the newest version, is', async () => {
  const old = await forge(() => ({}));
  await put('Newer');
  assert.deepEqual((await asked()).ran, { title: 'Newer', version: 2 });
  const { statement, signature, bundle, sha256 } = old;
  const newer = await forge(() => ({ statement, signature, bundle, sha256 }));
  assert.deepEqual(await asked(), { code: 'SCRIPT_UNTRUSTED', ran: undefined });
  await forge(() => newer);
  const alice = { kind: 'user', id: randomUUID(), name: 'alice' } as const;
  assert.equal((await rollBack(world.context, customerId, name, { version: 1 }, alice))?.version, 3);
  assert.deepEqual((await asked()).ran, { title: 'Genuine', version: 3 });
});
