import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expect } from 'playwright/test';
import type { Page } from 'playwright-core';
import { type ConsoleWorld, consoleWorld } from './console-world.ts';

/* The console's pages as a service manager uses them, in a real browser, over a day of four monitors at two locations. */

const patience = { timeout: 60_000 };
let world: ConsoleWorld;
let page: Page;

before(async () => {
  world = await consoleWorld({ monitors: 4, locations: 2, days: 1, role: 'author' });
  page = await world.open();
});

after(() => world[Symbol.asyncDispose]());

test('the overview says what fails, where and since when, and finds a monitor by what is typed', async () => {
  await expect(page.getByRole('heading', { name: '1 failing of 4 monitors' })).toBeVisible(patience);
  const first = page.getByRole('row').nth(1);
  await expect(first).toContainText(/Failing\s*Application 3\s*Login failed at Location 1 \d+ times since/);
  await page.keyboard.press('/');
  await page.keyboard.type('application 4');
  await expect(page.getByRole('row')).toHaveCount(2);
  await expect(page).toHaveURL(/q=application\+4/);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: '3 up' }).click();
  await expect(page).toHaveURL(/state=up/);
  await page.goto(`${world.world.server.url}/c/${world.customerId}?group=location`);
  await expect(page.getByRole('rowheader', { name: 'Location 1', exact: true })).toBeVisible(patience);
  await expect(page.getByRole('rowheader', { name: 'Location 2', exact: true })).toBeVisible();
});

test('a strip is read with the arrow keys, and Enter opens the monitor at that hour', async () => {
  await page.goto(`${world.world.server.url}/c/${world.customerId}`);
  const strip = page.getByRole('link', { name: /^Location 1: \d+ hours? with failures/ }).first();
  await strip.focus();
  // The hour before: of the present one nothing may be known yet.
  for (const key of ['ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
  await expect(page.getByRole('status')).toContainText(/\d+ passed, \d+ failed, 0 errored/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Application 3', level: 1 })).toBeVisible(patience);
  const { searchParams } = new URL(page.url());
  assert.equal(Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? ''), 3_600_000);
});

test('a monitor is zoomed into by dragging and by key, Esc goes back, and the address says what is shown', async () => {
  await page.goto(`${world.world.server.url}/c/${world.customerId}/monitors/${world.monitorIds[0]}`);
  const chart = page.getByRole('group', { name: /Chart of the response times of Open, Login/ });
  await expect(chart).toBeVisible(patience);
  await expect(page.getByRole('row', { name: /Location 2 100 %/ })).toBeVisible(patience);
  const box = (await chart.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(box.x + box.width * 0.2, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 100, { steps: 3 });
  await page.mouse.up();
  await expect(page).toHaveURL(/from=.*to=/);
  const length = () => {
    const { searchParams } = new URL(page.url());
    return Date.parse(searchParams.get('to') ?? '') - Date.parse(searchParams.get('from') ?? '');
  };
  const dragged = length();
  assert.ok(dragged > 10 * 3_600_000 && dragged < 24 * 3_600_000, `${dragged} ms were chosen`);
  await page.keyboard.press('+');
  await expect.poll(length).toBeLessThan(dragged * 0.6);
  await page.keyboard.press('Escape');
  await expect.poll(length).toBe(dragged);
  await page.keyboard.press('c');
  await expect(page).toHaveURL(/compare=before/);
  await expect(page.getByText('Dotted: the period before.')).toBeVisible(patience);
  await page.keyboard.press('t');
  await expect(page).toHaveURL(/view=table/);
  await expect(page.getByRole('columnheader', { name: 'Median' }).first()).toBeVisible();
});

test('the chart fills its box whatever happens to it: narrower, wider, hidden and back', async () => {
  await page.goto(`${world.world.server.url}/c/${world.customerId}/monitors/${world.monitorIds[0]}`);
  const drawing = page.locator('[role=group] canvas');
  await expect(drawing).toBeVisible(patience);
  const beside = () => drawing.evaluate((it) => (it.closest('[role=group]')?.clientWidth ?? 0) - it.clientWidth);
  const hide = (display: string) =>
    page.locator('figure').evaluate((it, as) => it.style.setProperty('display', as), display);
  for (const width of [400, 1800, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await expect.poll(beside, `at ${width} px`).toBe(0);
  }
  await hide('none');
  await page.setViewportSize({ width: 500, height: 900 });
  await hide('block');
  await expect.poll(beside, 'hidden while it became narrower').toBe(0);
  assert.ok((await drawing.evaluate((it) => it.clientWidth)) > 300);
  await page.setViewportSize({ width: 1440, height: 900 });
});

test('the page of a monitor asks its questions before its programs have come, and each once', async () => {
  const asked: { name: string; at: number }[] = [];
  const listen = (request: { url(): string }) => {
    const { pathname } = new URL(request.url());
    if (pathname.startsWith('/api/')) asked.push({ name: pathname.replace(/^.*\//, ''), at: performance.now() });
  };
  await page.route('**/assets/main-*.js', async (route) => {
    await expect.poll(() => asked.map(({ name }) => name), patience).toContain('response-times');
    await route.continue();
  });
  page.on('request', listen);
  // A period that stays the same when a minute ends meanwhile.
  const at = `${world.world.server.url}/c/${world.customerId}/monitors/${world.monitorIds[0]}`;
  const [from, to] = [86_400_000, 0].map((ago) => new Date(Date.now() - ago).toISOString());
  await page.goto(`${at}?from=${from}&to=${to}`);
  await expect(page.locator('[role=group] canvas')).toBeVisible(patience);
  page.off('request', listen);
  await page.unroute('**/assets/main-*.js');
  for (const name of ['session', 'response-times', world.monitorIds[0]]) {
    const [first, second] = asked.filter((one) => one.name === name);
    // The page asks again every five seconds or less often, once it has an answer.
    assert.ok(first && (!second || second.at - first.at > 4_000), `${name}: ${JSON.stringify(asked)}`);
  }
});

test('where the system sets all colours, what is chosen and the colours of transactions are still told', async () => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto(`${world.world.server.url}/c/${world.customerId}/monitors/${world.monitorIds[0]}`);
  const ground = (selector: string) =>
    page
      .locator(selector)
      .first()
      .evaluate((it) => getComputedStyle(it).backgroundColor);
  await expect(page.getByRole('button', { name: 'Together' })).toBeVisible(patience);
  const [chosen, other] = [await ground('fieldset [aria-pressed=true]'), await ground('fieldset [aria-pressed=false]')];
  assert.notEqual(chosen, other);
  const swatches = page.locator('section[aria-labelledby=transactions] .drawn');
  await expect(swatches).toHaveCount(5, patience);
  const colours = await swatches.evaluateAll((all) => all.map((it) => getComputedStyle(it).backgroundColor));
  assert.equal(new Set(colours).size, 5, `${colours}`);
  await page.emulateMedia({ forcedColors: 'none' });
});

test('on a phone nothing scrolls sideways', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${world.world.server.url}/c/${world.customerId}`);
  await expect(page.getByRole('heading', { name: '1 failing of 4 monitors' })).toBeVisible(patience);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), 0);
});

test('failures of a kind stand together, and lead to their runs and back', async () => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${world.world.server.url}/c/${world.customerId}/failures`);
  await expect(page.getByRole('heading', { name: /^1 kind of failure, \d+ runs$/ })).toBeVisible(patience);
  const row = page.getByRole('row', { name: /Login: something the script expects to see was not so/ });
  await expect(row).toContainText('Location 1');
  await page.getByLabel('Location').selectOption('Location 1');
  await expect(page).toHaveURL(/location=/);
  await row.getByRole('link', { name: /^Login/ }).click();
  await expect(page.getByRole('heading', { name: /^Login: something/, level: 1 })).toBeVisible(patience);
  const runs = page.locator('section[aria-labelledby=runs]');
  await runs.getByRole('row').nth(1).getByRole('link').click();
  await page.getByRole('link', { name: 'Runs like this one' }).click(patience);
  await expect(page).toHaveURL(/\/failures\/\d+\?period=30d/);
  await expect(page.getByRole('heading', { name: /^Login: something/, level: 1 })).toBeVisible(patience);
});

test('a pause is taken back by its button or Ctrl+Z, but not where somebody types or by the key of the way forth', async () => {
  const { world: server, customerId, monitorIds } = world;
  await page.goto(`${server.server.url}/c/${customerId}/monitors/${monitorIds[0]}`);
  await page.evaluate(() => {
    const { setTimeout } = globalThis;
    const slow = (run: () => void, ms?: number) => setTimeout(run, ms === 10_000 ? 600_000 : ms);
    Object.assign(globalThis, { setTimeout: slow }); // so that messages stay however busy the machine is
  });
  const act = (name: string) => page.getByRole('button', { name, exact: true });
  const message = page.getByText('Application 1 is paused: nobody runs it.');
  await act('Pause').click(patience);
  await expect(message).toBeVisible(patience);
  await act('Undo').click();
  await expect(act('Pause')).toBeVisible(patience);
  await expect(message).toBeHidden();
  await expect(page.locator('#content'), 'whoever uses keys is not thrown out of the page').toBeFocused();

  await act('Pause').click();
  await expect(message).toBeVisible(patience);
  await page.evaluate(() => document.body.append(document.createElement('input')));
  await page.locator('body > input').focus();
  await page.keyboard.press('Control+z');
  await page.locator('#content').focus();
  await page.keyboard.press('Control+Shift+Z');
  await act('Resume').click(patience);
  await expect(page.getByText('Application 1 runs again.')).toBeVisible(patience);
  await page.keyboard.press('Control+z');
  await expect(act('Resume')).toBeVisible(patience);
  const told = await server.context.customers.use(customerId, (db) =>
    db('audit').where({ action: 'monitor-changed' }).orderBy('id').pluck('detail'),
  );
  assert.deepEqual(
    told.map((detail) => (JSON.parse(detail) as { paused: boolean }).paused),
    [true, false, true, false, true],
  );
});
