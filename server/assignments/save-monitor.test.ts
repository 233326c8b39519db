import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { AuditRow } from '../../db/audit-table.ts';
import type { CustomerId } from '../../db/customers.ts';
import { Assignments, apiPrefix } from '../../sentinel/protocol/messages.ts';
import { type Ask, buildWorld, type EnrolledSentinel, type World } from '../build-world.ts';
import { SentinelsAnswer } from '../enrolment/shapes.ts';
import { MonitorForm } from './monitor-form.ts';
import { publish } from './publish.ts';
import { ScheduleAnswer } from './schedule-answer.ts';

/* Monitors as the console's form makes and changes them; one customer for all. */

let world: World;
let customerId: CustomerId;
let path: string;
let author: Ask;
let sentinel: EnrolledSentinel;

const source = `import { test } from '@playwright/test';
test('T', async ({ page }) => { await page.goto('https://shop.test/?' + process.env.SHOP_PASSWORD); });\n`;
const wish = {
  name: 'Web shop',
  script: 'shop.spec.ts',
  everyMs: 300_000,
  use: { baseURL: 'https://shop.test/', locale: 'nl-NL' },
  tags: ['web', 'web', 'office'],
  thresholds: { '': 9_000_000 },
};

before(async () => {
  world = await buildWorld();
  customerId = await world.addCustomer('Acme');
  path = `/api/v1/customers/${customerId}`;
  author = await world.signedIn('anna', customerId, 'author');
  sentinel = await world.enrolled(customerId);
  await publish(world.context, customerId, { script: { name: 'shop.spec.ts', source }, author: 'anna' });
});
after(() => world[Symbol.asyncDispose]());

async function added(more: object = {}): Promise<string> {
  const answer = await author('POST', `${path}/monitors`, { body: { ...wish, ...more } });
  assert.equal(answer.status, 200, answer.text);
  return (answer.json() as { id: string }).id;
}

async function settingsOf(id: string): Promise<MonitorForm> {
  return MonitorForm.parse((await author('GET', `${path}/monitors/${id}/settings`)).json());
}

test('a monitor that was made in the form is what was wished, and its sentinels hear of it', async () => {
  const id = await added();
  const made = await settingsOf(id);
  assert.deepEqual([made.name, made.everyMs, made.baseURL], ['Web shop', 300_000, 'https://shop.test/']);
  assert.deepEqual([made.tags, made.thresholds, made.otherOptions], [['web', 'office'], { '': 9_000_000 }, ['locale']]);
  const heard = Assignments.parse((await sentinel.ask('GET', `${apiPrefix}/assignments`)).json());
  assert.deepEqual(heard.assignments.find(({ monitorId }) => monitorId === id)?.secrets, ['SHOP_PASSWORD']);
});

test('a change keeps what it does not name of the options, is heard of, and is written down without values', async () => {
  const id = await added({ name: 'Changed' });
  const { baseURL: _, otherOptions: _o, ...kept } = await settingsOf(id);
  const change = {
    ...{
      name: 'Changed twice',
      script: kept.script,
      cron: '0 6 * * *',
      policy: kept.policy,
      sentinels: { locations: ['Utrecht'] },
    },
    ...{ use: {}, variables: { SHOP_PASSWORD: 'plain' }, timeoutMs: 90_000 },
  };
  assert.equal((await author('PUT', `${path}/monitors/${id}/settings`, { body: change })).status, 204);
  const now = await settingsOf(id);
  assert.deepEqual([now.name, now.cron, now.timeZone, now.paused], ['Changed twice', '0 6 * * *', 'UTC', false]);
  assert.deepEqual(
    [now.baseURL, now.otherOptions, now.tags, now.sentinels],
    ['', ['locale'], [], { locations: ['Utrecht'] }],
  );
  const heard = Assignments.parse((await sentinel.ask('GET', `${apiPrefix}/assignments`)).json());
  const own = heard.assignments.find(({ monitorId }) => monitorId === id);
  assert.deepEqual([own?.schedule.cron, own?.secrets, own?.timeoutMs], ['0 6 * * *', [], 90_000]);
  const [entry] = await world.context.customers.use(customerId, (db) =>
    db<AuditRow>('audit').where({ action: 'monitor-changed' }).orderBy('id', 'desc').limit(1),
  );
  assert.equal(entry?.subject, 'Changed twice');
  assert.match(entry?.detail ?? '', /"variables\.SHOP_PASSWORD"/);
  assert.doesNotMatch(entry?.detail ?? '', /plain/);
});

test('what does not fit is refused in a sentence, and nothing is changed', async () => {
  const id = await added({ name: 'Fixed' });
  const before = await settingsOf(id);
  const taken = await added({ name: 'Taken' });
  const base = { name: 'Fixed', script: 'shop.spec.ts', everyMs: 300_000 };
  const wrong: [object, RegExp][] = [
    [{ name: 'Taken' }, /choose another name/],
    [{ script: 'none.spec.ts' }, /no published script/],
    [{ cron: '0 6 * * *' }, /give one of the two/],
    [{ sentinels: { names: ['desk-99'] } }, /there is no sentinel/],
    [{ use: { baseURL: 'https://elsewhere.test/' } }, /elsewhere\.test/],
  ];
  for (const [more, says] of wrong) {
    const answer = await author('PUT', `${path}/monitors/${id}/settings`, { body: { ...base, ...more } });
    assert.deepEqual([answer.status, answer.code], [422, 'REFUSED'], answer.text);
    assert.match(answer.text, says);
  }
  assert.deepEqual(await settingsOf(id), before);
  for (const body of [{ name: '' }, { ...base, tags: ['web,office'] }])
    assert.equal((await author('PUT', `${path}/monitors/${taken}/settings`, { body })).code, 'BODY_INVALID');
});

test('a sentinel that is renamed keeps the monitors that chose it by name, and their form is saved as it is', async () => {
  const admin = await world.signedIn('ada', customerId, 'admin');
  const id = await added({ name: 'By name', sentinels: { names: ['PC at Utrecht'] } });
  const rename = (name: string) => admin('PUT', `${path}/sentinels/${sentinel.id}`, { body: { name } });
  const runs = async (by: EnrolledSentinel) => {
    const heard = Assignments.parse((await by.ask('GET', `${apiPrefix}/assignments`)).json());
    return heard.assignments.some(({ monitorId }) => monitorId === id);
  };
  assert.equal((await rename('Desk 9')).status, 204);
  assert.equal(await runs(sentinel), true);
  const { sentinels, script } = await settingsOf(id);
  assert.deepEqual(sentinels, { names: ['Desk 9'] });
  const form = { name: 'By name', script, everyMs: 300_000, sentinels };
  const saved = await author('PUT', `${path}/monitors/${id}/settings`, { body: form });
  assert.equal(saved.status, 204, saved.text);

  assert.equal((await rename('PC at Utrecht')).status, 204);
  const twin = await world.enrolled(customerId);
  assert.equal(await runs(twin), true);
  assert.equal((await rename('Desk 9')).status, 204);
  assert.deepEqual([await runs(twin), await runs(sentinel)], [true, false], 'the name is another one’s too');
});

test('a sentinel tells the names of the secrets it has, so that a form can say where one is missing', async () => {
  const said = {
    version: '1',
    platform: 'linux',
    spool: { runs: 0, rejected: 0, dropped: 0 },
    sandboxLevel: 3,
    problems: [],
  };
  const ask = async () =>
    SentinelsAnswer.parse((await author('GET', `${path}/sentinels`)).json()).sentinels[0]?.secrets;
  assert.equal(await ask(), null);
  await sentinel.ask('POST', `${apiPrefix}/heartbeats`, { body: { ...said, secrets: ['SHOP_PASSWORD'] } });
  assert.deepEqual(await ask(), ['SHOP_PASSWORD']);
});

test('a schedule tells its next times as it is typed, or what is wrong with it', async () => {
  const ask = async (query: string) => ScheduleAnswer.parse((await author('GET', `${path}/schedule?${query}`)).json());
  const daily = await ask('cron=30+6+*+*+*');
  assert.equal(daily.runsPerWeek, 7);
  assert.deepEqual(
    daily.next.map((at) => new Date(at).toISOString().slice(11, 16)),
    Array.from({ length: 6 }, () => '06:30'),
  );
  assert.equal((await ask('everyMs=300000&hours=mon-fri+08:00-18:00')).runsPerWeek, 5 * 10 * 12);
  assert.match((await ask('cron=never')).fault ?? '', /cron/);
  assert.match((await ask('')).fault ?? '', /how often/);
});
