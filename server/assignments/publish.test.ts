import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ScriptRefused } from '../../scripts-library/publish/bundle.ts';
import { buildWorld } from '../build-world.ts';
import { Refused } from '../http/refused.ts';
import { changeMonitor, type MonitorChange } from './change-monitor.ts';
import { addMonitor } from './monitors.ts';
import { publish, statementOf } from './publish.ts';

const reads = (...names: string[]) => `import { test } from '@playwright/test';
test('Home', async ({ page }) => {
  await page.goto('https://shop.example/');
  ${names.map((name) => `await page.fill('#x', process.env.${name} ?? '');`).join('\n')}
});`;

async function buildPublisher() {
  const world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  const { context } = world;
  return {
    put: (source: string, hosts: string[] = []) =>
      publish(context, customerId, { script: { name: 'home.spec.ts', source }, author: 'alice', hosts }),
    add: (name: string, more: object = {}) =>
      addMonitor(context, customerId, { name, script: 'home.spec.ts', everyMs: 60_000, ...more }),
    change: (name: string, change: MonitorChange) => changeMonitor(context, customerId, name, change),
    rows: (table: string) => context.customers.use(customerId, (db) => db(table)),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

test('versions of a script rise, and publishing the same again changes nothing', async () => {
  await using publisher = await buildPublisher();
  assert.equal((await publisher.put(reads())).version, 1);
  const second = await publisher.put(reads('TOKEN'));
  assert.deepEqual([second.version, second.secrets, second.unchanged], [2, ['TOKEN'], false]);
  assert.deepEqual(await publisher.put(reads('TOKEN')), { ...second, unchanged: true });
  assert.equal((await publisher.put(reads('TOKEN'), ['other.example'])).version, 3);
  const versions = await publisher.rows('script_versions');
  assert.deepEqual(
    versions.map((row: { statement: string }) => statementOf(row).version),
    [1, 2, 3],
  );
});

test('monitors run the new version; those that read every secret read the new ones too', async () => {
  await using publisher = await buildPublisher();
  await publisher.put(reads('TOKEN', 'LANGUAGE'));
  await publisher.add('all', { variables: { LANGUAGE: 'nl' } });
  await publisher.add('none', { secrets: [] });
  await publisher.put(reads('TOKEN', 'LANGUAGE', 'PIN'));
  const monitors: { name: string; script_version: number; secrets: string }[] = await publisher.rows('monitors');
  const told = Object.fromEntries(monitors.map((m) => [m.name, [m.script_version, m.secrets]]));
  assert.deepEqual(told, { all: [2, '["PIN","TOKEN"]'], none: [2, '[]'] });
});

test('a version that a monitor could not begin with any more is refused, and nothing changes', async () => {
  await using publisher = await buildPublisher();
  await publisher.put(reads(), ['intranet:8080']);
  await publisher.add('Home', { use: { baseURL: 'http://intranet:8080/' } });
  await assert.rejects(publisher.put(reads('TOKEN')), {
    name: 'Refused',
    message: /host intranet:8080, where the monitor "Home" begins: publish it with --host intranet:8080/,
  });
  assert.equal((await publisher.rows('script_versions')).length, 1);
  assert.equal((await publisher.put(reads('TOKEN'), ['intranet:8080'])).version, 2);
});

test('a version without an option that a monitor sets is refused, until the monitor lets go of it', async () => {
  await using publisher = await buildPublisher();
  const declares = `import { test as base } from '@playwright/test';
const test = base.extend<{ tea: string }>({ tea: ['sencha', { option: true }] });
test('Home', async ({ tea, page }) => { await page.goto('https://shop.example/' + tea); });`;
  await publisher.put(declares);
  await publisher.add('Home', { use: { tea: 'oolong', locale: 'nl-NL' } });
  await assert.rejects(publisher.put(reads()), {
    name: 'Refused',
    message: /the use of the monitor "Home" can't be followed: tea is no option .* monitor change "Home" --use/,
  });
  assert.equal((await publisher.rows('script_versions')).length, 1);
  await publisher.change('Home', { use: { tea: null } });
  assert.equal((await publisher.put(reads())).version, 2);
  const [monitor] = await publisher.rows('monitors');
  assert.deepEqual([monitor.script_version, JSON.parse(monitor.use)], [2, { locale: 'nl-NL' }]);
});

test('a host that no address could have is refused, and its letters are made small', async () => {
  await using publisher = await buildPublisher();
  const good = ['Shop.Example:8443', '127.0.0.1', '[::1]:80', 'intranet'];
  assert.deepEqual((await publisher.put(reads(), good)).hosts, [
    ...['127.0.0.1', '[::1]:80', 'intranet', 'shop.example', 'shop.example:8443'],
  ]);
  for (const host of [
    'https://shop.example',
    'shop.example/nl',
    'a b',
    '',
    ':80',
    'shop.example:99999',
    'u@shop.example',
  ]) {
    await assert.rejects(publisher.put(reads(), [host]), { name: 'Refused', message: /is not a host: write/ }, host);
  }
});

test('a script with faults is refused, and nothing is stored', async () => {
  await using publisher = await buildPublisher();
  await assert.rejects(publisher.put("import fs from 'node:fs';"), ScriptRefused);
  assert.deepEqual(await publisher.rows('script_versions'), []);
});

test('a monitor that does not fit its script is refused with what to do', async () => {
  await using publisher = await buildPublisher();
  await assert.rejects(publisher.add('Home'), {
    name: 'Refused',
    message: /no published script "home.spec.ts": publish it first/,
  });
  await publisher.put(reads());
  const cases: [object, RegExp][] = [
    [{ secrets: ['TOKEN'] }, /does not read the secret TOKEN/],
    [{ use: { baseURL: 'http://127.0.0.1:8080/' } }, /"Home" begins: publish it with --host 127\.0\.0\.1:8080/],
    [{ use: { baseURL: 'shop' } }, /must be a whole address/],
    [{ everyMs: 1 }, /everyMs: /],
    [{ sentinels: [randomUUID()] }, /there is no sentinel .*: vedette-server sentinel list/],
  ];
  for (const [more, message] of cases) {
    await assert.rejects(
      publisher.add('Home', more),
      (error: Error) => error instanceof Refused && message.test(error.message),
    );
  }
  await publisher.add('Home', { use: { baseURL: 'https://shop.example/nl/' } });
  await assert.rejects(publisher.add('Home'), /there is a monitor "Home" already/);
});

test('publishing and adding monitors are written down', async () => {
  await using publisher = await buildPublisher();
  await publisher.put(reads());
  await publisher.add('Home');
  const trail: { action: string; subject: string }[] = await publisher.rows('audit');
  assert.deepEqual(
    trail.slice(-2).map(({ action, subject }) => [action, subject]),
    [
      ['script-published', 'home.spec.ts'],
      ['monitor-added', 'Home'],
    ],
  );
});
