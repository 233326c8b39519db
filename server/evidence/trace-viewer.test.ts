import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import Koa from 'koa';
import { send } from '../build-client.ts';
import { securityHeaders } from '../http/security-headers.ts';
import { traceViewer } from './trace-viewer.ts';

const server = createServer(new Koa().use(securityHeaders()).use(traceViewer()).callback());
before(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
after(() => server.close());

async function get(path: string) {
  const { port } = server.address() as AddressInfo;
  const { status, body, headers } = await send(`http://127.0.0.1:${port}`, { path, agent: false });
  return { status, text: body.toString(), headers };
}

test('the trace viewer is served with a policy of its own, and all that its page names is there', async () => {
  const page = await get('/trace-viewer/');
  assert.equal(page.status, 200);
  const named = [...page.text.matchAll(/(?:src|href)="\.\/([^"]+)"/g)].map(([, file = '']) => file);
  assert.ok(named.length >= 5, named.join());
  for (const file of named) assert.equal((await get(`/trace-viewer/${file}`)).status, 200, file);
  assert.match(
    String(page.headers['content-security-policy']),
    /script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline';.*connect-src 'self';/,
  );
});

test('its service worker seals what it makes of a trace, and reaches its own path alone', async () => {
  const worker = await get('/trace-viewer/sw.bundle.js');
  assert.ok(
    worker.text.indexOf('respondSealed') < worker.text.indexOf('addEventListener(`fetch`'),
    'the seal stands first',
  );
  assert.equal(worker.headers['service-worker-allowed'], undefined);
});

test('nothing else of the package is served', async () => {
  for (const path of ['../../../package.json', '..%2f..%2findex.js', 'assets', 'nothing.js', '%00.js'])
    assert.equal((await get(`/trace-viewer/${path}`)).status, 404, path);
  assert.equal((await get('/trace-viewerindex.html')).status, 404);
});
