import assert from 'node:assert/strict';
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import type { lookup } from 'node:dns';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { DetailedRunner } from '../../sentinel/runner/runner.ts';
import { buildRunner, runBundle } from '../run-script.ts';
import { usersBrowser } from '../thrifty-browser.ts';

/*
 * Every way a page or script has to reach a host, tried towards real listeners that must hear nothing. The same way towards
 * the host that is listed shows that it was a way at all.
 */

let allowed: Server;
let denied: Server;
let deniedOverIPv6: Server;
let stun: Datagrams;
let runner: DetailedRunner;
const heard = { allowed: [] as string[], denied: 0, datagrams: 0 };
/** Names that a name server was asked for. */
const resolved: string[] = [];

/** Stands in for a name server: `shop.example` is this machine, as an attacker's name would be in the end. */
const resolve = ((host: string, _: object, done: (error: Error | null, found: object[]) => void) => {
  resolved.push(host);
  if (host === 'localhost') return done(null, [{ address: '127.0.0.1', family: 4 }]);
  if (host === 'shop.example')
    return done(null, [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ]);
  done(Object.assign(new Error('no such name'), { syscall: 'getaddrinfo' }), []);
}) as typeof lookup;

const portOf = (server: Server) => (server.address() as AddressInfo).port;

before(async () => {
  allowed = createServer(({ url = '' }, answer) => {
    heard.allowed.push(url.split('?')[0] ?? '');
    const to = new URLSearchParams(url.split('?')[1]).get('to');
    if (url.startsWith('/redirect')) return void answer.writeHead(302, { location: to ?? '' }).end();
    if (url.startsWith('/worker')) {
      answer.setHeader('content-type', 'text/javascript');
      return void answer.end(
        `onmessage = ({ data, ports: [port] }) => fetch(data, { mode: 'no-cors' }).then(() => port.postMessage('reached'), (e) => port.postMessage(String(e)));`,
      );
    }
    answer.setHeader('content-type', 'text/html').end('<title>shop</title><body></body>');
  });
  allowed.on('upgrade', (_, socket) => {
    heard.allowed.push('web socket');
    socket.destroy();
  });
  denied = createServer((_, answer) => answer.end('private')).on('connection', () => heard.denied++);
  deniedOverIPv6 = createServer((_, answer) => answer.end('private')).on('connection', () => heard.denied++);
  stun = createSocket('udp4', () => heard.datagrams++);
  await new Promise<void>((done) => allowed.listen(0, '127.0.0.1', done));
  await new Promise<void>((done) => denied.listen(0, '127.0.0.1', done));
  await new Promise<void>((done) => deniedOverIPv6.listen(portOf(denied), '::1', done));
  await new Promise<void>((done) => stun.bind(portOf(denied), '127.0.0.1', done));
  runner = await buildRunner({ resolve }, { browser: usersBrowser });
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  for (const server of [allowed, denied, deniedOverIPv6]) server.close();
  stun.close();
});

/** Ways as code; each tries `to`, and resolves however that goes. In a page of the allowed host, but for those that begin with `page.`. */
const inPage: Record<string, string> = {
  fetch: `await fetch(to, { mode: 'no-cors' })`,
  XMLHttpRequest: `await new Promise((done) => { const x = new XMLHttpRequest(); x.open('GET', to); x.onloadend = done; x.send(); })`,
  beacon: `navigator.sendBeacon(to); await wait(300)`,
  image: `await new Promise((done) => { const i = new Image(); i.onload = i.onerror = done; i.src = to; })`,
  frame: `await new Promise((done) => { const f = document.createElement('iframe'); f.onload = done; f.src = to; document.body.append(f); })`,
  'web socket': `await new Promise((done) => { const w = new WebSocket(to.replace('http', 'ws')); w.onopen = w.onerror = done; })`,
  'event source': `await new Promise((done) => { const e = new EventSource(to); e.onopen = e.onerror = done; })`,
  preload: `const l = document.createElement('link'); l.rel = 'preload'; l.as = 'fetch'; l.href = to; document.head.append(l); await wait(300)`,
  prefetch: `const l = document.createElement('link'); l.rel = 'prefetch'; l.href = to; document.head.append(l); await wait(300)`,
  preconnect: `const l = document.createElement('link'); l.rel = 'preconnect'; l.href = to; document.head.append(l); await wait(300)`,
  'dns-prefetch': `const l = document.createElement('link'); l.rel = 'dns-prefetch'; l.href = to; document.head.append(l); await wait(300)`,
  form: `const f = document.createElement('form'); f.action = to; f.method = 'post'; f.target = 'elsewhere'; const i = document.createElement('iframe'); i.name = 'elsewhere'; document.body.append(i, f); await new Promise((done) => { i.onload = done; f.submit(); })`,
  redirect: `await fetch('/redirect?to=' + encodeURIComponent(to), { mode: 'no-cors' })`,
  'service worker': `const r = await navigator.serviceWorker.register('/worker'); await navigator.serviceWorker.ready; const c = new MessageChannel(); const told = new Promise((done) => { c.port1.onmessage = done; }); r.active.postMessage(to, [c.port2]); await told`,
  'web worker': `const w = new Worker(URL.createObjectURL(new Blob(["onmessage = ({ data }) => fetch(data, { mode: 'no-cors' }).finally(() => postMessage(1))"]))); await new Promise((done) => { w.onmessage = done; w.postMessage(to); })`,
  WebRTC: `const c = new RTCPeerConnection({ iceServers: [{ urls: 'stun:' + new URL(to).host }, { urls: 'turn:' + new URL(to).host + '?transport=tcp', username: 'a', credential: 'b' }] }); c.createDataChannel('x'); await c.setLocalDescription(await c.createOffer()); await wait(700); c.close()`,
  WebTransport: `await new WebTransport(to.replace('http:', 'https:')).ready`,
};
const inScript: Record<string, string> = {
  goto: `await page.goto(to)`,
  'goto, redirected': `await page.goto('/redirect?to=' + encodeURIComponent(to))`,
  popup: `await page.goto('/'); const popup = page.waitForEvent('popup'); await page.evaluate((to) => { open(to); }, to); await (await popup).waitForLoadState()`,
  request: `await page.request.get(to, { timeout: 3000 })`,
  'request, redirected': `await page.request.get('/redirect?to=' + encodeURIComponent(to), { timeout: 3000 })`,
};

test('only the listed host and port is reached, whatever way is taken; what was denied is told with the run', async () => {
  const port = portOf(denied);
  const forbidden = [
    `http://127.0.0.1:${port}`,
    `http://[::1]:${port}`,
    `http://shop.example:${port}`,
    `http://localhost:${port}`,
  ];
  const { run } = await runBundle(
    runner,
    script([`http://127.0.0.1:${portOf(allowed)}/yes`, ...forbidden.map((to) => `${to}/no`)]),
    {
      url: `http://127.0.0.1:${portOf(allowed)}`,
      hosts: [`127.0.0.1:${portOf(allowed)}`, 'shop.example'],
      timeoutMs: 120_000,
    },
  );
  assert.equal(run.outcome, 'passed', String(run.error?.message));
  assert.equal(heard.denied, 0, 'connections to a host that is not listed');
  assert.equal(heard.datagrams, 0, 'datagrams');
  assert.deepEqual([...new Set(resolved)], ['shop.example'], 'only names that are listed are looked up');
  const hosts = forbidden.map((to) => new URL(to).host);
  assert.deepEqual(run.deniedHosts?.toSorted(), [...hosts, `elsewhere.example:${port}`].sort());
  const ways = Object.keys(inPage).length + Object.keys(inScript).length;
  // Some ways end before there is a request (a look-up, a connection, a handshake); all others came where they may.
  const silent = ['preconnect', 'dns-prefetch', 'WebRTC', 'WebTransport'].length;
  const arrived = heard.allowed.filter((path) => path === '/yes' || path === 'web socket').length;
  assert.equal(arrived, ways - silent, heard.allowed.join(' '));
});

test('the headless shell sends no datagrams past the gate either', async () => {
  await using shell = await buildRunner({}, { browser: 'headless-shell' });
  const { run } = await runBundle(shell, script([`http://127.0.0.1:${portOf(denied)}`], /WebRTC/), {
    url: `http://127.0.0.1:${portOf(allowed)}`,
  });
  assert.match(String(run.browser), /Headless/);
  assert.deepEqual([heard.datagrams, heard.denied], [0, 0]);
});

test('a name that resolves to this machine is denied although it is listed, also when it did not before', async () => {
  let asked = 0;
  const rebinding = ((_: string, __: object, done: (error: Error | null, found: object[]) => void) => {
    asked++;
    done(null, [{ address: asked === 1 ? '192.0.2.1' : '127.0.0.1', family: 4 }]);
  }) as typeof lookup;
  await using other = await buildRunner({ resolve: rebinding }, { browser: usersBrowser });
  const before = heard.denied;
  const source = `const { test } = require('@playwright/test');
test('rebound', async ({ page }) => {
  const to = 'http://shop.example:${portOf(denied)}/';
  const first = page.goto(to, { timeout: 1000 }).catch(() => {});
  await first;
  for (let i = 0; i < 3; i++) await page.goto(to).then(() => { throw 'reached'; }, () => {});
});`;
  const { run } = await runBundle(other, source, {
    url: `http://shop.example:${portOf(denied)}`,
    hosts: ['shop.example'],
  });
  assert.equal(run.outcome, 'passed', String(run.error?.message));
  assert.ok(asked > 1);
  assert.equal(heard.denied, before);
  assert.deepEqual(run.deniedHosts, [`shop.example:${portOf(denied)}`]);
});

/** The first two targets are tried in every way that `which` names, the others in a few. */
function script(targets: string[], which = /./): string {
  const few = /^(fetch|web socket|goto|request)$/;
  const wanted = (ways: Record<string, string>) => Object.entries(ways).filter(([name]) => which.test(name));
  const unless = (name: string) => (few.test(name) ? '' : 'if (!short) ');
  const pageWays = wanted(inPage).map(
    ([name, code]) =>
      `${unless(name)}await way(${JSON.stringify(name)}, () => page.evaluate(async (to) => { const wait = (ms) => new Promise((done) => setTimeout(done, ms)); ${code} }, to));`,
  );
  const scriptWays = wanted(inScript).map(
    ([name, code]) => `${unless(name)}await way(${JSON.stringify(name)}, async () => { ${code} });`,
  );
  return `const { test } = require('@playwright/test');
test.setTimeout(110_000);
test('every way', async ({ context }) => {
  const way = (name, go) => Promise.race([go(), new Promise((done) => setTimeout(done, 4000))]).catch(() => {});
  context.setDefaultTimeout(3000);
  const every = ${JSON.stringify(targets)};
  for (const to of every) {
    const page = await context.newPage();
    await page.goto('/');
    const short = to !== every[0] && to !== every[1];
    ${pageWays.join('\n    ')}
    ${scriptWays.join('\n    ')}
  }
  await (await context.newPage()).goto('http://elsewhere.example:${portOf(denied)}/').catch(() => {});
});
`;
}
