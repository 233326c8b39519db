import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { Assignments, apiPrefix, type Run, RunBatchAnswer } from '../../sentinel/protocol/messages.ts';
import { sha256Hex, verifyStatement } from '../../sentinel/protocol/statement.ts';
import { buildAuthorWorld } from '../build-world.ts';
import { cleanUp } from '../evidence/clean-up.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import { buildFailedRun } from '../ingest/build-run.ts';
import { removeOldTrials } from './remove-old-trials.ts';
import type { TrialAnswer, TrialsAnswer } from './shapes.ts';

const path = 'home.spec.ts';
const text = `import { test } from '@playwright/test';
test('Home', async ({ page }) => {
  await page.goto('https://shop.example/');
  process.env.SHOP_PASSWORD;
});
`;
const draft = { path, files: { [path]: text } };
const weekMs = 7 * 86_400_000;

const { world, customerId, alice, sentinel, at } = await buildAuthorWorld();
const other = await world.enrolled(customerId, 'Delft');
after(() => world[Symbol.asyncDispose]());

const ask = (wish: object = {}) =>
  alice('POST', `${at}/trials`, { body: { ...draft, sentinelId: sentinel.id, ...wish } });
const begin = async (wish?: object) => ((await ask(wish)).json() as { trialId: string }).trialId;
const stateOf = async (id: string) => (await alice('GET', `${at}/trials/${id}`)).json() as TrialAnswer;
const toDo = async (who = sentinel) => Assignments.parse((await who.ask('GET', `${apiPrefix}/assignments`)).json());
const tell = async (run: Run, who = sentinel) =>
  RunBatchAnswer.parse((await who.ask('POST', `${apiPrefix}/runs`, { body: run })).json()).runs[0];

test('a draft goes to one sentinel, signed under a name of its own, and its run comes back to who asked, in no figure', async () => {
  const trialId = await begin();
  const [trial] = (await toDo()).trials ?? [];
  assert.equal(trial?.trialId, trialId);
  assert.equal((await toDo(other)).trials, undefined);
  const verified = trial && verifyStatement(trial.script, (await toDo()).scriptKeys, customerId);
  assert.ok(verified?.ok);
  const { script, hosts, secrets, bundleSha256 } = verified.statement;
  assert.deepEqual([script, hosts, secrets], [`${path} (draft)`, ['shop.example'], ['SHOP_PASSWORD']]);
  assert.equal((await stateOf(trialId)).state, 'asked');

  assert.equal((await other.ask('GET', `${apiPrefix}/scripts/${bundleSha256}`)).status, 404);
  assert.equal((await stateOf(trialId)).state, 'asked');
  assert.equal((await sentinel.ask('GET', `${apiPrefix}/scripts/${bundleSha256}`)).status, 200);
  assert.equal((await stateOf(trialId)).state, 'fetched');

  const seen = Buffer.from('- heading "Welcome"\n');
  const evidence: Run['evidence'] = [
    { kind: 'aria', sha256: sha256Hex(seen), bytes: seen.length, mediaType: 'text/yaml' },
  ];
  const error = { code: 'ASSERTION', message: 'no', location: { file: path, line: 4, column: 1 } } as const;
  const run = { ...buildFailedRun({ monitorId: trialId, evidence, error }), trialId };
  assert.equal((await tell(run, other))?.status, 'rejected');
  assert.equal((await tell(run))?.status, 'stored');
  assert.equal((await tell(run))?.status, 'exists');
  assert.equal((await tell({ ...run, durationUs: 1 }))?.status, 'rejected');
  const put = { body: seen, headers: { 'content-type': 'text/yaml' } };
  assert.equal((await sentinel.ask('PUT', `${apiPrefix}/evidence/${sha256Hex(seen)}`, put)).status, 204);

  const done = await stateOf(trialId);
  assert.deepEqual([done.state, done.run?.outcome, done.run?.monitor.name], ['done', 'failed', path]);
  assert.match(done.run?.error?.source?.lines.join() ?? '', /SHOP_PASSWORD/);
  const [file] = done.run?.evidence ?? [];
  assert.equal((await alice('GET', file?.url ?? '')).text, seen.toString());
  for (const table of ['runs', 'dirty_hours', 'transactions', 'evidence'])
    assert.deepEqual(await world.context.customers.use(customerId, (db) => db(table)), []);
});

test('earlier trials of a script are listed, the newest first, with what came of each', async () => {
  const list = async (script: string) =>
    ((await alice('GET', `${at}/trials?script=${script}`)).json() as TrialsAnswer).trials;
  const before = await list(path);
  world.advance(1000);
  const id = await begin();
  const [newest, ...others] = await list(path);
  assert.deepEqual([newest?.id, newest?.state, newest?.outcome, newest?.askedBy], [id, 'asked', null, 'alice']);
  assert.deepEqual(others, before);
  assert.ok(before.some(({ state, outcome }) => state === 'done' && outcome === 'failed'));
  assert.deepEqual(await list('other.spec.ts'), []);
});

test('a draft with a mistake is not tried, and the check says where it is in the words of its author', async () => {
  const wrong = { path, files: { [path]: "import fs from 'node:fs';\n" } };
  assert.equal((await ask(wrong)).code, 'SCRIPT_REFUSED');
  const { faults } = (await alice('POST', `${at}/script-checks`, { body: wrong })).json() as {
    faults: { file: string; line: number; column: number; code: string }[];
  };
  assert.deepEqual(
    faults.map(({ file, line, column, code }) => [file, line, column, code]),
    [
      [path, 1, 1, 'NO_TEST'],
      [path, 1, 16, 'IMPORT'],
    ],
  );
  const away = {
    path,
    files: { [path]: "import '../../../etc/passwd.ts';\nimport { test } from '@playwright/test';\n" },
  };
  assert.doesNotMatch((await alice('POST', `${at}/script-checks`, { body: away })).text, /tmp|vedette-publish/);
  for (const missing of ['nothing.ts', 'constructor', '__proto__']) {
    const answer = await alice('POST', `${at}/script-checks`, { body: { ...draft, path: missing } });
    assert.deepEqual([answer.status, answer.code], [422, 'REFUSED'], missing);
  }
  const fine = (await alice('POST', `${at}/script-checks`, { body: draft })).json();
  assert.deepEqual(fine, { faults: [], hosts: ['shop.example'], secrets: ['SHOP_PASSWORD'] });
});

test('a large script is read beside everything else, with the same outcome', async () => {
  const files = (source: string) => ({ path, files: { [path]: `${draft.files[path]}\n${source.repeat(20_000)}` } });
  const began = { main: process.threadCpuUsage(), all: process.cpuUsage() };
  const fine = (await alice('POST', `${at}/script-checks`, { body: files('Math.max();\n') })).json();
  assert.deepEqual(fine, { faults: [], hosts: ['shop.example'], secrets: ['SHOP_PASSWORD'] });
  const [main, all] = [process.threadCpuUsage(began.main).user, process.cpuUsage(began.all).user];
  assert.ok(main < all / 2, `${main} of ${all} µs in the thread that answers`);
  const wrong = (await alice('POST', `${at}/script-checks`, { body: files('a = ;\n') })).json() as { faults: object[] };
  assert.deepEqual(wrong.faults.length, 1);
});

test('what a new script can begin with are the flows of the library, each as it is published', async () => {
  const { templates } = (await alice('GET', `${at}/script-templates`)).json() as {
    templates: { title: string; path: string; files: Record<string, string> }[];
  };
  const shop = templates.find(({ title }) => title === 'Web shop');
  assert.match(shop?.files[shop.path] ?? '', /test.step\('Checkout'/);
});

test('a trial takes over the options, variables and secrets of a monitor, and no more than five wait for a sentinel', async () => {
  const { id: monitorId } = await world.context.customers.use(customerId, (db) =>
    buildMonitor(db, { variables: '{"SHOP_PASSWORD":"plain"}', use: '{"baseURL":"https://away.example/"}' }),
  );
  assert.match(String((await ask({ monitorId })).text), /would not be signed for the host away.example/);
  await begin({ monitorId, hosts: ['away.example'], sentinelId: other.id });
  const variables = { SHOP_PASSWORD: 'sesame' };
  await begin({ baseURL: 'https://away.example:8443/', variables, sentinelId: other.id });
  const [ofMonitor, byItself] = (await toDo(other)).trials ?? [];
  assert.deepEqual([ofMonitor?.variables, ofMonitor?.secrets], [{ SHOP_PASSWORD: 'plain' }, []]);
  assert.deepEqual([byItself?.secrets, byItself?.variables], [[], variables]);
  assert.equal(byItself?.use.baseURL, 'https://away.example:8443/');
  assert.match(byItself?.script.statement ?? '', /"away.example:8443"/);
  for (let n = 0; n < 3; n++) await begin({ sentinelId: other.id });
  assert.match((await ask({ sentinelId: other.id })).text, /5 drafts wait to be tried on this sentinel already/);
  assert.equal((await ask({ sentinelId: customerId })).status, 404);
});

test('what no sentinel ran in time is over, and after a week nothing is left of it', async () => {
  const { customers } = world.context;
  const trialId = await begin();
  world.advance(600_000);
  assert.equal((await stateOf(trialId)).state, 'expired');
  world.advance(weekMs);
  await customers.use(customerId, (db) => removeOldTrials(db, world.context.now(), async () => {}));
  for (const table of ['trials', 'trial_evidence'])
    assert.deepEqual(await customers.use(customerId, (db) => db(table)), []);
  const how = { now: Date.now() + weekMs, quotaBytes: 1e9, guard: async () => {} };
  const removed = await customers.use(customerId, (db) => cleanUp(db, evidenceOf(world.context, customerId), how));
  assert.equal(removed.orphans, 1);
});
