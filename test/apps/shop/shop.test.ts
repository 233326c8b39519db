import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ShopOptions, startShop } from './shop.ts';

const password = 'correct horse';

test('a visitor signs in, finds a tea, orders it and signs out, and the shop has counted it', async () => {
  await using shop = await startShop({ password });
  const visitor = buildVisitor(shop.url);
  assert.match(await visitor.get('/'), /<button>Sign in<\/button>/);
  assert.match(await visitor.post('/login', { user: 'demo', password }), /<h1>Welcome, demo<\/h1>/);
  assert.match(await visitor.get('/search?q=green+sencha'), /1 product</);
  assert.match(await visitor.post('/basket', { product: 'sencha' }), /Checkout/);
  assert.match(await visitor.get('/checkout'), /Place order/);
  assert.match(await visitor.post('/order', { reference: 'run 7' }), /Thank you for your order/);
  assert.match(await visitor.post('/logout', {}), /Your account/);
  const { logins, failedLogins, searches, checkoutsFinished, signOuts, orders } = shop.truth();
  assert.deepEqual({ logins, failedLogins, searches, checkoutsFinished, signOuts }, once);
  assert.deepEqual(
    orders.map(({ at: _, ...order }) => order),
    [{ number: 'LK-1001', user: 'demo', reference: 'run 7', cents: 1150 }],
  );
});

const once = { logins: 1, failedLogins: 0, searches: 1, checkoutsFinished: 1, signOuts: 1 };

test('a wrong password is refused and counted', async () => {
  await using shop = await startShop({ password });
  assert.match(await buildVisitor(shop.url).post('/login', { user: 'demo', password: 'guess' }), /is not right/);
  assert.equal(shop.truth().failedLogins, 1);
  assert.equal(shop.truth().logins, 0);
});

test('who has not signed in is sent to the sign-in page', async () => {
  await using shop = await startShop({ password });
  for (const path of ['/catalogue', '/search?q=tea', '/basket', '/checkout', '/orders/LK-1001']) {
    assert.match(await buildVisitor(shop.url).get(path), /Your account/, path);
  }
});

test('a session id from before sign-in opens nothing', async () => {
  await using shop = await startShop({ password });
  const visitor = buildVisitor(shop.url);
  await visitor.get('/');
  const planted = visitor.cookie();
  await visitor.post('/login', { user: 'demo', password });
  const answer = await fetch(`${shop.url}/catalogue`, { headers: { cookie: planted }, redirect: 'manual' });
  assert.equal(answer.status, 303);
});

test('an order can be recognised by the reference of its session', async () => {
  await using shop = await startShop({ password });
  const visitor = await buildBuyer(shop.url);
  await visitor.get('/catalogue?reference=run-8');
  assert.match(await visitor.get('/checkout'), /value="run-8"/);
  await visitor.post('/order', {});
  assert.deepEqual(
    shop.truth().orders.map((order) => order.reference),
    ['run-8'],
  );
});

test('an order is shown to its own visitor alone', async () => {
  await using shop = await startShop({ password, users: { eve: 'x' } });
  const visitor = await buildBuyer(shop.url);
  await visitor.post('/order', {});
  const eve = buildVisitor(shop.url);
  await eve.post('/login', { user: 'eve', password: 'x' });
  assert.match(await eve.get('/orders/LK-1001'), /Not here/);
});

test('what visitors type is shown as text, not as HTML', async () => {
  await using shop = await startShop({ password });
  const visitor = await buildBuyer(shop.url);
  assert.match(await visitor.get('/search?q=%3Cscript%3E%22'), /Results for “&lt;script&gt;&quot;”/);
});

test('pages bring a stylesheet, a script and pictures', async () => {
  await using shop = await startShop({ password });
  const types = ['/shop.css', '/shop.js', '/favicon.svg', '/pictures/teapot.svg'].map(async (path) => {
    const answer = await fetch(shop.url + path);
    assert.ok((await answer.text()).length > 100);
    return answer.headers.get('content-type');
  });
  const script = 'text/javascript; charset=utf-8';
  assert.deepEqual(await Promise.all(types), ['text/css; charset=utf-8', script, 'image/svg+xml', 'image/svg+xml']);
});

test('a delayed page takes at least its delay, by the own measure of the shop too', async () => {
  await using shop = await startShop({ password, delays: { login: 120 } });
  const startedAt = performance.now();
  await buildVisitor(shop.url).post('/login', { user: 'demo', password });
  assert.ok(performance.now() - startedAt >= 119);
  assert.ok((shop.truth().pages.login?.lastMs ?? 0) >= 119);
});

test('every third checkout goes wrong, and the kinds take turns', async () => {
  const faults: ShopOptions['faults'] = [{ page: 'checkout', kind: ['http500', 'brokenElement'], everyNth: 3 }];
  await using shop = await startShop({ password, faults });
  const visitor = await buildBuyer(shop.url);
  const seen: string[] = [];
  for (let i = 0; i < 6; i++) {
    const page = await visitor.get('/checkout');
    seen.push(/Something went wrong/.test(page) ? '500' : /Place order/.test(page) ? 'good' : 'broken');
  }
  assert.deepEqual(seen, ['good', 'good', '500', 'good', 'good', 'broken']);
  assert.deepEqual(shop.truth().checkoutsFailed, { http500: 1, brokenElement: 1, hang: 0 });
  assert.equal(shop.truth().pages.checkout?.asked, 6);
});

test('a failing page answers with HTTP status 500', async () => {
  await using shop = await startShop({ password, faults: [{ page: 'home', kind: 'http500', everyNth: 1 }] });
  assert.equal((await fetch(shop.url)).status, 500);
});

test('a fault by the clock comes and goes', async () => {
  let now = 1_000_000;
  const faults: ShopOptions['faults'] = [{ page: 'home', kind: 'http500', everyMs: 1000, forMs: 400 }];
  await using shop = await startShop({ password, faults, now: () => now });
  const statusAt = async (ms: number) => {
    now = 1_000_000 + ms;
    return (await fetch(shop.url)).status;
  };
  assert.deepEqual(
    [await statusAt(0), await statusAt(399), await statusAt(400), await statusAt(1100)],
    [500, 500, 200, 500],
  );
});

test('switches can be changed while the shop runs', async () => {
  await using shop = await startShop({ password, faults: [{ page: 'home', kind: 'http500', everyNth: 1 }] });
  shop.set({ faults: [] });
  assert.equal((await fetch(shop.url)).status, 200);
  assert.throws(() => shop.set({ faults: [{ page: 'order', kind: 'brokenElement', everyNth: 2 }] }), /brokenElement/);
});

test('a hung answer ends when its visitor goes away', async () => {
  await using shop = await startShop({ password, faults: [{ page: 'home', kind: 'hang', everyNth: 1 }] });
  const visit = new AbortController();
  const answer = assert.rejects(fetch(shop.url, { signal: visit.signal }), { name: 'AbortError' });
  while (shop.truth().faults.home?.hang !== 1) await new Promise(setImmediate);
  visit.abort();
  await answer;
  assert.equal(shop.truth().pages.home?.served, 0);
});

test('a hung answer ends when the shop closes', async () => {
  const shop = await startShop({ password, faults: [{ page: 'home', kind: 'hang', everyNth: 1 }] });
  const answer = assert.rejects(fetch(shop.url), TypeError);
  while (shop.truth().faults.home?.hang !== 1) await new Promise(setImmediate);
  await shop.close();
  await answer;
});

test('the truth can be read over HTTP', async () => {
  await using shop = await startShop({ password });
  await fetch(shop.url);
  assert.deepEqual(await (await fetch(`${shop.url}/truth`)).json(), shop.truth());
});

test('a form that is far too long is refused', async () => {
  await using shop = await startShop({ password });
  const answer = await fetch(`${shop.url}/login`, { method: 'POST', body: 'x'.repeat(20_000) });
  assert.equal(answer.status, 413);
});

test('the data of the single-page application takes as long as its address says', async () => {
  await using shop = await startShop({ password });
  assert.match(await (await fetch(`${shop.url}/spa?d=80`)).text(), /data-spa="80"/);
  const startedAt = performance.now();
  assert.deepEqual(await (await fetch(`${shop.url}/spa/data?d=80`)).json(), { name: 'Sencha' });
  assert.ok(performance.now() - startedAt >= 79);
});

test('a port that is taken is an error', async () => {
  await using shop = await startShop({ password });
  await assert.rejects(startShop({ password, port: shop.port }), { code: 'EADDRINUSE' });
});

/** Follows redirects and keeps its cookie, as a browser does. */
function buildVisitor(url: string) {
  let cookie = '';
  const ask = async (path: string, init: RequestInit = {}): Promise<string> => {
    const answer = await fetch(new URL(path, url), { ...init, headers: { cookie }, redirect: 'manual' });
    cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? cookie;
    const next = answer.headers.get('location');
    const page = await answer.text();
    return next === null ? page : ask(next);
  };
  return {
    get: (path: string) => ask(path),
    post: (path: string, fields: Record<string, string>) =>
      ask(path, { method: 'POST', body: new URLSearchParams(fields) }),
    cookie: () => cookie,
  };
}

/** Signed in as demo, with a tea in the basket. */
async function buildBuyer(url: string) {
  const visitor = buildVisitor(url);
  await visitor.post('/login', { user: 'demo', password });
  await visitor.post('/basket', { product: 'sencha' });
  return visitor;
}
