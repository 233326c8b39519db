import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { type RunningShop, startShop } from '../../test/apps/shop/shop.ts';
import { buildRunner, runScript, undisturbed } from '../../test/run-script.ts';
import type { DetailedRunner } from './runner.ts';

const password = 'correct horse & battery';
const shopFlow = { file: join(import.meta.dirname, '../../scripts-library/shop/shop.spec.ts') };
let shop: RunningShop;
let runner: DetailedRunner;

before(async () => {
  shop = await startShop({ password });
  runner = await buildRunner();
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await shop.close();
});

const runShop = () => runScript(runner, shopFlow, { url: shop.url, secrets: { SHOP_PASSWORD: password } });
const page = (body: string) =>
  `import { test, expect } from '@playwright/test';\ntest('T', async ({ page }) => {\n${body}\n});\n`;

test('a flow through a real shop passes, with a response time for every transaction', async () => {
  shop.set({ faults: [] });
  const before = shop.truth().checkoutsFinished;
  const { run, files } = await runShop();
  assert.equal(run.outcome, 'passed', String(run.error?.message));
  assert.deepEqual(
    run.transactions.map((t) => t.name),
    ['Open', 'Login', 'Search', 'Checkout', 'Logout'],
  );
  for (const { name, outcome, responseUs = 0, durationUs } of run.transactions) {
    assert.equal(outcome, 'passed', name);
    assert.ok(responseUs > 0 && responseUs <= durationUs, `${name}: response ${responseUs} µs of ${durationUs} µs`);
  }
  assert.equal(shop.truth().checkoutsFinished, before + 1);
  assert.deepEqual(files, []);
});

const faults = [
  { kind: 'http500', code: 'HTTP_5XX' },
  { kind: 'brokenElement', code: 'ELEMENT_NOT_FOUND' },
  { kind: 'hang', code: 'TIMEOUT' },
] as const;
for (const { kind, code } of faults) {
  test(`a checkout that goes wrong by ${kind} fails with ${code} and a screenshot; what follows was not reached`, async () => {
    shop.set({ faults: [{ page: 'checkout', kind, everyNth: 1 }] });
    const { run, files } = await undisturbed(runShop);
    assert.equal(run.outcome, 'failed');
    assert.equal(run.error?.code, code, String(run.error?.message));
    assert.equal(run.error?.location?.file, 'shop.spec.ts');
    const checkout = run.transactions.find((t) => t.name === 'Checkout');
    assert.equal(checkout?.outcome, 'failed');
    assert.equal(checkout?.responseUs, undefined);
    assert.deepEqual(run.transactions.at(-1), {
      ...run.transactions.at(-1),
      name: 'Logout',
      outcome: 'skipped',
      reason: 'NOT_REACHED',
    });
    assert.equal(run.evidenceMissing, undefined);
    assert.equal(run.evidence[0]?.sha256, files[0]?.sha256);
    assert.equal((await sharp(files[0]?.content).metadata()).format, 'webp');
  });
}

test('a password appears in no text of a failed login and is painted over in its picture', async () => {
  shop.set({ faults: [] });
  const source = page(`
    await page.goto('/');
    await page.getByLabel('User').fill('demo');
    await page.getByLabel('Password').fill(process.env.SHOP_PASSWORD);
    throw new Error('typed ' + process.env.SHOP_PASSWORD + ' and ' + encodeURIComponent(process.env.SHOP_PASSWORD));`);
  const { run, files } = await runScript(runner, { source }, { url: shop.url, secrets: { SHOP_PASSWORD: password } });
  assert.equal(run.error?.code, 'SCRIPT_ERROR');
  const said = JSON.stringify(run);
  for (const form of [password, encodeURIComponent(password), 'battery'])
    assert.ok(!said.includes(form), `says ${form}`);
  assert.match(run.error?.message ?? '', /typed ••• and •••/);
  assert.ok(await showsGrey(files[0]?.content), 'the password field is painted over');
});

test('a host that the script did not name is denied, and the run says so', async () => {
  const { run } = await runScript(
    runner,
    { source: page(`await page.goto('http://example.com/');`) },
    { url: shop.url },
  );
  assert.equal(run.error?.code, 'HOST_DENIED', String(run.error?.message));
  assert.match(run.error?.message ?? '', /example\.com:80/);
});

test('nothing of one run is left for the next: no cookie, no storage, no file', async () => {
  const writes = page(`
    await page.goto('/');
    await page.evaluate(() => { document.cookie = 'a=1; max-age=9999'; localStorage.setItem('b', '2'); });`);
  const reads = page(`
    await page.goto('/');
    expect(await page.evaluate(() => document.cookie + localStorage.getItem('b'))).toBe('null');`);
  assert.equal((await runScript(runner, { source: writes }, { url: shop.url })).run.outcome, 'passed');
  for (const source of [reads, writes, reads]) {
    const { run } = await runScript(runner, { source }, { url: shop.url });
    assert.equal(run.outcome, 'passed', String(run.error?.message));
    runner.prepare(); // the next begins on a page that was opened ahead
  }
});

test('an endless loop ends at the limit as SCRIPT_LIMIT, a page that never answers as TIMEOUT, and the next run is unharmed', async () => {
  const loop = await runScript(
    runner,
    { source: page('await page.goto("/"); for (;;);') },
    { url: shop.url, timeoutMs: 4000 },
  );
  assert.equal(loop.run.error?.code, 'SCRIPT_LIMIT', String(loop.run.error?.message));
  shop.set({ faults: [{ page: 'catalogue', kind: 'hang', everyNth: 1 }] });
  const stuck = await undisturbed(() =>
    runScript(runner, { source: page('await page.goto("/catalogue");') }, { url: shop.url, timeoutMs: 4000 }),
  );
  shop.set({ faults: [] });
  assert.equal(stuck.run.error?.code, 'TIMEOUT', String(stuck.run.error?.message));
  assert.equal((await runShop()).run.outcome, 'passed');
});

test('a browser that is killed during a run makes that run errored, and the next one has a new browser', async () => {
  const own = await buildRunner();
  try {
    const others = browsers();
    const running = runScript(
      own,
      { source: page('await page.goto("/"); await page.waitForTimeout(30_000);') },
      { url: shop.url },
    );
    process.kill(-(await browserBeside(others)), 'SIGKILL');
    assert.equal((await running).run.error?.code, 'SENTINEL_BROWSER');
    const { run } = await runScript(own, { source: page('await page.goto("/");') }, { url: shop.url });
    assert.equal(run.outcome, 'passed', String(run.error?.message));
  } finally {
    await own[Symbol.asyncDispose]();
  }
});

/** Whether the picture has a stretch of the colour that fields are painted over with. */
async function showsGrey(image: Buffer | undefined): Promise<boolean> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let longest = 0;
  let now = 0;
  for (let i = 0; i < data.length; i += info.channels) {
    const isGrey = [0, 1, 2].every((c) => Math.abs((data[i + c] ?? 0) - 0x55) < 12);
    now = isGrey ? now + 1 : 0;
    longest = Math.max(longest, now);
  }
  return longest > 40;
}

/** Process group of a browser that is not among others; waits for it to come. */
async function browserBeside(others: readonly number[]): Promise<number> {
  for (;;) {
    const own = browsers().find((pid) => !others.includes(pid));
    if (own !== undefined) return own;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Browsers that this process started. */
function browsers(): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      const isBrowser = command.includes('--remote-debugging-pipe') && !command.includes('--type=');
      return isBrowser && parentOf(readFileSync(`/proc/${pid}/stat`, 'utf8')) === process.pid;
    } catch {
      return false; // gone meanwhile
    }
  });
}

function parentOf(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

test("a script's clock is the device's, as that of its pages is", async () => {
  const { TZ } = process.env;
  process.env.TZ = 'Pacific/Auckland';
  try {
    await using abroad = await buildRunner();
    const source = page(`
      const noon = () => new Date(2026, 6, 1, 12).getTime();
      expect([await page.evaluate(noon), noon()]).toEqual([Date.UTC(2026, 6, 1), Date.UTC(2026, 6, 1)]);`);
    const { run } = await runScript(abroad, { source }, { url: shop.url });
    assert.equal(run.outcome, 'passed', String(run.error?.message));
  } finally {
    if (TZ === undefined) delete process.env.TZ;
    else process.env.TZ = TZ;
  }
});

test('of a secret that a long name would cut in two nothing is told', async () => {
  const secret = 'Zk7vQx2mWp9sLt4h';
  const source = `import { test } from '@playwright/test';
    const name = 'x'.repeat(290) + process.env.TOKEN;
    test(name, async () => {
      await test.step(name, () => {});
      await test.step('left', ({ skip }) => skip(true, name));
    });
    test('skipped', () => test.skip(true, name));
    test('alone ' + name, () => {});`;
  const { run, tests } = await runScript(runner, { source }, { url: shop.url, secrets: { TOKEN: secret } });
  assert.equal(run.outcome, 'passed', String(run.error?.message));
  const told = JSON.stringify({ run, tests });
  assert.ok(!told.includes(secret.slice(0, 3)));
  assert.match(told, /x•••/);
  for (const { title, reason = '' } of tests)
    for (const text of [...title, reason]) assert.ok(text.length <= 300, text);
});
