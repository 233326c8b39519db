import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import { type Site, startSite } from '../../../test/apps/site.ts';
import { buildRunner, runScript } from '../../../test/run-script.ts';
import { EvidencePolicy, maxEvidenceBytes } from '../../protocol/messages.ts';
import type { DetailedResult, DetailedRunner } from '../runner.ts';

/*
 * A small application that shows whatever it is given, and scripts that fail in it.
 */

let site: Site;
let url = '';
let runner: DetailedRunner;

const pages: Record<string, string> = {
  '/plain': `<title>Plain</title><h1>Welcome</h1><p>Some text</p><button disabled>Go</button>`,
  '/long': `<title>Long</title><body style="margin:0;height:100000px;background:linear-gradient(red,blue)">x</body>`,
  '/frames': `<title>Frames</title><p>outside</p><iframe title="Inner" srcdoc="<input type=password aria-label=Pin value=sesame-street><p>inside</p>"></iframe>`,
  '/marked': `<title>Marked</title><main><p id=iban style="font-size:40px">NL91 ABNA 0417 <b style="color:red">1643 00</b></p>
    <img id=code width=200 height=100 src="data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><rect width='200' height='100' fill='lime'/></svg>"></main>`,
  '/leaving': `<title>Leaving</title><a href="/late">go</a>`,
  '/late': `<title>Late</title><p>Arrived</p>`,
  '/many': `<title>Many</title><body><script>for (let i = 0; i < 20000; i++) document.body.append(document.createElement('i'))</script>`,
  '/wordy': `<title>Wordy</title><body><script>for (let i = 0; i < 1500; i++) document.body.append(Object.assign(document.createElement('p'), { textContent: 'word '.repeat(90) + i }))</script>`,
  '/broken': `<title>Broken</title><script>
    console.error('first', { a: 1 }, 'second'); console.log('not this');
    fetch('/missing?q=1').catch(() => {}); fetch('http://127.0.0.1:9/').catch(() => {});
    setTimeout(() => { throw new Error('nobody caught it') });
    </script><h1>Broken</h1>`,
};

before(async () => {
  site = await startSite((request, response) => {
    const { pathname } = new URL(request.url ?? '/', url);
    response.statusCode = pathname in pages ? 200 : 404;
    const answer = () => response.setHeader('content-type', 'text/html').end(pages[pathname] ?? 'not found');
    if (pathname === '/late') setTimeout(answer, 2500);
    else answer();
  });
  url = site.url;
  runner = await buildRunner();
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const failing = (body: string) =>
  `import { test, expect } from '@playwright/test';\ntest('T', async ({ page }) => {\n${body}\nthrow new Error('on purpose');\n});\n`;
const fail = (body: string, wishes: Partial<Parameters<typeof runScript>[2]> = {}) =>
  runScript(runner, { source: failing(body) }, { url, ...wishes });
const policy = (wishes: Partial<EvidencePolicy>) => EvidencePolicy.parse(wishes);

function fileOf({ run, files }: DetailedResult, kind: string): Buffer {
  const item = run.evidence.find((each) => each.kind === kind);
  const file = files.find(({ sha256 }) => sha256 === item?.sha256);
  assert.ok(item && file, `no ${kind}: ${run.evidenceMissing}`);
  assert.equal(item.bytes, file.content.length);
  assert.equal(item.mediaType, file.mediaType);
  return file.content;
}

test('a run that went wrong has a screenshot, an ARIA snapshot, and where it was', async () => {
  const result = await fail(`await page.goto('/plain?x=1');`);
  const { run } = result;
  assert.equal(run.evidenceMissing, undefined);
  assert.equal(
    fileOf(result, 'aria').toString(),
    '- heading "Welcome" [level=1]\n- paragraph: Some text\n- button "Go" [disabled]\n',
  );
  const { format, width, height } = await sharp(fileOf(result, 'screenshot')).metadata();
  assert.deepEqual({ format, width, height }, { format: 'webp', width: 1280, height: 720 });
  assert.equal(run.page?.url, `${url}/plain?x=1`);
  assert.equal(run.page?.title, 'Plain');
});

test('a run that passed has no evidence', async () => {
  const source = `import { test } from '@playwright/test'; test('T', async ({ page }) => { await page.goto('/broken'); });`;
  const { run, files } = await runScript(runner, { source }, { url });
  assert.equal(run.outcome, 'passed');
  assert.deepEqual([run.evidence, files, run.page, run.evidenceMissing], [[], [], undefined, undefined]);
});

test('without a screenshot asked for, none is taken and none is missing', async () => {
  const { run } = await fail(`await page.goto('/plain');`, { evidence: policy({ screenshot: 'none' }) });
  assert.deepEqual(
    run.evidence.map(({ kind }) => kind),
    ['aria'],
  );
  assert.equal(run.evidenceMissing, undefined);
});

test('a page of 100,000 pixels is shown from its top down to a sensible height, as wide as asked for', async () => {
  const result = await fail(`await page.goto('/long');`, { evidence: policy({ screenshot: 'page', width: 640 }) });
  const { width = 0, height = 0 } = await sharp(fileOf(result, 'screenshot')).metadata();
  assert.equal(width, 640);
  assert.ok(height > 2000 && height <= 10_000, `${height} pixels high`);
  assert.ok(fileOf(result, 'screenshot').length <= maxEvidenceBytes);
});

test('a picture that would be too large is sent with less detail', async () => {
  const noise = `await page.goto('/plain'); await page.evaluate(() => {
    document.body.innerHTML = '<canvas width=1500 height=1000></canvas>';
    const context = document.querySelector('canvas').getContext('2d');
    const image = context.createImageData(1500, 1000);
    for (let i = 0; i < image.data.length; i += 65536) crypto.getRandomValues(image.data.subarray(i, i + 65536));
    for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
    context.putImageData(image, 0, 0);
  });`;
  const evidence = policy({ screenshot: 'page', quality: 100, width: 4000 });
  const result = await fail(noise, { evidence });
  assert.equal(result.run.evidenceMissing, undefined);
  assert.ok(fileOf(result, 'screenshot').length <= maxEvidenceBytes);
});

test('console errors, exceptions nobody caught and failed requests are told', async () => {
  const { run } = await fail(`await page.goto('/broken'); await page.waitForTimeout(500);`);
  const { consoleErrors = [], failedRequests = [] } = run.page ?? {};
  assert.ok(consoleErrors.includes('first {a: 1} second'), consoleErrors.join('\n'));
  assert.ok(consoleErrors.some((text) => text.includes('nobody caught it')));
  assert.ok(!consoleErrors.some((text) => text.includes('not this')));
  assert.ok(failedRequests.some((r) => r.url === `${url}/missing?q=1` && r.method === 'GET' && r.status === 404));
  assert.ok(failedRequests.some((r) => r.url === 'http://127.0.0.1:9/' && r.status === undefined && r.error));
});

test('what the sentinel has in pages tells of nothing itself, on about:blank neither', async () => {
  const { run } = await fail(`await page.setContent('<h1>Made by the script</h1>'); await page.waitForTimeout(300);`);
  assert.deepEqual(run.page, { url: 'about:blank', title: 'about:blank', consoleErrors: [], failedRequests: [] });
});

test('a page that fails all the time tells of the last failures only', async () => {
  const { run } = await fail(`await page.goto('/plain');
    await page.evaluate(async () => { for (let i = 0; i < 100; i++) { console.error('no ' + i); await fetch('/no?' + i); } });`);
  assert.equal(run.page?.consoleErrors.length, 20);
  assert.equal(run.page?.consoleErrors.at(-1), 'no 99');
  assert.equal(run.page?.failedRequests.length, 20);
});

test('what a frame shows is in the snapshot, without the value of its password field', async () => {
  const result = await fail(
    `await page.goto('/frames'); await page.frameLocator('iframe').getByText('inside').waitFor();`,
  );
  const aria = fileOf(result, 'aria').toString();
  assert.match(aria, /- paragraph: outside\n- Iframe "Inner":\n {2}- textbox "Pin"\n {2}- paragraph: inside\n/);
  assert.ok(await colours(fileOf(result, 'screenshot')).then(({ grey }) => grey > 500), 'the field is painted over');
});

test('of a secret that a long text is cut in the midst of nothing is in the snapshot', async () => {
  const token = 'Zk7vQx2mWp9sLt4h';
  const body = `await page.setContent('<p>' + 'x'.repeat(490) + process.env.TOKEN + '</p>');`;
  const aria = fileOf(await fail(body, { secrets: { TOKEN: token } }), 'aria').toString();
  assert.ok(!aria.includes(token.slice(0, 3)));
  assert.match(aria, /x•••$/m);
});

test('what a selector marks is painted over with all that lies in it, pictures too, and is in no text', async () => {
  const result = await fail(
    `await page.goto('/marked'); console.log(1); await page.evaluate(() => console.error('about NL91 ABNA 0417 1643 00'));`,
    {
      maskSelectors: ['#iban', '#code'],
    },
  );
  const { red, lime, grey } = await colours(fileOf(result, 'screenshot'));
  assert.deepEqual([red, lime], [0, 0]);
  assert.ok(grey > 20_000, `${grey} grey pixels`);
  assert.ok(!/0417|1643/.test(fileOf(result, 'aria').toString() + JSON.stringify(result.run)));
});

test('after a soft assertion that failed the script waits until the page was looked at, and finds it as it was', async () => {
  const { run } = await runScript(
    runner,
    {
      source: `import { test, expect } from '@playwright/test';
      test('T', async ({ page }) => {
        let ended = 0, began = 0, answered = 0, before = '';
        const style = () => page.evaluate(() => document.querySelector('#iban')?.outerHTML ?? '');
        await test.step('Soft', async () => {
          await page.goto('/marked');
          before = await style();
          expect.soft(1).toBe(2);
          ended = performance.now();
        });
        await test.step('Next', async () => {
          began = performance.now();
          expect(await style()).toBe(before);
          answered = performance.now();
        });
        await test.step('No longer than the wait before', async () => { expect(answered - began).toBeLessThan(began - ended); });
      });`,
    },
    { url, maskSelectors: ['#iban'] },
  );
  assert.deepEqual(
    run.transactions.map(({ name, outcome }) => `${name}: ${outcome}`),
    ['Soft: failed', 'Next: passed', 'No longer than the wait before: passed'],
  );
  assert.equal(run.evidence.length, 2);
});

test('a soft assertion that failed lets the page go on to where it was going', async () => {
  const { run } = await runScript(
    runner,
    {
      source: `import { test, expect } from '@playwright/test';
      test('T', async ({ page }) => {
        await page.goto('/leaving');
        await test.step('Send', async () => {
          expect.soft(1).toBe(2);
          await page.getByRole('link').click({ noWaitAfter: true });
        });
        await test.step('Arrive', () => expect(page.getByText('Arrived')).toBeVisible({ timeout: 20_000 }));
      });`,
    },
    { url },
  );
  assert.deepEqual(
    run.transactions.map(({ name, outcome }) => `${name}: ${outcome}`),
    ['Send: failed', 'Arrive: passed'],
  );
});

const cleaningUp = (end: string) => `import { test, expect } from '@playwright/test';
  test('T', async ({ browser }) => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const caught = () => test.step('Banner', () => { throw new Error('no banner'); }).catch(() => {});
    try {
      await page.goto('/marked');
      await caught();
      await test.step('Pay', async () => { await page.goto('/plain'); throw new Error('on purpose'); });
    } finally { ${end} }
  });`;

for (const end of [`await test.step('Logout', () => page.goto('/frames'));`, `await context.close();`])
  test(`the evidence shows what failed, not what was done afterwards: ${end}`, async () => {
    const result = await runScript(runner, { source: cleaningUp(end) }, { url });
    assert.match(fileOf(result, 'aria').toString(), /^- heading "Welcome"/);
    fileOf(result, 'screenshot');
    assert.deepEqual([result.run.page?.url, result.run.page?.title], [`${url}/plain`, 'Plain']);
  });

test('no look takes the time of an assertion around the step', async () => {
  const source = `import { test, expect } from '@playwright/test';
    test('T', async ({ page }) => {
      await page.goto('/marked');
      await page.evaluate(() => {
        new MutationObserver(() => { document.title = 'looked at'; }).observe(document, { subtree: true, attributes: true });
      });
      let left = 3;
      await expect(() => test.step('Ask', () => { if (left-- > 0) throw new Error('not yet'); })).toPass();
      await expect(page).toHaveTitle('Marked');
    });`;
  const { run } = await runScript(runner, { source }, { url, maskSelectors: ['#iban'] });
  assert.equal(run.outcome, 'passed', run.error?.message ?? '');
});

test('of an error that the script catches there is no evidence, whatever fails after it', async () => {
  const source = `import { test, expect } from '@playwright/test';
    test('goes on', async ({ page }) => {
      await page.goto('/plain');
      await test.step('Banner', () => { throw new Error('no banner'); }).catch(() => {});
    });
    test('fails', () => { throw new Error('on purpose'); });`;
  const { run } = await runScript(runner, { source }, { url });
  assert.deepEqual([run.evidence, run.evidenceMissing], [[], 'no page was open']);
});

test('a page with too many elements has no ARIA snapshot, and the run says so', async () => {
  const { run } = await fail(`await page.goto('/many');`);
  assert.deepEqual(
    run.evidence.map(({ kind }) => kind),
    ['screenshot'],
  );
  assert.match(run.evidenceMissing ?? '', /elements, more than a snapshot may have/);
});

test('an ARIA snapshot longer than a server takes is not sent, and the run says so', async () => {
  const { run } = await fail(`await page.goto('/wordy');`);
  assert.deepEqual(
    run.evidence.map(({ kind }) => kind),
    ['screenshot'],
  );
  assert.match(run.evidenceMissing ?? '', /the ARIA snapshot was too large/);
});

test('at the limit of the run the evidence is taken too, though the script is busy', async () => {
  const held = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';
  const result = await fail(`await page.goto('/plain'); ${held}`, { timeoutMs: 4000 });
  assert.equal(result.run.error?.code, 'SCRIPT_LIMIT');
  assert.match(fileOf(result, 'aria').toString(), /heading "Welcome"/);
  assert.equal((await sharp(fileOf(result, 'screenshot')).metadata()).format, 'webp');
  assert.equal(result.run.page?.title, 'Plain');
});

/** How many pixels have a colour, nearly. */
async function colours(image: Buffer): Promise<{ red: number; lime: number; grey: number }> {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const named = { red: [255, 0, 0], lime: [0, 255, 0], grey: [85, 85, 85] };
  const count = (colour: number[]) => {
    let found = 0;
    for (let i = 0; i < data.length; i += info.channels)
      if (colour.every((part, c) => Math.abs((data[i + c] ?? 0) - part) < 24)) found++;
    return found;
  };
  return { red: count(named.red), lime: count(named.lime), grey: count(named.grey) };
}

test('where the device keeps no texts of pages there is a picture alone, and it is said why', async () => {
  const result = await fail(`await page.goto('/plain?order=7');`, { pageTexts: 'never' });
  const { run } = result;
  assert.deepEqual([run.evidence.map(({ kind }) => kind), run.page], [['screenshot'], undefined]);
  assert.match(run.evidenceMissing ?? '', /the setting pageTexts/);
});
