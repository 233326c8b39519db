import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { after, before, test } from 'node:test';
import { buildCertificate } from '../../../certs/build-certificates.ts';
import { buildRunner, runScript } from '../../../test/run-script.ts';
import type { PageLoad, TransactionResult } from '../../protocol/messages.ts';
import type { DetailedRunner } from '../runner.ts';

const picture = 5000;
const answerMs = 200;
const handshakeMs = 150;
let runner: DetailedRunner;

before(async () => {
  runner = await buildRunner();
});
after(() => runner[Symbol.asyncDispose]());

test('a transaction tells of the documents its pages loaded, with all their requests, and of nothing else', async () => {
  await using other = await site(createServer(otherSite));
  const elsewhere = `http://localhost:${other.port}`;
  await using own = await site(createServer(ownSite(elsewhere)));
  const url = `http://127.0.0.1:${own.port}`;
  const source = script(`
    await test.step('Open', async () => { await page.goto('/first?token=secret#part'); });
    await test.step('In the page', async () => {
      await page.getByRole('button').click();
      await expect(page.getByRole('heading', { name: 'answered' })).toBeVisible();
    });
    await test.step('Follow', async () => {
      await page.getByRole('link').click();
      await expect(page.getByRole('heading', { name: 'second' })).toBeVisible();
    });
    await test.step('Back', async () => { await page.goBack(); });
    await test.step('Faked', async () => {
      await page.route('**/faked', (route) => route.fulfill({ contentType: 'text/html', body: '<h1>faked</h1>' }));
      await page.goto('/faked');
    });
    await test.step('Request', async () => { await request.get('/data'); });`);
  const hosts = [new URL(url).host, new URL(elsewhere).host];
  const { run } = await runScript(runner, { source }, { url, hosts });
  assert.equal(run.outcome, 'passed', String(run.error?.message));
  const [open, inPage, follow, back, faked, request] = run.transactions;
  assert.deepEqual([inPage?.pageLoads, request?.pageLoads], [undefined, undefined]);

  const first = onlyLoadOf(open);
  assert.equal(first.url, `${url}/landed`);
  // The redirect, the document, a picture of another site, a frame of another site and the picture in it.
  assert.equal(first.requests, 5);
  assert.ok(first.bytes > 2 * picture && first.bytes < 3 * picture, `${first.bytes} bytes`);
  assert.ok(first.connectUs !== undefined);
  assert.deepEqual([first.dnsUs, first.tlsUs], [undefined, undefined], 'of an address, without TLS');

  const second = onlyLoadOf(follow);
  assert.equal(second.url, `${url}/second`);
  assert.deepEqual([second.requests, second.connectUs], [1, undefined], 'the open connection was used again');

  assert.equal(onlyLoadOf(back).url, `${url}/landed`);
  assert.equal(onlyLoadOf(faked).connectUs, undefined, 'what the script answers itself comes over no connection');
});

test('name, connection and handshake are timed at the gate, once for a connection', async () => {
  await using site = await slowTlsSite();
  const url = `https://localhost:${site.port}`;
  const source = script(`
    await test.step('Open', async () => { await page.goto('/'); });
    await test.step('Again', async () => { await page.goto('/again'); });`);
  const { run } = await runScript(runner, { source }, { url, use: { ignoreHTTPSErrors: true } });
  assert.equal(run.outcome, 'passed', String(run.error?.message));
  const open = onlyLoadOf(run.transactions[0]);
  const { dnsUs = 0, connectUs = 0, tlsUs = 0, firstByteUs = 0 } = open;
  assert.ok(dnsUs > 0 && connectUs > 0, `name ${dnsUs} µs, connection ${connectUs} µs`);
  assert.ok(tlsUs >= handshakeMs * 1000, `handshake ${tlsUs} µs`);
  assert.ok(firstByteUs >= tlsUs + answerMs * 1000, `first byte ${firstByteUs} µs, of which handshake ${tlsUs} µs`);
  const again = onlyLoadOf(run.transactions[1]);
  assert.deepEqual([again.dnsUs, again.connectUs, again.tlsUs], [undefined, undefined, undefined]);
  assert.ok((again.firstByteUs ?? 0) >= answerMs * 1000);
});

/** A transaction's one page load, whose times are in order and lie where they must. */
function onlyLoadOf(transaction: TransactionResult | undefined): PageLoad {
  assert.equal(transaction?.pageLoads?.length, 1);
  const [load] = transaction.pageLoads as [PageLoad];
  const { firstByteUs = 0, domReadyUs = 0, loadUs = 0, largestPaintUs = 0 } = load;
  assert.ok(firstByteUs > 0 && firstByteUs <= domReadyUs && domReadyUs <= loadUs, JSON.stringify(load));
  assert.ok(largestPaintUs === 0 || largestPaintUs >= firstByteUs, JSON.stringify(load));
  assert.ok(load.startUs >= transaction.startUs && load.startUs <= transaction.startUs + transaction.durationUs);
  return load;
}

function script(body: string): string {
  return `import { test, expect } from '@playwright/test';\ntest('T', async ({ page, request }) => {\n${body}\n});\n`;
}

function ownSite(elsewhere: string): RequestListener {
  const document = (body: string) => `<!doctype html><link rel="icon" href="data:,">${body}`;
  const landed = `<h1>landed</h1><img src="${elsewhere}/picture.svg"><iframe src="${elsewhere}/frame"></iframe>
    <button onclick="fetch('/data').then(() => document.querySelector('h1').textContent = 'answered')">Ask</button>
    <a href="/second?token=secret">on</a>`;
  return ({ url = '' }, response) => {
    if (url.startsWith('/first')) return void response.writeHead(302, { location: '/landed?x=1' }).end();
    response.setHeader('content-type', 'text/html');
    if (url.startsWith('/landed')) response.end(document(landed));
    else if (url.startsWith('/second')) response.end(document('<h1>second</h1>'));
    else response.end('data');
  };
}

const otherSite: RequestListener = ({ url }, response) => {
  if (url === '/frame') return void response.setHeader('content-type', 'text/html').end('<img src="/inner.svg">');
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"></svg>';
  response.setHeader('content-type', 'image/svg+xml').setHeader('cache-control', 'no-store').end(svg.padEnd(picture));
};

/** A site that takes its time for an answer, behind a wire that takes its time for the server's first word. */
async function slowTlsSite() {
  const { certPem: cert, keyPem: key } = await buildCertificate();
  const answer: RequestListener = (_, response) => {
    setTimeout(() => response.setHeader('content-type', 'text/html').end('<h1>slow</h1>'), answerMs);
  };
  const server = await site(createTlsServer({ cert, key }, answer));
  const wire = createTcpServer((client) => {
    const upstream = connect(server.port, '127.0.0.1');
    client.pipe(upstream);
    upstream.once('data', (first) => {
      upstream.pause();
      setTimeout(() => {
        client.write(first);
        upstream.pipe(client);
      }, handshakeMs);
    });
    for (const [one, two] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => two.destroy()).on('close', () => two.destroy());
  });
  const { port, close } = await site(wire);
  return {
    port,
    async [Symbol.asyncDispose]() {
      await Promise.all([close(), server.close()]);
    },
  };
}

async function site(server: Server | TcpServer) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    if ('closeAllConnections' in server) server.closeAllConnections();
    await closed;
  };
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}
