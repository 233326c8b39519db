import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type {
  Deployment,
  DeploymentAnswer,
  MonitorSettingsAnswer,
  VersionAnswer,
  VersionsAnswer,
} from '../../scripts-library/publish/deployment.ts';
import { Assignments, apiPrefix } from '../../sentinel/protocol/messages.ts';
import { buildAuthorWorld, type EnrolledSentinel } from '../build-world.ts';
import { changeSentinel } from '../enrolment/change-sentinel.ts';
import { addEnrolmentCode } from '../enrolment/codes.ts';

const source = (host = 'shop.example') =>
  `import { test } from '@playwright/test';\ntest('Home', async ({ page }) => { await page.goto('https://${host}/'); });`;
const script = (host?: string, path = 'flows/home.spec.ts') => ({ path, files: { [path]: source(host) } });
const monitor = (name: string, more: object = {}) => ({ name, script: 'home.spec.ts', everyMs: 60_000, ...more });

const { world, customerId, alice, sentinel, at } = await buildAuthorWorld();
after(() => world[Symbol.asyncDispose]());

async function deploy(wish: Partial<Deployment>, owner = 'shop') {
  const answer = await alice('PUT', `${at}/deployments/${owner}`, { body: { scripts: [], monitors: [], ...wish } });
  return { ...answer, ...(answer.json() as DeploymentAnswer & { detail: string }) };
}

const told = ({ changes }: DeploymentAnswer) => changes.map(({ kind, name, action }) => `${action} ${kind} ${name}`);

async function names(): Promise<string[]> {
  const answer = await sentinel.ask('GET', `${apiPrefix}/assignments`);
  return Assignments.parse(answer.json()).assignments.map(({ name }) => name);
}

const settings = async () => ((await alice('GET', `${at}/monitor-settings`)).json() as MonitorSettingsAnswer).monitors;

test('a plan changes nothing, what it says is done, and a repeat changes nothing', async () => {
  const wish = { scripts: [script()], monitors: [monitor('Home', { thresholds: { Home: 2_000_000 } })] };
  const plan = await deploy({ ...wish, dryRun: true });
  assert.deepEqual([plan.done, told(plan)], [false, ['added script home.spec.ts', 'added monitor Home']]);
  assert.deepEqual([await names(), await settings()], [[], []]);
  const done = await deploy({ ...wish, fingerprint: plan.fingerprint });
  assert.deepEqual([done.done, told(done)], [true, told(plan)]);
  assert.deepEqual(await names(), ['Home']);
  const [kept] = await settings();
  assert.deepEqual([kept?.managedBy, kept?.thresholds, kept?.everyMs], ['shop', { Home: 2_000_000 }, 60_000]);
  assert.deepEqual(told(await deploy(wish)), ['unchanged script home.spec.ts', 'unchanged monitor Home']);
  const late = await deploy({ ...wish, fingerprint: plan.fingerprint });
  assert.deepEqual([late.status, late.code], [409, 'PLAN_OUTDATED']);
});

test('script and address move together, and what differs is told without values that may be secret', async () => {
  const wish = {
    scripts: [{ ...script('www.example'), hosts: ['login.example'] }],
    monitors: [
      monitor('Home', {
        everyMs: 30_000,
        use: { baseURL: 'https://login.example/', httpCredentials: { username: 'demo', password: 'sesame' } },
      }),
    ],
  };
  const done = await deploy(wish);
  const [ofScript, ofMonitor] = done.changes;
  assert.deepEqual(
    ofScript?.differences.map(({ field }) => field),
    ['version', 'text', 'hosts'],
  );
  assert.deepEqual(ofMonitor?.differences, [
    { field: 'everyMs', before: '60000', after: '30000' },
    { field: 'thresholds.Home', before: '2000000', after: null },
    { field: 'use.baseURL', before: null, after: 'https://login.example/' },
    { field: 'use.httpCredentials', before: null, after: '•••' },
  ]);
  assert.ok(!done.text.includes('sesame'));
});

test('a deployment removes only what it owns; a monitor that comes back goes on with its history', async () => {
  const [before] = await settings();
  assert.deepEqual(told(await deploy({ monitors: [monitor('Other')] }, 'intranet')).at(-1), 'added monitor Other');
  const taken = await deploy({ monitors: [monitor('Other')] });
  assert.match(taken.detail, /"Other" is managed by "intranet", and this is "shop"/);
  assert.deepEqual(told(await deploy({})), ['retired monitor Home']);
  assert.deepEqual(await names(), ['Other']);
  const list = (await alice('GET', `${at}/monitors`)).json() as { monitors: { name: string }[] };
  assert.deepEqual(
    list.monitors.map(({ name }) => name),
    ['Other'],
  );
  assert.deepEqual(told(await deploy({ monitors: [monitor('Home')] })), ['added monitor Home']);
  assert.equal((await settings()).find(({ name }) => name === 'Home')?.id, before?.id);
  assert.deepEqual(told(await deploy({}, 'intranet')), ['retired monitor Other']);
});

test('sentinels are chosen by name, location or tag, and those that enrol or are tagged later are chosen too', async () => {
  const chosen = { locations: ['Utrecht'], tags: [] };
  await deploy({ monitors: [monitor('Home', { sentinels: chosen })] });
  const late = await world.enrolled(customerId);
  const away = await world.enrolled(customerId, 'Delft');
  const runs = async (one: EnrolledSentinel) =>
    Assignments.parse((await one.ask('GET', `${apiPrefix}/assignments`)).json()).assignments.length === 1;
  assert.deepEqual([await runs(late), await runs(away)], [true, false]);
  await changeSentinel(world.context, customerId, away.id, { tags: ['vdi'] });
  await deploy({ monitors: [monitor('Home', { sentinels: { tags: ['vdi'] } })] });
  assert.deepEqual([await runs(late), await runs(away)], [false, true]);
  await changeSentinel(world.context, customerId, late.id, { tags: ['vdi', 'thin'] });
  assert.deepEqual([await runs(late), await runs(away)], [true, true]);
  const cases: [object, RegExp][] = [
    [
      { locations: ['Utrect'] },
      /sentinels\.locations .*no location with a sentinel "Utrect"; did you mean "Utrecht"\?/,
    ],
    [{ tags: ['laptop'] }, /no sentinel with the tag "laptop"; there are: (vdi|thin)/],
    [{ names: [] }, /name at least one, or leave it out for all/],
  ];
  for (const [sentinels, message] of cases)
    assert.match((await deploy({ monitors: [monitor('Home', { sentinels })] })).detail, message);
});

test('of devices that come with one code at once, a monitor is left with the one that it enrolled', async () => {
  await deploy({ monitors: [monitor('Home', { sentinels: { locations: ['Utrecht'] } })] });
  const { context } = world;
  const code = await addEnrolmentCode(context, customerId, { location: 'Utrecht' });
  const rows = () => context.customers.use(customerId, (db) => db('sentinels').select('id'));
  const before = (await rows()).length;
  const body = { code, name: 'pool', platform: 'linux-x64', version: '0.1.0' };
  const all = await Promise.all([1, 2, 3].map(() => world.ask('POST', `${apiPrefix}/enrolments`, { body })));
  assert.deepEqual(all.map(({ status }) => status).sort(), [200, 403, 403]);
  assert.equal((await rows()).length, before + 1);
});

test('a folder whose configuration has the name of another one changes nothing of it, unless it is told to take over', async () => {
  const twice = (name: string) => monitor(name, { script: 'twice.spec.ts' });
  const home = {
    scripts: [script('shop.example', 'twice.spec.ts')],
    monitors: [twice('Of one')],
    project: 'project-1',
  };
  assert.equal((await deploy(home, 'twice')).status, 200);
  for (const project of ['project-2', undefined]) {
    const other = { monitors: [twice('Of two')], ...(project && { project }) };
    const { status, detail } = await deploy(other, 'twice');
    assert.equal(status, 422);
    assert.match(
      detail,
      /another project is called "twice" too: its id is project-1, .* "Of one"\. .* add --take-over/,
    );
  }
  assert.deepEqual(told(await deploy(home, 'twice')), ['unchanged script twice.spec.ts', 'unchanged monitor Of one']);
  const both = { monitors: [twice('Of one'), twice('Of two')], project: 'project-2', takeOver: true };
  const taken = await deploy(both, 'twice');
  assert.deepEqual(told(taken), ['changed monitor Of one', 'added monitor Of two']);
  assert.deepEqual(taken.changes[0]?.differences, [{ field: 'project', before: 'project-1', after: 'project-2' }]);
  assert.equal((await deploy(home, 'twice')).status, 422, 'the first one is told now');
  const { id } = (await settings()).find(({ name }) => name === 'Of one') ?? {};
  const { id: _, managedBy: _m, project: _p, ...wish } = (await settings()).find((one) => one.id === id) ?? {};
  assert.equal(
    (await alice('PUT', `${at}/monitors/${id}/settings`, { body: { ...wish, everyMs: 90_000 } })).status,
    204,
  );
  assert.deepEqual(told(await deploy({ project: 'project-2' }, 'twice')), [
    'retired monitor Of one',
    'retired monitor Of two',
  ]);
});

test('a script is not exchanged beneath the monitors of another configuration', async () => {
  const one = script('shop.example', 'shared.spec.ts');
  const shares = (name: string) => monitor(name, { script: 'shared.spec.ts' });
  await deploy({ scripts: [one], monitors: [shares('First')] }, 'one');
  const second = await deploy(
    { scripts: [script('other.example', 'shared.spec.ts')], monitors: [shares('Second')] },
    'two',
  );
  assert.equal(second.status, 422);
  assert.match(
    second.detail,
    /monitor "First" of the configuration "one" runs a script called shared\.spec\.ts too.*as in two-shared\.spec\.ts/,
  );
  const shared = await deploy({ scripts: [one], monitors: [shares('Second')] }, 'two');
  assert.deepEqual(told(shared), ['unchanged script shared.spec.ts', 'added monitor Second']);
  for (const owner of ['one', 'two']) await deploy({}, owner);
});

test('what does not fit is refused as a whole', async () => {
  const before = await settings();
  const cases: [Partial<Deployment>, RegExp][] = [
    [{ monitors: [monitor('New'), monitor('Bad', { script: 'hom.spec.ts' })] }, /Did you mean home\.spec\.ts\?/],
    [{ monitors: [monitor('New'), monitor('Bad', { secrets: ['PIN'] })] }, /does not read the secret PIN/],
    [{ monitors: [monitor('New'), monitor('New')] }, /two monitors called New/],
    [{ monitors: [monitor('New', { cron: '* * * * *' })] }, /give one of the two/],
    [{ scripts: [{ path: 'a.spec.ts', files: { 'a.spec.ts': 'const a = ;' } }] }, /a\.spec\.ts:1:11 {2}SYNTAX/],
    [{ scripts: [{ path: 'a.spec.ts', files: { 'b.spec.ts': '' } }] }, /not among the files/],
    [{ scripts: [{ path: 'a', files: { a: '', 'a/b.ts': '' } }] }, /a\/b\.ts can't be laid out/],
    [{ scripts: [{ path: '../a.spec.ts', files: { '../a.spec.ts': '' } }] }, /path/],
  ];
  for (const [wish, message] of cases) {
    const answer = await deploy(wish);
    assert.ok(answer.status >= 400 && answer.status < 500, answer.text);
    assert.match(answer.detail, message);
  }
  assert.deepEqual(await settings(), before);
});

test('every version is kept with its text; a rollback is a new version of the old text', async () => {
  const path = `${at}/scripts/home.spec.ts`;
  const list = async () => ((await alice('GET', `${path}/versions`)).json() as VersionsAnswer).versions;
  const before = await list();
  const back = await alice('POST', `${path}/rollback`, { body: { version: 1 } });
  assert.equal(back.status, 200, back.text);
  const [latest, ...others] = await list();
  assert.deepEqual(others, before);
  const first = before.find(({ version }) => version === 1);
  assert.deepEqual([latest?.sha256, latest?.message, latest?.author], [first?.sha256, 'back to version 1', 'alice']);
  const whole = (await alice('GET', `${path}/versions/2`)).json() as VersionAnswer;
  assert.deepEqual([whole.path, whole.files], ['flows/home.spec.ts', { 'flows/home.spec.ts': source('www.example') }]);
  assert.match((await alice('POST', `${path}/rollback`, { body: { version: 1 } })).text, /is what runs now/);
  assert.equal((await alice('POST', `${path}/rollback`, { body: { version: 99 } })).code, 'NOT_FOUND');
});
