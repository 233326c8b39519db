import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import type { SentinelRow } from '../../db/customer/rows.ts';
import type { UserRow } from '../../db/registry/rows.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { findCustomer } from '../../server/accounts/customers.ts';
import { addUser } from '../../server/accounts/users.ts';
import { buildArchivedMonth } from '../../server/archive/build-archived-month.ts';
import { makeWaitingKey } from '../../server/archive/keys.ts';
import { restoreMonth } from '../../server/archive/restore.ts';
import { publish } from '../../server/assignments/publish.ts';
import { commandLine } from '../../server/audit/audit.ts';
import { aboutDatabaseServer } from '../../server/databases/database-servers.ts';
import { evidenceRooms } from '../../server/evidence/evidence-room.ts';
import { storeEvidence } from '../../server/evidence/store-evidence.ts';
import { buildFailedRun, buildRun } from '../../server/ingest/build-run.ts';
import { ingest } from '../../server/ingest/ingest.ts';
import { addMaintenance } from '../../server/reports/maintenance.ts';
import { type ConsoleWorld, consoleWorld, openAs } from './console-world.ts';

/*
 * Every page of the console, looked at by axe in light and dark, at the width of a desk and of a phone. Run by itself, or
 * in the full run, it leaves pictures of all of them in test/out for a person to look at: half of what it takes.
 */

const patience = { timeout: 60_000 };
const pictures = resolve(import.meta.dirname, '../out');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const long =
  'A very long name of an application that nobody shortened, with-a-word-that-has-no-place-to-break-at-all-in-it';
const archiveFolder = mkdtempSync(join(tmpdir(), 'vedette-archive-'));
let world: ConsoleWorld;

before(async () => {
  mkdirSync(pictures, { recursive: true });
  world = await consoleWorld({
    monitors: 4,
    locations: 2,
    days: 1,
    role: 'admin',
    archiveFolder,
    name: (i) => (i === 1 ? long : `Application ${i + 1}`),
  });
});
after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(archiveFolder, { recursive: true });
});

/** Each with what shows that it is there. */
async function pages(): Promise<Record<string, [path: string, shown: string]>> {
  const { customerId, monitorIds, world: server } = world;
  const { customers, now } = server.context;
  await publish(server.context, customerId, { script: { name: 'shop.spec.ts', source: script }, author: 'alice' });
  const wish = { from: now(), to: now() + 3_600_000, reason: 'release' };
  await customers.use(customerId, (db) => addMaintenance(db, wish, commandLine, now()));
  const failedId = await comparedRun();
  const { month, failedRunId } = await archivedMonth();
  const home = `/c/${customerId}`;
  const monitor = `${home}/monitors/${monitorIds[2]}`;
  return {
    overview: [home, 'h1:has-text("failing of")'],
    monitor: [monitor, 'text=Hours of the week'],
    'monitor-long-name': [`${home}/monitors/${monitorIds[1]}`, 'text=Hours of the week'],
    run: [`${home}/runs/${failedId}`, 'h2:has-text("Page loads"), h2:has-text("Facts")'],
    failures: [`${home}/failures`, 'h1:has-text("kind")'],
    'failure-group': [`${home}/failures/1`, '#runs'],
    monitors: [`${home}/monitors`, 'text=release'],
    'new-monitor': [`${home}/monitors/new`, 'text=What runs'],
    'change-monitor': [`${monitor}/settings`, 'text=What runs'],
    scripts: [`${home}/scripts`, 'table'],
    script: [`${home}/scripts/shop.spec.ts`, 'table'],
    'change-script': [`${home}/scripts/shop.spec.ts/edit`, '.cm-content'],
    reports: [`${home}/reports`, 'main h2'],
    targets: [`${home}/targets`, 'main h1'],
    archive: [`${home}/archive?month=${month.name}`, 'text=Give back'],
    'archive-restored': [`${home}/archive/${month.name}`, '#runs'],
    'archive-run': [`${home}/runs/${failedRunId}`, 'text=restored from the archive'],
    sentinels: [`${home}/sentinels`, 'table'],
    users: [`${home}/users`, 'table'],
    tokens: [`${home}/tokens`, 'text=No tokens'],
    audit: [`${home}/audit`, 'table'],
    account: ['/account', 'h1'],
    'not-there': [`${home}/nowhere`, 'text=Nothing here'],
  };
}

/** A Login that failed after one that passed, each with its picture. */
async function comparedRun(): Promise<string> {
  const { customerId, monitorIds, world: server } = world;
  const { context } = server;
  const looks = await Promise.all([drawn('#0a7', 'Welcome'), drawn('#c33', 'Sorry, not now')]);
  const [passed, failed] = looks.map((content) => ({
    ...{ kind: 'screenshot' as const, sha256: sha256Hex(content) },
    ...{ bytes: content.length, mediaType: 'image/webp' },
  }));
  assert.ok(passed && failed);
  return context.customers.use(customerId, async (db) => {
    const sentinel = await db<SentinelRow>('sentinels').orderBy('name').first();
    assert.ok(sentinel);
    const [monitorId = '', startedAt] = [monitorIds[2], context.now() - 3_600_000];
    const good = buildRun({ monitorId, startedAt, evidence: [{ ...passed, transaction: 'Login' }] });
    const bad = buildFailedRun({ monitorId, startedAt: startedAt + 60_000, evidence: [failed] });
    await ingest(db, sentinel, [good, bad], context.now());
    for (const content of looks) {
      const sent = { customerId, sentinelId: sentinel.id, sha256: sha256Hex(content), content };
      await storeEvidence((work) => work(db), evidenceRooms(context)(customerId), sent);
    }
    return bad.id;
  });
}

function drawn(colour: string, text: string): Promise<Buffer> {
  const page = `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720"><rect width="1280" height="720" fill="#eef"/>
    <rect width="1280" height="72" fill="${colour}"/><text x="40" y="170" font-family="sans-serif" font-size="48">${text}</text></svg>`;
  return sharp(Buffer.from(page)).webp().toBuffer();
}

const script = `import { test } from '@playwright/test';
test('Shop', async ({ page }) => test.step('Open', () => page.goto('https://shop.test/')));`;

/** Where there is nothing yet, each page says what to do next. */
function emptyPages(home: string): Record<string, [path: string, shown: string]> {
  return {
    'empty-overview': [home, 'text=No monitors yet'],
    'empty-failures': [`${home}/failures`, 'main h1'],
    'empty-monitors': [`${home}/monitors`, 'text=No monitors yet'],
    'empty-new-monitor': [`${home}/monitors/new`, 'text=No script is published yet'],
    'empty-scripts': [`${home}/scripts`, 'text=No scripts yet'],
    'empty-sentinels': [`${home}/sentinels`, 'main h1'],
    'empty-reports': [`${home}/reports`, 'main h1'],
    'empty-archive': [`${home}/archive`, 'text=Nothing was run yet'],
  };
}

/** A month that went into the archive and was brought back, of the monitor with the long name; a key waits to be kept. */
async function archivedMonth() {
  const { customerId, monitorIds, world: server } = world;
  const archived = await buildArchivedMonth(server.context, customerId, monitorIds[1] ?? '');
  const wish = { identities: [archived.identity], until: server.context.now() + 7 * 86_400_000 };
  await restoreMonth(server.context, customerId, archived.month, wish);
  await makeWaitingKey(server.context, { id: customerId, name: 'Aurora' }, long.slice(0, 100), commandLine);
  return archived;
}

const provider: Record<string, [path: string, shown: string]> = {
  customers: ['/', 'text=Borealis'],
  'all-users': ['/users', 'table'],
  'provider-audit': ['/audit', 'table'],
};

test('no page breaks a rule of accessibility, scrolls sideways or throws, in light, dark and on a phone', async () => {
  const found: string[] = [];
  const { server, context } = world.world;
  const borealis = await world.world.addCustomer('Borealis');
  const berta = await addUser(context, { name: 'berta', role: 'admin', customerId: borealis });
  for (const [page, list] of [
    [await world.open('alice'), await pages()],
    [await openAs(world.browser, server.url, berta), emptyPages(`/c/${borealis}`)],
    [await world.open('olga'), provider],
  ] as const) {
    page.on('pageerror', (error) => found.push(String(error)));
    for (const [title, [path, shown]] of Object.entries(list)) {
      await page.goto(server.url + path);
      await page.locator(shown).first().waitFor(patience);
      found.push(...(await faults(page, title)));
    }
    await page.evaluate(() => document.querySelector('main')?.append(new Image()));
    assert.match((await broken(page, ['image-alt'])).join(), /image-alt/, 'a planted fault is found');
    await page.close();
  }
  assert.deepEqual(found, []);
});

test('an operator adds a customer, is told at the field what does not fit, and goes on with its first user', async () => {
  const { context } = world.world;
  const sealed = context.masterKey.seal('mysql://root:secret@127.0.0.1:1', aboutDatabaseServer('far'));
  await context.registry('database_servers').insert({ name: 'far', address: '127.0.0.1:1', sealed, created_at: 0 });
  const page = await world.open('olga');
  await page.getByRole('button', { name: 'Add a customer' }).click();
  const dialog = page.getByRole('dialog');
  const [name, server] = [dialog.getByLabel('Name'), dialog.getByLabel('Database server')];
  await server.waitFor(patience);
  assert.equal(await dialog.getByLabel('Time zone').inputValue(), Intl.DateTimeFormat().resolvedOptions().timeZone);
  assert.deepEqual(await faults(page, 'add-customer'), []);

  await dialog.getByLabel('Present password').fill(world.passwords.olga);
  await page.keyboard.press('Enter');
  await dialog.getByText('Give the customer a name').waitFor(patience);
  await page.keyboard.type('Aurora'); // the cursor is where something is wrong
  await page.keyboard.press('Enter');
  await dialog.getByText('There is a customer "Aurora" already').waitFor(patience);
  await name.fill('Cirrus');
  await server.selectOption('far, 127.0.0.1:1');
  await name.press('Enter');
  await dialog.getByText(/could not be made: .* see that the database server runs/).waitFor(patience);
  assert.match((await server.getAttribute('aria-describedby')) ?? '', /error/);
  assert.deepEqual(await faults(page, 'add-customer-refused'), []);
  await server.selectOption('Beside the registry');
  await name.press('Enter');
  await page.getByRole('heading', { name: 'Cirrus is added' }).waitFor(patience);
  assert.deepEqual(await faults(page, 'customer-added'), []);

  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Add a user of Cirrus' }).waitFor(patience);
  await page.keyboard.type('carla');
  await dialog.getByLabel('Present password').fill(world.passwords.olga);
  await page.keyboard.press('Enter');
  await page.getByRole('group', { name: 'Hand this to carla' }).waitFor(patience);
  await page.getByRole('button', { name: 'Done', exact: true }).click();
  await page.getByRole('row', { name: /Cirrus/ }).waitFor(patience);
  const user = await context.registry<UserRow>('users').where({ name: 'carla' }).first();
  const { id } = await findCustomer(context, 'Cirrus');
  assert.deepEqual([user?.customer_id, user?.role], [id, 'admin']);
  await page.close();
});

test('of a picture that does not load it is said whether it is yet to come or is gone', async () => {
  const page = await world.open('alice');
  await page.route('**/evidence/*', (route) => route.abort());
  await page.goto(`${world.world.server.url}/c/${world.customerId}/runs/${await comparedRun()}`);
  await page.getByText('The screenshot has not arrived yet').waitFor(patience);
  await page.getByText('It is no longer there: a newer one has come meanwhile').waitFor(patience);
  await page.close();
});

/** What is wrong with the page that is shown; colours again where they are others. */
async function faults(page: Page, title: string): Promise<string[]> {
  const found: string[] = [];
  await page.setViewportSize({ width: 1440, height: 900 });
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await picture(page, `${title}-${scheme}`, scheme === 'light');
    found.push(
      ...(await broken(page, scheme === 'light' ? undefined : ['color-contrast'])).map(
        (one) => `${title} ${scheme}: ${one}`,
      ),
    );
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 320, height: 740 });
  await picture(page, `${title}-phone`, true);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return beyond === 0 ? found : [...found, `${title}: at 320 px it is ${beyond} px too wide`];
}

async function picture(page: Page, name: string, fullPage: boolean): Promise<void> {
  if (process.env.VEDETTE_TEST_PICTURES === undefined) return;
  await page.screenshot({
    path: join(pictures, `${name}.jpeg`),
    fullPage,
    type: 'jpeg',
    quality: 80,
    scale: 'css',
  });
}

async function broken(page: Page, rules?: string[]): Promise<string[]> {
  const runOnly = rules
    ? { type: 'rule', values: rules }
    : { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
  if (!(await page.evaluate(`'axe' in window`))) await page.evaluate(axe);
  const results = (await page.evaluate(
    `axe.run(document, ${JSON.stringify({ runOnly, resultTypes: ['violations'] })})`,
  )) as AxeResults;
  return results.violations.flatMap(({ id, help, nodes }) =>
    nodes.slice(0, 3).map((node) => `${id}, ${help}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`),
  );
}
