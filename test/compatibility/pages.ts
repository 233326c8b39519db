export const pages: Record<string, string> = {
  'pages: dialogs, popups, frames, clock, routes': `
    test('all at once', async ({ page, context }) => {
      await page.route('**/made-up', (route) => route.fulfill({ contentType: 'text/html', body: '<title>made up</title><h1>Hi</h1><iframe srcdoc="<button>In frame</button>"></iframe>' }));
      await page.goto('/made-up');
      await expect(page).toHaveTitle('made up');
      await page.frameLocator('iframe').getByRole('button').click();
      page.once('dialog', (dialog) => dialog.accept('yes'));
      expect(await page.evaluate(() => prompt('?'))).toBe('yes');
      const [popup] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => { open('about:blank'); })]);
      expect(context.pages().length).toBe(2);
      await popup.close();
      await page.clock.install({ time: new Date('2020-02-02T10:00:00Z') });
      await page.clock.fastForward('01:00');
      expect(await page.evaluate(() => new Date().getUTCFullYear())).toBe(2020);
      await page.exposeFunction('add', (a: number, b: number) => a + b);
      expect(await page.evaluate(() => (window as any).add(1, 2))).toBe(3);
      await context.addCookies([{ name: 'a', value: '1', url: page.url() }]);
      expect((await context.cookies()).length).toBe(1);
      await page.setContent('<input type=file onchange="out.textContent = this.files[0].name"><p id=out>');
      await page.setInputFiles('input', { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
      await expect(page.locator('p')).toHaveText('a.txt');
    });`,

  'no page is shared, one context is': `
    let shared = '';
    test('first', async ({ page }) => { await page.goto('/'); await page.evaluate(() => localStorage.setItem('a', '1')); shared = 'kept'; });
    test('second', async ({ page }) => { await page.goto('/'); expect(await page.evaluate(() => localStorage.getItem('a'))).toBeNull(); expect(shared).toBe('kept'); });
    test.describe('one page for several tests', () => {
      let page: import('@playwright/test').Page;
      test.beforeAll(async ({ browser }) => { page = await browser.newPage(); await page.setContent('<h1>0</h1>'); });
      test.afterAll(async () => { await page.close(); });
      test('writes', async () => { await page.evaluate(() => { document.querySelector('h1')!.textContent = '1'; }); });
      test('reads', async () => { await expect(page.locator('h1')).toHaveText('1'); });
    });`,

  'navigation and elements that fail': `
    test('nothing listens', async ({ page }) => { await page.goto('http://127.0.0.1:1/'); });
    test('no such element', async ({ page }) => { await page.setContent('<p>x</p>'); await page.getByRole('button').click({ timeout: 300 }); });
    test('test time-out while waiting', async ({ page }) => { test.setTimeout(3000); await test.step('waits', async () => { await page.locator('nothing').click(); }); await test.step('after', async () => {}); });
    test('two of them', async ({ page }) => { await page.setContent('<p>x</p><p>y</p>'); await page.locator('p').click({ timeout: 5000 }); });
    test('use of a closed page', async ({ page }) => { await page.close(); await page.title(); });`,

  downloads: `
    test('is read', async ({ page }, info) => {
      await page.setContent('<a href="/report.csv" download>Report</a><a id=data href="data:text/plain,hello" download="hello.txt">Data</a>');
      await page.goto('/');
      await page.setContent('<a href="/report.csv">Report</a>');
      const coming = page.waitForEvent('download');
      await page.getByText('Report').click();
      const download = await coming;
      expect(download.suggestedFilename()).toBe('report.csv');
      expect(await download.path()).toContain('/');
      const kept = info.outputPath('kept', 'mine.csv');
      await download.saveAs(kept);
      const chunks: Buffer[] = [];
      for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString()).toBe('a;b\\n1;2\\n');
      expect(await download.failure()).toBeNull();
      await info.attach('report', { path: kept });
      expect(info.attachments.map((a) => a.name)).toEqual(['report']);
    });
    test('is not accepted', async ({ browser, baseURL }) => {
      const page = await browser.newPage({ acceptDownloads: false });
      await page.goto(baseURL + '/');
      await page.setContent('<a href="/report.csv">Report</a>');
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Report').click()]);
      expect(await download.failure()).toContain('accept_downloads');
    });`,

  uploads: `
    const form = '<input type=file multiple onchange="Promise.all([...this.files].map((f) => f.text())).then((t) => { out.textContent = t.join() })"><p id=out>';
    test('from a file and from memory', async ({ page }, info) => {
      await page.goto('/');
      await page.setContent('<a href="/report.csv">Report</a>');
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByText('Report').click()]);
      const path = info.outputPath('up.csv');
      await download.saveAs(path);
      await page.setContent(form);
      await page.setInputFiles('input', path);
      await expect(page.locator('p')).toHaveText('a;b 1;2');
      await page.setInputFiles('input', [{ name: 'a', mimeType: 'text/plain', buffer: Buffer.from('one') }, { name: 'b', mimeType: 'text/plain', buffer: Buffer.from('two') }]);
      await expect(page.locator('p')).toHaveText('one,two');
    });
    test('by the chooser', async ({ page }) => {
      await page.setContent(form);
      const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('input').click()]);
      expect(chooser.isMultiple()).toBe(true);
      await chooser.setFiles({ name: 'a', mimeType: 'text/plain', buffer: Buffer.from('chosen') });
      await expect(page.locator('p')).toHaveText('chosen');
    });
    test('of a file that is not there', async ({ page }, info) => { await page.setContent(form); await page.setInputFiles('input', info.outputPath('none.txt')); });`,

  dialogs: `
    test('answered', async ({ page }) => {
      const seen: string[] = [];
      page.on('dialog', async (dialog) => { seen.push(dialog.type() + ' ' + dialog.message()); await (dialog.type() === 'confirm' ? dialog.dismiss() : dialog.accept('mine')); });
      expect(await page.evaluate(() => [alert('a'), confirm('b'), prompt('c', 'd')])).toEqual([undefined, false, 'mine']);
      expect(seen).toEqual(['alert a', 'confirm b', 'prompt c']);
    });
    test('nobody listens', async ({ page }) => { expect(await page.evaluate(() => confirm('x'))).toBe(false); });`,

  'several pages and contexts': `
    test('popups', async ({ page, context }) => {
      await page.goto('/');
      await page.setContent('<a target=_blank href="/echo">Open</a>');
      const [popup] = await Promise.all([context.waitForEvent('page'), page.getByText('Open').click()]);
      await popup.waitForLoadState();
      expect(new URL(popup.url()).pathname).toBe('/echo');
      const third = await context.newPage();
      await third.goto('/');
      await third.bringToFront();
      expect(context.pages().length).toBe(3);
      await popup.close();
      await expect.poll(() => context.pages().length).toBe(2);
    });
    test('contexts are apart', async ({ browser, page, baseURL }) => {
      await page.goto('/seen');
      const other = await browser.newContext();
      const stranger = await other.newPage();
      await stranger.goto(baseURL + '/echo');
      expect(await stranger.textContent('body')).not.toContain('seen=yes');
      expect(browser.contexts().length).toBe(2);
      await other.close();
      await stranger.title();
    });`,

  frames: `
    test('nested', async ({ page }) => {
      await page.goto('/');
      await page.setContent('<iframe name=outer srcdoc="<p>outer</p><iframe srcdoc=\\'<button onclick=this.textContent=1>inner</button>\\'></iframe>"></iframe><iframe src="/echo"></iframe>');
      const inner = page.frameLocator('[name=outer]').frameLocator('iframe');
      await inner.getByRole('button').click();
      await expect(inner.getByRole('button')).toHaveText('1');
      await expect.poll(() => page.frames().length).toBe(4);
      expect(await page.frame('outer')?.locator('p').textContent()).toBe('outer');
      await expect(page.locator('iframe').last().contentFrame().locator('body')).toContainText('GET');
    });
    test('that is not there', async ({ page }) => { await page.setContent('<p>x</p>'); await expect(page.frameLocator('iframe').getByRole('button')).toBeVisible({ timeout: 300 }); });`,

  'place, time and language': `
    test.use({ geolocation: { latitude: 52, longitude: 5 }, permissions: ['geolocation'], locale: 'nl-NL', timezoneId: 'Asia/Tokyo' });
    test('are those of the options', async ({ page, context }) => {
      await page.goto('/');
      const at = () => page.evaluate(() => new Promise<number>((done, fail) => navigator.geolocation.getCurrentPosition((p) => done(p.coords.latitude), (e) => fail(new Error(e.message)))));
      expect(await at()).toBe(52);
      await context.setGeolocation({ latitude: 1, longitude: 2 });
      expect(await at()).toBe(1);
      expect(await page.evaluate(() => [Intl.DateTimeFormat().resolvedOptions().timeZone, (1.5).toLocaleString(), navigator.language])).toEqual(['Asia/Tokyo', '1,5', 'nl-NL']);
      await context.clearPermissions();
      await expect(at()).rejects.toThrow();
    });`,

  'the clock of a page': `
    test('stands, and runs', async ({ page }) => {
      await page.clock.install({ time: new Date('2024-02-29T12:00:00Z') });
      await page.goto('/');
      await page.evaluate(() => { setInterval(() => { document.title = String(Number(document.title) + 1 || 1); }, 1000); });
      await page.clock.runFor(5500);
      expect(await page.title()).toBe('5');
      await page.clock.pauseAt(new Date('2024-02-29T13:00:00Z'));
      expect(await page.evaluate(() => new Date().getUTCHours())).toBe(13);
      await page.clock.setFixedTime(new Date('2030-01-01T00:00:00Z'));
      expect(await page.evaluate(() => new Date().getUTCFullYear())).toBe(2030);
    });`,

  routes: `
    test('fulfilled, changed, stopped', async ({ page, context }) => {
      await context.route('**/made', (route) => route.fulfill({ json: { made: true } }));
      await page.route('**/echo', async (route) => { const answer = await route.fetch(); const told = await answer.json(); await route.fulfill({ response: answer, json: { ...told, changed: true } }); });
      await page.route('**/seen', (route) => route.continue({ headers: { ...route.request().headers(), 'x-more': '1' } }));
      await page.route('**/none', (route) => route.abort('blockedbyclient'));
      await page.goto('/');
      const ask = (path: string) => page.evaluate((p) => fetch(p).then((r) => r.text(), (e) => 'failed'), path);
      expect(JSON.parse(await ask('/made'))).toEqual({ made: true });
      expect(JSON.parse(await ask('/echo')).changed).toBe(true);
      expect(await ask('/seen')).toBe('seen');
      expect(await ask('/none')).toBe('failed');
      await page.unroute('**/echo');
      expect(JSON.parse(await ask('/echo')).changed).toBeUndefined();
      await page.unrouteAll();
    });
    test('an error in a handler', async ({ page }) => { await page.route('**/*', () => { throw new Error('in the handler'); }); await page.goto('/', { timeout: 2000 }); });`,

  'events and waits': `
    test('of a page', async ({ page }) => {
      const console: string[] = []; const failed: string[] = [];
      page.on('console', (message) => console.push(message.type() + ' ' + message.text()));
      page.on('pageerror', (error) => failed.push(error.message));
      const [request, response] = await Promise.all([page.waitForRequest('**/echo'), page.waitForResponse((r) => r.url().endsWith('/echo') && r.ok()), page.goto('/').then(() => page.evaluate(() => fetch('/echo', { method: 'POST', body: 'x' })))]);
      expect([request.method(), request.postData(), (await response.json()).body]).toEqual(['POST', 'x', 'x']);
      await page.evaluate(() => { console.warn('careful', 1); setTimeout(() => { throw new Error('in the page'); }); });
      await expect.poll(() => failed).toEqual(['in the page']);
      expect(console).toContain('warning careful 1');
      await page.evaluate(() => { setTimeout(() => { history.pushState({}, '', '/pushed'); (window as any).ready = true; }, 50); });
      await page.waitForURL('**/pushed');
      await page.waitForFunction(() => (window as any).ready);
      await page.waitForLoadState('networkidle');
    });
    test('an event that does not come', async ({ page }) => { await page.waitForEvent('popup', { timeout: 200 }); });
    test('an answer that does not come', async ({ page }) => { await page.waitForResponse('**/never', { timeout: 200 }); });`,

  'keyboard, mouse and forms': `
    test('all kinds', async ({ page }) => {
      await page.setContent('<form><input aria-label=Name><select aria-label=Size><option>S<option>M</select><label><input type=checkbox>News</label><textarea aria-label=Text></textarea><div id=over style="width:50px;height:50px" onmouseover="this.textContent=1"></div><div draggable=true id=from>drag</div><div id=to style="height:40px" ondragover="event.preventDefault()" ondrop="this.textContent=2"></div></form>');
      await page.getByLabel('Name').fill('ann');
      await page.getByLabel('Name').press('End');
      await page.keyboard.type('a');
      await page.getByLabel('Name').pressSequentially('b', { delay: 1 });
      await page.getByLabel('Size').selectOption('M');
      await page.getByLabel('News').check();
      await page.getByLabel('Text').fill('two\\nlines');
      await page.locator('#over').hover();
      await page.dragAndDrop('#from', '#to');
      await expect(page.getByLabel('Name')).toHaveValue('annab');
      await expect(page.getByLabel('Size')).toHaveValue('M');
      await expect(page.getByLabel('News')).toBeChecked();
      await expect(page.locator('#over')).toHaveText('1');
      await expect(page.locator('#to')).toHaveText('2');
      await expect(page.getByRole('form').or(page.locator('form'))).toMatchAriaSnapshot('- textbox "Name": annab\\n- checkbox "News" [checked]');
      await expect(page.getByRole('checkbox').filter({ visible: true }).and(page.locator('input'))).toHaveCount(1);
    });
    test('what cannot be clicked', async ({ page }) => { await page.setContent('<button disabled>Go</button>'); await page.getByRole('button').click({ timeout: 300 }); });
    test('what has another value', async ({ page }) => { await page.setContent('<input value=a>'); await expect(page.locator('input')).toHaveValue('b', { timeout: 300 }); });
    test('not hidden in time', async ({ page }) => { await page.setContent('<p>x</p>'); await expect(page.locator('p')).toBeHidden({ timeout: 300 }); });`,

  'pictures and papers of a page': `
    test('in memory', async ({ page }, info) => {
      await page.setContent('<h1>Hi</h1>');
      expect((await page.screenshot()).subarray(1, 4).toString()).toBe('PNG');
      expect((await page.locator('h1').screenshot({ type: 'jpeg', path: info.outputPath('h1.jpg') })).length).toBeGreaterThan(100);
      expect(await page.locator('body').ariaSnapshot()).toBe('- heading "Hi" [level=1]');
      expect(await page.content()).toContain('<h1>Hi</h1>');
      await info.attach('picture', { body: await page.screenshot(), contentType: 'image/png' });
    });`,

  'scripts within pages': `
    test('handles and functions', async ({ page, context }) => {
      await context.addInitScript((name) => { (window as any).given = name; }, 'mine');
      await context.exposeBinding('who', ({ page: from }, n: number) => from.viewportSize()!.width + n);
      await page.goto('/');
      expect(await page.evaluate(async () => [(window as any).given, await (window as any).who(1)])).toEqual(['mine', 1281]);
      const handle = await page.evaluateHandle(() => ({ a: new Map([[1, 2]]), now: new Date(0), big: 10n }));
      expect(await handle.evaluate((o) => [o.a.get(1), o.now.getTime()])).toEqual([2, 0]);
      expect(await page.locator('h1').evaluateAll((all) => all.map((e) => e.textContent))).toEqual(['Site']);
      await page.addStyleTag({ content: 'h1 { color: rgb(1, 2, 3) }' });
      await expect(page.locator('h1')).toHaveCSS('color', 'rgb(1, 2, 3)');
      await page.addScriptTag({ content: 'window.added = 1' });
      expect(await page.evaluate('added')).toBe(1);
    });
    test('an error in the page', async ({ page }) => { await page.evaluate(() => { throw new TypeError('from the page'); }); });`,

  'statuses of documents': `
    test('are the script\\'s to judge', async ({ page }) => { expect((await page.goto('/broken'))?.status()).toBe(500); expect((await page.goto('/none'))?.status()).toBe(404); await page.goto('/again'); expect(page.url()).toMatch(/echo$/); });
    test('history', async ({ page }) => { await page.goto('/'); await page.goto('/echo'); await page.goBack(); await expect(page).toHaveTitle('Site'); await page.goForward(); await page.reload(); await expect(page).toHaveURL(/echo$/); });
    test('too slow', async ({ page }) => { await page.goto('/slow', { timeout: 300 }); });
    test.describe('by option', () => { test.use({ navigationTimeout: 300, actionTimeout: 200 }); test('too slow', async ({ page }) => { await page.goto('/slow'); }); test('no element', async ({ page }) => { await page.locator('none').click(); }); });`,
};
