import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AnsweringApp, startAnsweringApp } from '../../test/apps/answering-app.ts';
import { buildRunner, runScript } from '../../test/run-script.ts';
import type { DetailedRunner } from './runner.ts';

/** Between the looks of Playwright's own waits, which come at about 270 and 770 ms. */
const delayMs = 300;
/** For each of them Playwright's usual time is over before the pages are open where a machine has much else to do. */
const patiently = { timeoutMs: 300_000, testTimeoutMs: 240_000, expectTimeoutMs: 60_000 };
let app: AnsweringApp;
let runner: DetailedRunner;

before(async () => {
  app = await startAnsweringApp();
  runner = await buildRunner();
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
});

const waits = {
  expect: `await expect(page.getByRole('heading', { name: 'Done' })).toBeVisible();`,
  waitFor: `await page.getByRole('heading', { name: 'Done' }).waitFor();`,
  "the next action's wait": `await page.getByRole('heading', { name: 'Done' }).click();`,
};
for (const [wait, text] of Object.entries(waits)) {
  test(`on pages that never stop changing a response time ends with the change that ${wait} was for`, async () => {
    const answers = await answersOf(`
      for (const unrest of ['clock', 'frames', 'clock', 'frames']) {
        await page.goto('/single-page?delay=${delayMs}&unrest=' + unrest);
        await test.step('Answer', async () => { await page.getByRole('button', { name: 'Go' }).click(); ${text} });
      }`);
    const over = answers.map(({ responseUs = 0, serverMs }) => responseUs / 1000 - serverMs);
    for (const ms of over) assert.ok(ms >= 0, `${-ms} ms less than the server took`);
    // The pauses of the waits themselves would make each of them 450 ms or more.
    const [clock, frames] = [Math.min(over[0] ?? 0, over[2] ?? 0), Math.min(over[1] ?? 0, over[3] ?? 0)];
    assert.ok(clock < 300 && frames < 300, `${over.map(Math.round)} ms over the server's own time`);
  });
}

test('a page whose content the script sets itself has response times too', async () => {
  const [answer] = await answersOf(`
    await page.goto('/single-page?delay=${delayMs}');
    await page.setContent(await page.content());
    await test.step('Answer', async () => { await page.getByRole('button', { name: 'Go' }).click(); ${waits.expect} });`);
  assert.ok(
    (answer?.responseUs ?? 0) / 1000 >= (answer?.serverMs ?? 0),
    'there is one, and not less than the server took',
  );
});

test('a wait ends in time although nothing changes, and fails as ever when the page is closed meanwhile', async () => {
  const { run } = await runScript(
    runner,
    {
      source: script(`
    await page.goto('/single-page?delay=0');
    await expect(page.getByText('never')).toBeVisible({ timeout: 700 }).catch((e) => { if (!/Timeout/.test(e.message)) throw e; });
    setTimeout(() => page.close(), 100);
    await page.getByText('never').waitFor();`),
    },
    { url: app.url, ...patiently },
  );
  assert.match(run.error?.message ?? '', /has been closed/);
});

test('a clock on the wall that is set between the browser’s start and the run changes no time', async (t) => {
  const now = Date.now;
  for (const setMs of [3_600_000, -3_600_000]) {
    const clock = t.mock.method(Date, 'now', () => now() + setMs);
    const [answer, whole] = await answersOf(`
      await test.step('Answer', async () => {
        await page.goto('/navigation?delay=${delayMs}');
        await page.getByRole('button', { name: 'Go' }).click();
        await expect(page.getByRole('heading', { name: 'Done' })).toBeVisible();
      });`);
    clock.mock.restore();
    assert.equal(whole, undefined);
    const { responseUs = 0, serverMs = 0, startUs = 0, durationUs = 0, pageLoads = [] } = answer ?? {};
    assert.ok(responseUs / 1000 >= serverMs, `response ${responseUs} µs, server ${serverMs} ms`);
    const [form, done] = pageLoads;
    assert.ok(form && done && form.startUs >= startUs && form.startUs < done.startUs);
    assert.ok(done.startUs + (done.firstByteUs ?? 0) <= startUs + durationUs);
    assert.ok((form.loadUs ?? 0) + (done.firstByteUs ?? 0) <= responseUs, 'both documents are in it');
  }
});

const causeless = {
  'looking at a page': `await expect(page.getByRole('button', { name: 'Go' })).toBeVisible();`,
  typing: `await page.getByLabel('User').fill('demo'); await expect(page.getByLabel('User')).toHaveValue('demo');`,
  'what fails': `await page.getByRole('button', { name: 'Go' }).click(); throw new Error('no');`,
};
for (const [what, text] of Object.entries(causeless)) {
  test(`${what} has no response time`, async () => {
    const source = script(`await page.goto('/single-page?delay=0'); await test.step('Step', async () => { ${text} });`);
    const { run } = await runScript(runner, { source }, { url: app.url, ...patiently });
    assert.deepEqual([run.transactions[0]?.name, run.transactions[0]?.responseUs], ['Step', undefined]);
  });
}

test('goto alone ends at load, and a request at the end of its body', async () => {
  const [opened, asked] = await answersOf(
    `
    await test.step('Answer', async () => { await page.goto('/answer?delay=${delayMs}'); });
    await test.step('Answer', async () => { await request.get('/data?delay=${delayMs}'); await new Promise((r) => setTimeout(r, 200)); });`,
  );
  const [load] = opened?.pageLoads ?? [];
  assert.ok(load?.loadUs !== undefined && Math.abs(load.loadUs - (opened?.responseUs ?? 0)) < 1000);
  assert.ok((asked?.responseUs ?? 0) / 1000 >= (asked?.serverMs ?? 0));
  assert.ok(
    (asked?.durationUs ?? 0) - (asked?.responseUs ?? 0) >= 199_000,
    'what the script does afterwards is not in it',
  );
  assert.equal(asked?.pageLoads, undefined);
});

function script(body: string): string {
  return `import { test, expect } from '@playwright/test';\ntest('T', async ({ page, request }) => {\n${body}\n});\n`;
}

/** The steps called Answer of a script, each with the time the server took for its answer. */
async function answersOf(body: string) {
  app.takeTimes();
  const { run } = await runScript(runner, { source: script(body) }, { url: app.url, ...patiently });
  assert.equal(run.outcome, 'passed', String(run.error?.message));
  const times = app.takeTimes();
  const answers = run.transactions.filter(({ name }) => name.startsWith('Answer'));
  assert.equal(times.length, answers.length);
  for (const { name, responseUs = 0, durationUs } of answers) assert.ok(responseUs <= durationUs, name);
  return answers.map((answer, i) => ({ ...answer, serverMs: times[i] ?? Number.NaN }));
}
