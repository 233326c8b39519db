import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Assignments, apiPrefix } from '../../sentinel/protocol/messages.ts';
import { commandLine } from '../audit/audit.ts';
import { buildWorld } from '../build-world.ts';
import { changeMonitor } from './change-monitor.ts';
import { addMonitor, type NewMonitor } from './monitors.ts';
import { pauseMonitor } from './pause-monitor.ts';
import { publish } from './publish.ts';
import { runNow } from './run-now.ts';

const source = `import { test as base } from '@playwright/test';
const test = base.extend<{ tea: string }>({ tea: ['green', { option: true }] });
test('Home', async ({ page }) => { await page.goto('https://shop.example/'); });`;

async function buildWatched(more: Partial<NewMonitor> = {}) {
  const world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  const { context } = world;
  await publish(context, customerId, { script: { name: 'home.spec.ts', source }, author: 'test' });
  const id = await addMonitor(context, customerId, { name: 'Home', script: 'home.spec.ts', everyMs: 60_000, ...more });
  const sentinel = await world.enrolled(customerId);
  const assignment = async () => {
    const answer = await sentinel.ask('GET', `${apiPrefix}/assignments`);
    const [only] = Assignments.parse(answer.json()).assignments;
    assert.ok(only);
    return only;
  };
  const change = (asked: Parameters<typeof changeMonitor>[3]) => changeMonitor(context, customerId, 'Home', asked);
  return {
    ...{ world, customerId, id, assignment, change },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

test('what a monitor asks of its runs reaches its sentinels', async () => {
  const evidence = { screenshot: 'page', quality: 60, width: 800, trace: true, whenPassed: 'never' } as const;
  const policy = { testTimeoutMs: 20_000, expectTimeoutMs: 2500, evidence, confirmFailures: true, minSandboxLevel: 3 };
  await using watched = await buildWatched({ policy });
  const {
    testTimeoutMs,
    expectTimeoutMs,
    evidence: shown,
    confirmFailures,
    minSandboxLevel,
  } = await watched.assignment();
  assert.deepEqual({ testTimeoutMs, expectTimeoutMs, evidence: shown, confirmFailures, minSandboxLevel }, policy);
});

test('a change changes what it names and nothing else, and is written down', async () => {
  await using watched = await buildWatched({
    policy: { evidence: { trace: true, quality: 60 }, confirmFailures: true },
  });
  const before = await watched.assignment();
  const asked = { everyMs: 30_000, policy: { evidence: { quality: 90, trace: undefined }, minSandboxLevel: 3 } };
  assert.equal(await watched.change(asked), watched.id);
  const after = await watched.assignment();
  assert.ok((after.scheduleSince ?? 0) > (before.scheduleSince ?? 0));
  assert.deepEqual(after, {
    ...before,
    scheduleSince: after.scheduleSince,
    schedule: { everyMs: 30_000 },
    evidence: { ...before.evidence, quality: 90 },
    minSandboxLevel: 3,
  });
  await watched.change({
    use: { locale: 'nl-NL', tea: 'sencha' },
    policy: { confirmFailures: false, evidence: { trace: false } },
  });
  const { use, confirmFailures, evidence } = await watched.assignment();
  assert.deepEqual([use, confirmFailures, evidence.trace], [{ locale: 'nl-NL', tea: 'sencha' }, false, false]);
  const trail = await watched.world.context.customers.use(watched.customerId, (db) => db('audit').orderBy('id'));
  assert.deepEqual(
    trail.slice(-2).map(({ action, subject }) => [action, subject]),
    [
      ['monitor-changed', 'Home'],
      ['monitor-changed', 'Home'],
    ],
  );
});

test('of options of use the names alone are written down: a value may be a password', async () => {
  await using watched = await buildWatched();
  await watched.change({
    use: { httpCredentials: { username: 'demo', password: 'sesame' } },
    maskSelectors: ['#iban'],
  });
  const trail = await watched.world.context.customers.use(watched.customerId, (db) => db('audit').orderBy('id'));
  assert.deepEqual(JSON.parse(trail.at(-1).detail), {
    id: watched.id,
    use: ['httpCredentials'],
    maskSelectors: ['#iban'],
  });
});

test('a change that does not fit is refused, and the monitor stays as it was', async () => {
  await using watched = await buildWatched();
  const before = await watched.assignment();
  const cases: [Parameters<typeof changeMonitor>[3], RegExp][] = [
    [{ everyMs: 1 }, /everyMs: /],
    [{ cron: '61 * * * *' }, /cron: "61" is no minute of a cron expression: 0 to 59/],
    [{ cron: '0 6 * * *', everyMs: 60_000 }, /give one of the two/],
    [{ cron: '0 6 * * *', hours: 'mon-fri 08:00-18:00' }, /the cron expression never comes within them/],
    [{ hours: '8 to 6' }, /hours: "8 to 6" are no hours of a week/],
    [{ timeZone: 'Europe/Utrecht' }, /timeZone: there is no time zone "Europe\/Utrecht"/],
    [{ timeZone: 'Europe/Amsterdam' }, /an interval is the same everywhere/],
    [{ policy: { evidence: { quality: 0 } } }, /policy\.evidence\.quality: /],
    [{ policy: { minSandboxLevel: 4 } }, /policy\.minSandboxLevel: /],
    [{ use: { baseURL: 'https://other.example/' } }, /publish it with --host other\.example/],
    [{ use: { local: 'nl-NL' } }, /local is no option .* Did you mean locale\?/],
    [{ use: { locale: 'nowhere at all' } }, /locale: must be a locale/],
    [{ use: { proxy: { server: 'x' } } }, /proxy is refused/],
  ];
  for (const [asked, message] of cases) await assert.rejects(watched.change(asked), { name: 'Refused', message });
  await assert.rejects(changeMonitor(watched.world.context, watched.customerId, 'Away', { everyMs: 5000 }), {
    name: 'Refused',
    message: /there is no monitor "Away"/,
  });
  assert.deepEqual(await watched.assignment(), before);
});

test('a schedule becomes a cron expression, keeps to hours, and goes back; each change holds from its instant', async () => {
  await using watched = await buildWatched();
  const schedule = async () => (await watched.assignment()).schedule;
  await watched.change({ cron: '0 6 * * mon-fri' });
  assert.deepEqual(await schedule(), { everyMs: 86_400_000, cron: '0 6 * * mon-fri', timeZone: 'UTC' });
  await watched.change({ cron: '*/20 6-8 * * *', timeZone: 'Europe/Amsterdam' });
  await watched.change({ hours: 'mon-fri 07:00-08:00' });
  const hours = 'mon-fri 07:00-08:00';
  assert.deepEqual(await schedule(), {
    everyMs: 1_200_000,
    cron: '*/20 6-8 * * *',
    hours,
    timeZone: 'Europe/Amsterdam',
  });
  await watched.change({ everyMs: 60_000, hours: '' });
  assert.deepEqual(await schedule(), { everyMs: 60_000 });
  await watched.change({ paused: true });
  await assert.rejects(watched.assignment());
  await watched.change({ paused: false });
  assert.deepEqual(await schedule(), { everyMs: 60_000 });
  const rows = await watched.world.context.customers.use(watched.customerId, (db) =>
    db('monitor_schedules').orderBy('from_at').select('every_ms', 'cron', 'paused'),
  );
  assert.ok(rows.length >= 2 && rows.length <= 7);
  assert.deepEqual(rows.at(-1), { every_ms: 60_000, cron: null, paused: 0 });
});

test('a request to run now reaches the sentinels, as often as it is made, and is written down', async () => {
  await using watched = await buildWatched();
  const { context } = watched.world;
  const ask = () => runNow(context, watched.customerId, { name: 'Home' });
  const first = await ask();
  assert.equal((await watched.assignment()).runNow?.requestId, first);
  const second = await ask();
  assert.notEqual(second, first);
  assert.equal((await watched.assignment()).runNow?.requestId, second);
  assert.equal(await runNow(context, watched.customerId, { name: 'Away' }), undefined);
  const asBob = await watched.world.signedIn('bob', watched.customerId, 'admin');
  const press = () => asBob('POST', `/api/v1/customers/${watched.customerId}/monitors/${watched.id}/run-now`);
  const third = (await press()).json();
  assert.deepEqual(third, { requestId: (await watched.assignment()).runNow?.requestId });
  await watched.change({ paused: true });
  await watched.change({ paused: false });
  assert.equal((await watched.assignment()).runNow, undefined, 'a pause ends it');
  await ask();
  for (const paused of [true, false]) await pauseMonitor(context, watched.customerId, watched.id, paused, commandLine);
  assert.equal((await watched.assignment()).runNow, undefined);
  await watched.change({ paused: true });
  await assert.rejects(ask(), { name: 'Refused', message: /is paused/ });
  assert.deepEqual([(await press()).status, (await press()).code], [409, 'PAUSED']);
  const trail = await context.customers.use(watched.customerId, (db) => db('audit').where({ action: 'run-now-asked' }));
  assert.equal(trail.length, 4);
});

test('a monitor is paused at once and goes on when that is taken back; what changes nothing is not written down', async () => {
  await using watched = await buildWatched();
  const { customerId, id, world } = watched;
  const asBob = await world.signedIn('bob', customerId, 'admin');
  const at = `/api/v1/customers/${customerId}/monitors`;
  const put = async (paused: boolean, of = id) =>
    (await asBob('PUT', `${at}/${of}/paused`, { body: { paused } })).status;
  const rows = () => world.context.customers.use(customerId, (db) => db('monitors').where({ id }).pluck('paused'));
  assert.deepEqual([await put(true), await put(true), await rows()], [204, 204, [1]]);
  assert.deepEqual([await put(false), await rows()], [204, [0]]);
  assert.equal(await put(true, customerId), 404);
  const told = await world.context.customers.use(customerId, (db) => db('audit').where({ action: 'monitor-changed' }));
  assert.equal(told.length, 2);
});
