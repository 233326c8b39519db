import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import type { RunRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { addToken } from '../../server/accounts/tokens.ts';
import { addUser } from '../../server/accounts/users.ts';
import { publish } from '../../server/assignments/publish.ts';
import { commandLine } from '../../server/audit/audit.ts';
import { buildWorld, type World } from '../../server/build-world.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { buildFailedRun } from '../../server/ingest/build-run.ts';
import { rollUpDirty } from '../../server/rollups/roll-up.ts';
import { hostileTrace } from './hostile-trace.ts';

/* Every page of the console, with names that are markup in every field, in a real browser that tells what it refused. */

const hostile = `"><img src=x onerror=alert(1)><script>alert(2)</script><style>*{}</style>{{7*7}}`;
const patience = { timeout: 60_000 };

test('names that are markup run no script on any page, and no page breaks the policy it is sent with', async () => {
  await using world = await buildWorld();
  const { id: customerId } = await addCustomer(world.context, hostile, { timeZone: 'UTC' });
  const paths = await filled(world, customerId);
  await using browser = await openBrowser(world);
  for (const [name, pages] of Object.entries(paths)) {
    const page = await browser.newPage();
    const told: string[] = [];
    page.on('dialog', (dialog) => {
      told.push(`dialog ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('console', (message) => {
      if (/Content Security Policy|Refused/.test(message.text())) told.push(message.text());
    });
    await signIn(page, world, name);
    for (const [path, shown] of pages) {
      await page.goto(`${world.server.url}${path}`);
      const seen = page.getByText(shown).first();
      await seen.waitFor({ ...patience, state: 'attached' }).catch(async (cause: unknown) => {
        throw new Error(`${path} shows ${await page.locator('body').textContent()}`, { cause });
      });
      assert.deepEqual(told, [], path);
    }
    const sizes = await page.evaluate(() => getComputedStyle(document.body).getPropertyValue('--mantine-line-height'));
    assert.equal(sizes, '20px', 'styles that components make are let in');
    await page.close();
  }
});

const password = 'violet kettle runs north';

/** A customer whose every name is hostile; the pages to look at by user, each with what shows that it is there. */
async function filled(world: World, customerId: Awaited<ReturnType<World['addCustomer']>>) {
  const { context } = world;
  await addUser(context, { name: `bob ${hostile}`, role: 'admin', customerId, password });
  await addUser(context, { name: `olga ${hostile}`, role: 'operator-admin', customerId: null, password });
  await addEnrolmentCode(context, customerId, { location: hostile });
  const script = {
    name: `${hostile.replaceAll(/[/*]/g, '')}.spec.ts`,
    source: `import { test } from '@playwright/test';\ntest(${JSON.stringify(hostile)}, () => {});`,
  };
  await publish(context, customerId, { script, author: hostile, message: hostile });
  const sentinel = await world.enrolled(customerId, hostile);
  const { id: monitorId } = await context.customers.use(customerId, (db) => buildMonitor(db, { name: hostile }));
  const error = { code: 'ASSERTION', message: hostile } as const;
  const failed = buildFailedRun({ monitorId, startedAt: context.now() });
  const run = { ...failed, transactions: failed.transactions.map((one) => ({ ...one, name: hostile, error })) };
  assert.equal((await sentinel.ask('POST', '/sentinel/v1/runs', { body: run })).status, 200);
  await context.customers.use(customerId, (db) => rollUpDirty(db));
  await addToken(context, customerId, { name: hostile, scope: ['read'], lifeMs: 3_600_000 }, commandLine);
  const stored = await context.customers.use(customerId, (db) => db<RunRow>('runs').first());
  assert.ok(stored, 'the run is there');
  const home = `/c/${customerId}`;
  const admins: [string, RegExp][] = [
    [home, /onerror/],
    [`${home}/sentinels`, /onerror/],
    [`${home}/audit`, /signed in/],
    [`${home}/users`, /onerror/],
    [`${home}/tokens`, /onerror/],
    [`${home}/failures`, /onerror/],
    [`${home}/failures/1`, /onerror/],
    [`${home}/reports`, /onerror/],
    [`${home}/targets`, /onerror/],
    [`${home}/monitors`, /onerror/],
    [`${home}/monitors/new`, /onerror/],
    [`${home}/monitors/${monitorId}/settings`, /onerror/],
    [`${home}/scripts`, /onerror/],
    [`${home}/scripts/new`, /onerror/],
    [`${home}/scripts/${encodeURIComponent(script.name)}`, /onerror/],
    [`${home}/scripts/${encodeURIComponent(script.name)}/edit`, /onerror/],
    ['/account', /onerror/],
    [`${home}/monitors/${monitorId}`, /onerror/],
    [`${home}/runs/${runIdOf(stored.id)}`, /onerror/],
    [`${home}/nowhere`, /Nothing here/],
  ];
  const operators: [string, RegExp][] = [
    ['/', /onerror/],
    ['/audit', /signed in/],
    ['/users', /onerror/],
  ];
  return { [`bob ${hostile}`]: admins, [`olga ${hostile}`]: operators };
}

async function openBrowser(world: World): Promise<Browser & AsyncDisposable> {
  const [pin] = world.context.authority.pins;
  const args = ['--no-sandbox', '--disable-gpu', `--ignore-certificate-errors-spki-list=${pin}`];
  return chromium.launch({ executablePath: findBrowser(process.env) ?? '', args });
}

test('a trace made of scripts runs none of them where it is looked at', async () => {
  await using world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  await addUser(world.context, { name: 'bob', role: 'viewer', customerId, password });
  const content = hostileTrace();
  const file = {
    kind: 'trace',
    sha256: sha256Hex(content),
    bytes: content.length,
    mediaType: 'application/zip',
  } as const;
  const sentinel = await world.enrolled(customerId);
  const { id: monitorId } = await world.context.customers.use(customerId, (db) => buildMonitor(db));
  const run = buildFailedRun({ monitorId, startedAt: world.context.now(), evidence: [file] });
  assert.equal((await sentinel.ask('POST', '/sentinel/v1/runs', { body: run })).status, 200);
  const put = { body: content, headers: { 'content-type': 'application/zip' } };
  assert.equal((await sentinel.ask('PUT', `/sentinel/v1/evidence/${file.sha256}`, put)).status, 204);
  await using browser = await openBrowser(world);
  const evidence = `${world.server.url}/api/v1/customers/${customerId}/evidence/${file.sha256}`;
  const page = await browser.newPage();
  const told: string[] = [];
  page.on('console', (message) => told.push(message.text()));
  await signIn(page, world, 'bob');
  const viewer = `${world.server.url}/trace-viewer/`;
  const asked = new URLSearchParams({ trace: evidence, phase: 'after' });
  await page.goto(`${viewer}?${asked}`);
  await page.getByText('console.log').first().click(patience);
  const shown = page.frameLocator('iframe.snapshot-visible').getByRole('heading', { name: 'The hostile page' });
  await shown.waitFor(patience);
  await page.goto(`${viewer}snapshot/call@1?${asked}`);
  for (const part of ['h1', 'img', 'iframe']) assert.ok(await page.locator(part).count(), `${part} is shown`);
  assert.deepEqual(
    told.filter((text) => text.includes('DEED')),
    [],
  );
});

async function signIn(page: Page, world: World, name: string): Promise<void> {
  await page.goto(`${world.server.url}/sign-in`);
  await page.getByLabel('Name').fill(name);
  const field = page.getByLabel('Password', { exact: true });
  const kind = [await field.getAttribute('type'), await field.getAttribute('autocomplete')];
  assert.deepEqual(kind, ['password', 'current-password'], 'it is masked, and password managers know it');
  await field.fill(password);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation').first().waitFor(patience);
}
