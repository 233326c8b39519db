import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import Koa from 'koa';
import { send } from './build-client.ts';
import { consoleFiles } from './console-files.ts';
import { packAnswers } from './http/pack-answers.ts';
import { securityHeaders } from './http/security-headers.ts';

async function buildSite(files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-console-'));
  mkdirSync(join(folder, 'dist', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'secret'), 'outside');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, 'dist', name), content);
  const koa = new Koa()
    .use(securityHeaders())
    .use(packAnswers())
    .use(await consoleFiles(join(folder, 'dist')));
  const server = createServer(koa.callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    folder: join(folder, 'dist'),
    async get(path: string, headers: Record<string, string> = {}) {
      const answer = await send(`http://127.0.0.1:${port}`, { path, headers, agent: false });
      return {
        status: answer.status,
        text: answer.body.toString(),
        cache: answer.headers['cache-control'],
        type: answer.headers['content-type'],
        policy: String(answer.headers['content-security-policy']),
        packing: answer.headers['content-encoding'],
      };
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}

const built = { 'index.html': '<title>Vedette</title>', 'assets/app-1a2b.js': 'export {}' };

test('files named by their content may be kept for ever, the page is asked for each time', async () => {
  await using site = await buildSite(built);
  const script = await site.get('/assets/app-1a2b.js');
  assert.deepEqual([script.status, script.text], [200, 'export {}']);
  assert.equal(script.cache, 'public, max-age=31536000, immutable');
  assert.equal(script.type, 'text/javascript; charset=utf-8');
  assert.equal((await site.get('/')).cache, 'no-store');
});

test('the page and its policy share a word by which its own style elements are known, another one each time', async () => {
  await using site = await buildSite({ ...built, 'index.html': '<meta property="csp-nonce" nonce="STYLE-NONCE">' });
  const [first, second] = [await site.get('/'), await site.get('/')];
  for (const { text, policy } of [first, second]) {
    const [, nonce = 'none'] = /nonce="([\w-]{22})"/.exec(text) ?? [];
    assert.ok(policy.includes(`style-src 'self' 'nonce-${nonce}';`), policy);
  }
  assert.notEqual(first.text, second.text);
  assert.doesNotMatch((await site.get('/assets/app-1a2b.js')).policy, /nonce|unsafe/);
});

test('what is text goes packed to who can unpack it', async () => {
  await using site = await buildSite({ ...built, 'assets/font-1a2b.woff2': 'packed already' });
  assert.equal((await site.get('/assets/app-1a2b.js', { 'accept-encoding': 'gzip' })).packing, 'gzip');
  assert.equal((await site.get('/assets/app-1a2b.js', { 'accept-encoding': 'identity' })).packing, undefined);
  assert.equal((await site.get('/assets/font-1a2b.woff2', { 'accept-encoding': 'gzip' })).packing, undefined);
});

test('a build that replaces the files is served from the next start on, never half', async () => {
  await using site = await buildSite(built);
  rmSync(site.folder, { recursive: true });
  assert.equal((await site.get('/assets/app-1a2b.js')).text, 'export {}');
});

test('every address of the console gets its page; a file that is not there does not', async () => {
  await using site = await buildSite(built);
  assert.equal((await site.get('/c/1/monitors/2?from=3')).text, built['index.html']);
  assert.equal((await site.get('/c/1/scripts/shop.spec.ts')).text, built['index.html']);
  assert.equal((await site.get('/assets/app-0000.js')).status, 404);
  assert.equal((await site.get('/certs/ca.crt')).status, 404);
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
