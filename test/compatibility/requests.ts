export const requests: Record<string, string> = {
  'requests: methods': `
    test('each', async ({ request }) => {
      for (const method of ['get', 'post', 'put', 'patch', 'delete'] as const) {
        const told = await (await request[method]('/echo?a=1', { params: { b: '2' } })).json();
        expect([told.method, told.url]).toEqual([method.toUpperCase(), '/echo?a=1&b=2']);
      }
    });
    test('head and fetch', async ({ request }) => {
      const head = await request.head('/echo');
      expect([head.status(), (await head.body()).length]).toEqual([200, 0]);
      expect((await (await request.fetch('/echo', { method: 'OPTIONS' })).json()).method).toBe('OPTIONS');
      expect(await (await request.fetch('/seen')).text()).toBe('seen');
    });`,

  'requests: bodies': `
    test('JSON', async ({ request }) => {
      const told = await (await request.post('/echo', { data: { a: [1, 'é'] } })).json();
      expect([told.headers['content-type'], JSON.parse(told.body)]).toEqual(['application/json', { a: [1, 'é'] }]);
    });
    test('form', async ({ request }) => {
      const told = await (await request.post('/echo', { form: { user: 'a b', n: 1 } })).json();
      expect([told.headers['content-type'], told.body]).toEqual(['application/x-www-form-urlencoded', 'user=a+b&n=1']);
    });
    test('multipart', async ({ request }) => {
      const told = await (await request.post('/echo', { multipart: { title: 'x', file: { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('inside') } } })).json();
      expect(told.headers['content-type']).toMatch(/^multipart\\/form-data; boundary=/);
      expect(told.body).toContain('filename="a.txt"');
      expect(told.body).toContain('inside');
    });
    test('form data', async ({ request }) => {
      const form = new FormData();
      form.set('user', 'x'); form.append('file', new File(['hello'], 'f.txt', { type: 'text/plain' }));
      expect((await (await request.post('/echo', { multipart: form })).json()).body).toContain('hello');
    });
    test('bytes and text', async ({ request }) => {
      expect((await (await request.post('/echo', { data: Buffer.from('raw') })).json()).body).toBe('raw');
      expect((await (await request.post('/echo', { data: 'text', headers: { 'content-type': 'text/plain' } })).json()).headers['content-type']).toBe('text/plain');
    });`,

  'requests: answers and failures': `
    test('a status is no failure', async ({ request }) => {
      const answer = await request.get('/broken');
      expect([answer.status(), answer.ok(), answer.statusText(), answer.headers()['content-type']]).toEqual([500, false, 'Internal Server Error', 'text/html']);
      await expect(answer).not.toBeOK();
    });
    test('unless it is said', async ({ request }) => { await request.get('/none', { failOnStatusCode: true }); });
    test('toBeOK', async ({ request }) => { await expect(await request.get('/broken')).toBeOK(); });
    test('no such host answers', async ({ request }) => { await request.get('http://127.0.0.1:1/'); });
    test('a time-out', async ({ request }) => { await request.get('/slow', { timeout: 200 }); });
    test('a disposed answer', async ({ request }) => { const answer = await request.get('/seen'); await answer.dispose(); await answer.text(); });`,

  'requests: redirects': `
    test('are followed', async ({ request }) => { const answer = await request.get('/again'); expect(new URL(answer.url()).pathname).toBe('/echo'); });
    test('or not', async ({ request }) => { const answer = await request.get('/again', { maxRedirects: 0 }); expect([answer.status(), answer.headers().location]).toEqual([302, '/again-too']); });
    test('or too few', async ({ request }) => { await request.get('/again', { maxRedirects: 1 }); });`,

  'requests: cookies and headers': `
    test.use({ extraHTTPHeaders: { 'x-by': 'use' } });
    test('of the fixture', async ({ request }) => {
      await request.get('/seen');
      const told = await (await request.get('/echo', { headers: { 'x-more': '1' } })).json();
      expect([told.headers.cookie, told.headers['x-by'], told.headers['x-more']]).toEqual(['seen=yes', 'use', '1']);
      expect((await request.storageState()).cookies.map((c) => c.name)).toEqual(['seen']);
    });
    test('are not those of another test', async ({ request }) => { expect((await (await request.get('/echo')).json()).headers.cookie).toBeUndefined(); });
    test('are shared with the context', async ({ page, context }) => {
      await page.request.get('/seen');
      expect((await context.cookies()).map((c) => c.name)).toEqual(['seen']);
      await page.goto('/echo');
      expect(await page.locator('body').textContent()).toContain('seen=yes');
      await context.addCookies([{ name: 'mine', value: '1', url: page.url() }]);
      expect((await (await context.request.get('/echo')).json()).headers.cookie).toBe('seen=yes; mine=1');
    });`,

  'requests: contexts of their own': `
    import { test, expect, request as apiRequest, type APIRequestContext } from '@playwright/test';
    let api: APIRequestContext;
    test.beforeAll(async ({ playwright, baseURL }) => { api = await playwright.request.newContext({ baseURL: baseURL + '/', extraHTTPHeaders: { authorization: 'token' } }); });
    test.afterAll(async () => { await api.dispose(); });
    test('one', async () => { expect((await (await api.get('echo')).json()).headers.authorization).toBe('token'); });
    test('imported', async ({ baseURL }) => {
      const other = await apiRequest.newContext({ baseURL });
      expect((await other.get('/seen')).status()).toBe(200);
      const state = await other.storageState();
      const third = await apiRequest.newContext({ baseURL, storageState: state });
      expect((await (await third.get('/echo')).json()).headers.cookie).toBe('seen=yes');
    });
    test('after disposal', async () => { const gone = await apiRequest.newContext(); await gone.dispose(); await gone.get('http://127.0.0.1:1/'); });`,

  'requests: basic authentication': `
    test('without', async ({ request }) => { expect((await request.get('/locked')).status()).toBe(401); });
    test.describe('with', () => {
      test.use({ httpCredentials: { username: 'demo', password: 'secret' } });
      test('request', async ({ request }) => { expect((await request.get('/locked')).status()).toBe(200); });
      test('page', async ({ page }) => { await page.goto('/locked'); await expect(page.getByRole('heading')).toHaveText('Unlocked'); });
    });
    test.describe('wrong', () => {
      test.use({ httpCredentials: { username: 'demo', password: 'wrong' } });
      test('page', async ({ page }) => { expect((await page.goto('/locked'))?.status()).toBe(401); });
    });`,

  'requests: TLS and client certificates': `
    const secure = process.env.SECURE_URL ?? '';
    const own = { origin: secure, cert: Buffer.from(process.env.CLIENT_CERT ?? ''), key: Buffer.from(process.env.CLIENT_KEY ?? '') };
    test.describe('a certificate that nobody knows', () => {
      test.use({ clientCertificates: [own] });
      test('is refused', async ({ request }) => { await request.get(secure + '/seen'); });
    });
    test.describe('ignored', () => {
      test.use({ ignoreHTTPSErrors: true });
      test('without one of its own', async ({ request }) => { await request.get(secure + '/seen'); });
      test.describe('with one', () => {
        test.use({ clientCertificates: [own] });
        test('is let in', async ({ request }) => { expect(await (await request.get(secure + '/seen')).text()).toBe('seen'); });
        test('a context of its own', async ({ playwright }) => {
          const api = await playwright.request.newContext({ ignoreHTTPSErrors: true, clientCertificates: [own] });
          expect((await api.get(secure + '/seen')).ok()).toBe(true);
        });
      });
    });`,

  'a request in hooks': `
    test.beforeAll(async ({ request }) => { expect((await request.get('/seen')).ok()).toBe(true); });
    test.beforeEach(async ({ request }) => { await request.get('/seen'); });
    test('shares the cookies of its test', async ({ request }) => { expect((await (await request.get('/echo')).json()).headers.cookie).toBe('seen=yes'); });
    test.afterAll(async ({ request }) => { expect((await (await request.get('/echo')).json()).headers.cookie).toBeUndefined(); });`,
};
