import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Browser, chromium } from 'playwright-core';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import type { RunRow } from '../../db/customer/rows.ts';
import { runIdOf } from '../../db/customer/run-key.ts';
import { findBrowser } from '../../sentinel/runner/browser/browser.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { addToken } from '../../server/accounts/tokens.ts';
import { addUser } from '../../server/accounts/users.ts';
import { commandLine } from '../../server/audit/audit.ts';
import { buildWorld, type World } from '../../server/build-world.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { buildFailedRun } from '../../server/ingest/build-run.ts';
import { rollUpDirty } from '../../server/rollups/roll-up.ts';

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
    await page.goto(`${world.server.url}/sign-in`);
    await page.getByLabel('Name').fill(name);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation').first().waitFor(patience);
    for (const [path, shown] of pages) {
      await page.goto(`${world.server.url}${path}`);
      await page
        .getByText(shown)
        .first()
        .waitFor({ ...patience, state: 'attached' });
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
