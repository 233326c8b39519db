import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Koa from 'koa';
import { consoleFiles } from './console-files.ts';

async function buildSite(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-console-'));
  mkdirSync(join(folder, 'dist', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret'), 'outside');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, 'dist', name), content);
  const koa = new Koa().use(await consoleFiles(join(folder, 'dist')));
  const server = createServer(koa.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    async get(path: string) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`);
      return {
        status: answer.status,
        text: await answer.text(),
        cache: answer.headers.get('cache-control'),
        type: answer.headers.get('content-type'),
      };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

const built = { 'index.html': '<title>Vedette</title>', 'assets/app-1a2b.js': 'export {}' };

test('files named by their content may be kept for ever, the page is asked for each time', async () => {
  await using site = await buildSite(built);
  const script = await site.get('/assets/app-1a2b.js');
  assert.deepEqual(script, {
    ...{ status: 200, text: 'export {}', cache: 'public, max-age=31536000, immutable' },
    type: 'text/javascript; charset=utf-8',
  });
  assert.equal((await site.get('/')).cache, 'no-cache');
});

test('every address of the console gets its page; a file that is not there does not', async () => {
  await using site = await buildSite(built);
  assert.equal((await site.get('/c/1/monitors/2?from=3')).text, built['index.html']);
  assert.equal((await site.get('/assets/app-0000.js')).status, 404);
  assert.equal((await site.get('/api/v1/nothing')).status, 404);
});

test('no path leads out of the folder', async () => {
  await using site = await buildSite(built);
  for (const path of ['/../secret', '/%2e%2e/secret', '/..%2fsecret', '/assets/../../secret', '//secret', '/%00']) {
    assert.doesNotMatch((await site.get(path)).text, /outside/, path);
  }
});

test('a console that was not built says how to build it', async () => {
  await using site = await buildSite({});
  const { status, text } = await site.get('/');
  assert.equal(status, 503);
  assert.match(text, /npm run setup/);
});
