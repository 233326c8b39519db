import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSite } from '../apps/site.ts';
import { buildRunner, runBundle } from '../run-script.ts';
import { usersBrowser } from '../thrifty-browser.ts';

test('nothing that a run leaves in the browser is there for the next run in the same browser', async () => {
  await using site = await startSite(({ url = '', headers }, answer) => {
    if (url === '/worker') return void answer.setHeader('content-type', 'text/javascript').end('onfetch = () => {};');
    if (url === '/cached') return void answer.setHeader('cache-control', 'max-age=9999').end(String(Math.random()));
    if (url === '/private' && !headers.authorization)
      return void answer.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
    answer.setHeader('content-type', 'text/html').end('<title>app</title><textarea id=t>planted</textarea>');
  });
  const { url } = site;
  await using runner = await buildRunner({}, { browser: usersBrowser });
  const state = `async () => ({
    cookie: document.cookie, local: localStorage.getItem('a'), session: sessionStorage.getItem('a'), window: window.name,
    databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
    permission: (await navigator.permissions.query({ name: 'geolocation' })).state,
    files: (await Array.fromAsync((await navigator.storage.getDirectory()).keys())).length })`;
  const plant = `async () => {
    document.cookie = 'a=planted; max-age=9999'; localStorage.setItem('a', 'planted'); sessionStorage.setItem('a', 'planted'); window.name = 'planted';
    await new Promise((done) => { indexedDB.open('planted').onsuccess = done; }); await caches.open('planted');
    await navigator.serviceWorker.register('/worker'); await navigator.serviceWorker.ready;
    await (await navigator.storage.getDirectory()).getFileHandle('planted', { create: true }); }`;
  const paste = `await page.locator('#t').fill(''); await page.locator('#t').press('Control+V'); const pasted = await page.locator('#t').inputValue();`;
  const look = `await page.goto('/'); ${paste} const cached = await page.evaluate(() => fetch('/cached').then((r) => r.text()));
    const other = await context.newPage(); const status = (await other.goto('/private').catch(() => null))?.status(); await other.close();
    const found = { ...(await page.evaluate(${state})), cached, pasted, entered: status === 200, pages: context.pages().length };`;
  const run = async (body: string) =>
    (
      await runBundle(
        runner,
        `const { test } = require('@playwright/test'); test('t', async ({ browser }) => { ${body} });`,
        { url },
      )
    ).run;
  const plain = `const context = await browser.newContext(), page = await context.newPage();`;
  const first =
    await run(`const context = await browser.newContext({ httpCredentials: { username: 'a', password: 'b' }, permissions: ['geolocation'] });
    const page = await context.newPage(); await page.goto('/'); await page.evaluate(${plant}); await page.locator('#t').selectText(); await page.keyboard.press('Control+C'); ${look} await context.newPage(); throw new Error(JSON.stringify(found));`);
  const second = await run(`${plain} ${look} throw new Error(JSON.stringify(found));`);
  const planted = JSON.parse(String(first.error?.message)) as Record<string, unknown>;
  const left = JSON.parse(String(second.error?.message)) as Record<string, unknown>;
  assert.notEqual(left.cached, planted.cached);
  assert.deepEqual(
    { ...planted, cached: '' },
    {
      cookie: 'a=planted',
      local: 'planted',
      session: 'planted',
      window: 'planted',
      databases: 1,
      caches: 1,
      workers: 1,
      permission: 'granted',
      files: 1,
      cached: '',
      pasted: 'planted',
      entered: true,
      pages: 1,
    },
  );
  assert.deepEqual(
    { ...left, cached: '' },
    {
      cookie: '',
      local: null,
      session: null,
      window: '',
      databases: 0,
      caches: 0,
      workers: 0,
      permission: 'prompt',
      files: 0,
      cached: '',
      pasted: '',
      entered: false,
      pages: 1,
    },
  );
});
