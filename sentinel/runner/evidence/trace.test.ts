import assert from 'node:assert/strict';
import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { unzipSync } from 'fflate';
import { chromium } from 'playwright-core';
import { type Site, startSite } from '../../../test/apps/site.ts';
import { buildRunner, runScript } from '../../../test/run-script.ts';
import { EvidencePolicy } from '../../protocol/messages.ts';
import { findBrowser } from '../browser/browser.ts';
import type { DetailedResult, DetailedRunner } from '../runner.ts';
import { takeTrace } from './trace.ts';

const viewer = join(
  dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')),
  'lib/vite/traceViewer',
);
const types: Record<string, string> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
};
const awkward = `ö p"a'ß %4+&<x>\\ü\nzweite Zeile/?`;
const plain = 'hunter2hunter2';

let site: Site;
let url = '';
let trace = Buffer.alloc(0);
let runner: DetailedRunner;

/** A login that shows and repeats whatever it is given, and the trace viewer beside it. */
before(async () => {
  site = await startSite((request, response): unknown => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://site');
    const send = (type: string, content: string | Buffer, status = 200) =>
      response.writeHead(status, { 'content-type': type }).end(content);
    if (pathname === '/trace.zip') return send('application/zip', trace);
    if (pathname.startsWith('/viewer/')) {
      const type = types[pathname.split('.').at(-1) ?? ''] ?? 'application/octet-stream';
      return send(type, readFileSync(join(viewer, pathname.slice('/viewer/'.length))));
    }
    if (pathname === '/login') return send('text/html', login);
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    return request.on('end', () => {
      const { authorization = '', cookie = '' } = request.headers;
      send('text/html', `<title>No</title>${search} ${Buffer.concat(parts)} ${authorization} ${cookie}`, 401);
    });
  });
  url = site.url;
  runner = await buildRunner();
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const login = `<!doctype html><title>Login</title><style>p, h2 { font-size: 30px; color: #f00 }</style>
<label>User <input name=user></label> <label>Password <input type=password></label><label>Again <textarea></textarea></label>
<button>Sign in</button><div id=out></div><script>
document.querySelector('button').onclick = async () => {
  const value = document.querySelector('textarea').value;
  document.title = value;
  localStorage.setItem('remembered', value);
  document.cookie = 'remembered=' + encodeURIComponent(value);
  history.replaceState(null, '', '?q=' + encodeURIComponent(value) + '#' + btoa(unescape(encodeURIComponent(value))));
  const headers = { authorization: 'Basic ' + btoa(unescape(encodeURIComponent('user:' + value))) };
  const answer = await fetch('/no?p=' + encodeURIComponent(value), { method: 'POST', headers, body: new URLSearchParams({ value }) });
  const shown = document.querySelector('#out');
  const add = (name, text, attributes = {}) => shown.append(Object.assign(document.createElement(name), { textContent: text, ...attributes }));
  add('h2', value); add('p', 'refused: ' + value, { title: value }); add('p', await answer.text()); add('p', JSON.stringify({ value }));
  add('button', 'x', { ariaLabel: value });
  const spread = document.createElement('p');
  for (const half of [value.slice(0, 7), value.slice(7)]) { const b = document.createElement('b'); b.textContent = half; spread.append(b); }
  shown.append(spread);
  console.error('refused', value, { value }); console.error(JSON.stringify(JSON.stringify(value)));
  setTimeout(() => { throw new Error('for ' + value); });
  document.body.append(document.createElement('hr'));
};
</script>`;

const script = (ending: string) => `import { test, expect } from '@playwright/test';
test('Login', async ({ page }) => {
  await test.step('Open', () => page.goto('/login'));
  await test.step('Sign in', async () => {
    await page.getByLabel('User').fill('demo');
    await page.getByLabel('Password').fill(process.env.SHOP_PASSWORD.replace('\\n', ''));
    await page.getByLabel('Again').fill(process.env.SHOP_PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('hr').waitFor({ state: 'attached' });
  });
  await test.step('Check ' + process.env.SHOP_PASSWORD, async () => {
    ${ending}
  });
});`;

const runLogin = (ending: string, secret: string) =>
  runScript(
    runner,
    { source: script(ending) },
    { url, secrets: { SHOP_PASSWORD: secret }, evidence: EvidencePolicy.parse({ trace: true, screenshot: 'page' }) },
  );

const endings = {
  'an assertion': `await expect(page.locator('h2')).toHaveText('Welcome ' + process.env.SHOP_PASSWORD, { timeout: 500 });`,
  'an error of its own': `throw new Error('with ' + process.env.SHOP_PASSWORD + ' and ' + Buffer.from(process.env.SHOP_PASSWORD).toString('hex'));`,
};
for (const [what, ending] of Object.entries(endings))
  for (const secret of what === 'an assertion' ? [awkward] : [awkward, plain])
    test(`a login that fails by ${what} and repeats ${JSON.stringify(secret)} everywhere shows it in no evidence, in no encoding`, async () => {
      const result = await runLogin(ending, secret);
      const all = everything(result);
      assert.ok(all.has('trace/context-2.trace'), [...all.keys()].join());
      assert.ok(
        [...all.keys()].some((name) => name.startsWith('trace/resources/')),
        'the page itself is in the trace',
      );
      for (const [name, text] of all)
        for (const form of formsToLookFor(secret))
          assert.ok(!text.includes(form), `${name} has ${form}: ${around(text, form)}`);
      assert.match(all.get('aria') ?? '', /heading "•••"/);
      assert.match(result.run.page?.title ?? '', /•••/);
      assert.ok(await hasNoRed(result), 'every text that shows the secret is painted over');
    });

test("a trace opens in Playwright's trace viewer with its actions", async () => {
  const result = await runLogin(endings['an assertion'], plain);
  trace = Buffer.from(fileOf(result, 'trace'));
  const executablePath = findBrowser(process.env);
  assert.ok(executablePath);
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    await page.goto(`${url}/viewer/index.html?trace=${encodeURIComponent(`${url}/trace.zip`)}`);
    await page.getByText('Click', { exact: false }).first().waitFor();
    const said = (await page.locator('body').textContent()) ?? '';
    for (const action of ['Navigate', 'Fill', 'Click', 'Expect']) assert.match(said, new RegExp(action), said);
    assert.deepEqual(errors, []);
    assert.ok(!said.includes(plain));
  } finally {
    await browser.close();
  }
});

test('a run that passed sends no trace, and one that is cut off at its limit does', async () => {
  const passed = await runLogin('', plain);
  assert.deepEqual([passed.run.outcome, passed.files], ['passed', []]);
  const evidence = EvidencePolicy.parse({ trace: true });
  const source = script('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);');
  const stuck = await runScript(
    runner,
    { source },
    { url, secrets: { SHOP_PASSWORD: plain }, evidence, timeoutMs: 15_000 },
  );
  assert.equal(stuck.run.error?.code, 'SCRIPT_LIMIT');
  assert.match(everything(stuck).get('trace/context-2.trace') ?? '', /"method":"click"/);
});

test('a trace shows the test that failed, not one before it that went on after a step that failed', async () => {
  const source = `import { test, expect } from '@playwright/test';
    test('goes on', async ({ page }) => {
      await page.goto('/first');
      await test.step('Banner', () => page.getByText('Accept').click({ timeout: 200 })).catch(() => {});
    });
    test('fails', async ({ page }) => { await page.goto('/second'); expect(1).toBe(2); });`;
  const all = everything(await runScript(runner, { source }, { url, evidence: EvidencePolicy.parse({ trace: true }) }));
  const traces = [...all].flatMap(([name, text]) => (name.endsWith('.trace') ? [text] : [])).join('\n');
  assert.match(traces, /second/);
  assert.doesNotMatch(traces, /first/);
});

test('how the device was is found out before the trace is made, which would keep it busy', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-looks-'));
  const lookAtNetwork = async () => {
    for (const name of globSync('scratch-*/trace', { cwd: folder })) rmSync(join(folder, name), { recursive: true });
    return { interface: true };
  };
  await using looking = await buildRunner({ lookAtNetwork }, { folder });
  const evidence = EvidencePolicy.parse({ trace: true });
  const secrets = { SHOP_PASSWORD: plain };
  const hosts = [new URL(url).host, 'shop.example'];
  const source = script(endings['an assertion']);
  const { run } = await runScript(looking, { source }, { url, secrets, hosts, evidence });
  rmSync(folder, { recursive: true, force: true });
  assert.match(run.evidenceMissing ?? '', /no trace was recorded/);
});

test('what a child put into its trace folder to deceive or to flood is not taken', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'vedette-trace-'));
  const outside = mkdtempSync(join(tmpdir(), 'vedette-outside-'));
  try {
    writeFileSync(join(outside, 'context-1.trace'), '{"a":1}\n{"stolen":1}\n');
    symlinkSync(outside, join(scratch, 'trace'));
    assert.ok('missing' in (await takeTrace(scratch, [], [])), 'a folder that leads outside');
    rmSync(join(scratch, 'trace'));
    mkdirSync(join(scratch, 'trace/resources'), { recursive: true });
    symlinkSync(join(outside, 'context-1.trace'), join(scratch, 'trace/context-1.trace'));
    assert.ok('missing' in (await takeTrace(scratch, [], [])), 'a file that leads outside');
    writeFileSync(join(scratch, 'trace/context-2.trace'), '{"a":1}\n{"b":"secret1"}\nnot JSON {');
    writeFileSync(join(scratch, 'trace/resources/picture.png'), Buffer.from([137, 80, 78, 71, 0, 255]));
    writeFileSync(join(scratch, 'trace/resources/large.txt'), Buffer.alloc(3 * 1024 * 1024, 'x'));
    writeFileSync(join(scratch, 'trace/resources/secret1.txt'), 'a secret1');
    const taken = await takeTrace(scratch, ['secret1'], []);
    assert.ok(Buffer.isBuffer(taken));
    const entries = unzipSync(taken);
    assert.deepEqual(Object.keys(entries).sort(), ['context-2.trace', 'resources/•••.txt']);
    assert.equal(Buffer.from(entries['context-2.trace'] ?? []).toString(), '{"a":1}\n{"b":"•••"}');
    const field = (value: string) => `["INPUT",{"type":"password","__playwright_value_":"${value}"}]\n`;
    const tooMany = { missing: 'the trace shows more password fields than can be cleaned' };
    for (const fields of [
      [...Array(1000).keys()].map((i) => field(`password ${i}`)).join(''),
      field('x'.repeat(1e6)),
    ]) {
      writeFileSync(join(scratch, 'trace/context-3.trace'), `{"a":1}\n${fields}`);
      assert.deepEqual(await takeTrace(scratch, [], []), tooMany);
    }
  } finally {
    for (const folder of [scratch, outside]) rmSync(folder, { recursive: true });
  }
});

test('a trace that is too large loses its largest resources first, and is left out if that is not enough', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'vedette-trace-'));
  const noise = (characters: number) => {
    let text = '';
    while (text.length < characters) text += Math.random().toString(36).slice(2);
    return text.slice(0, characters);
  };
  try {
    mkdirSync(join(scratch, 'trace/resources'), { recursive: true });
    writeFileSync(join(scratch, 'trace/context-1.trace'), '{"a":1}\n{"b":2}\n');
    for (let i = 0; i < 4; i++)
      writeFileSync(join(scratch, `trace/resources/${i}.txt`), noise(i < 2 ? 1000 : 1_900_000));
    const taken = await takeTrace(scratch, [], []);
    assert.ok(Buffer.isBuffer(taken));
    assert.deepEqual(Object.keys(unzipSync(taken)).sort(), ['context-1.trace', 'resources/0.txt', 'resources/1.txt']);
    writeFileSync(join(scratch, 'trace/context-1.trace'), `{"a":1}\n{"b":"${noise(5_000_000)}"}\n`);
    assert.deepEqual(await takeTrace(scratch, [], []), { missing: 'the trace was too large' });
  } finally {
    rmSync(scratch, { recursive: true });
  }
});

function fileOf({ run, files }: DetailedResult, kind: string): Buffer {
  const item = run.evidence.find((each) => each.kind === kind);
  const file = files.find(({ sha256 }) => sha256 === item?.sha256);
  assert.ok(file, `no ${kind}: ${run.evidenceMissing}`);
  return file.content;
}

/** Every text that leaves the device, by what it is. */
function everything(result: DetailedResult): Map<string, string> {
  const packed = Object.entries(unzipSync(fileOf(result, 'trace')));
  return new Map([
    ['run', JSON.stringify(result.run)],
    ['aria', fileOf(result, 'aria').toString()],
    ...packed.map(([name, content]) => [`trace/${name}`, Buffer.from(content).toString()] as const),
    ['names', packed.map(([name]) => name).join('\n')],
  ]);
}

function formsToLookFor(secret: string): string[] {
  const whole = [secret, secret.replaceAll('\n', ' '), secret.replaceAll('\n', ''), ...secret.split('\n')];
  const uri = whole.map(encodeURIComponent);
  const inner = (text: string) => JSON.stringify(text).slice(1, -1);
  const forms = [
    ...whole,
    ...uri,
    ...uri.map(encodeURIComponent),
    ...uri.map((text) => text.replaceAll('%20', '+')),
    ...whole.map(inner),
    ...whole.map((text) => inner(inner(text))),
    ...whole.map((text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')),
    ...whole.map((text) => Buffer.from(text).toString('hex')),
    ...whole.flatMap((text) =>
      ['', 'u', 'us'].map((b) =>
        Buffer.from(b + text)
          .toString('base64')
          .slice(4, -4),
      ),
    ),
  ];
  return [...new Set(forms.flatMap((form) => [form, form.toLowerCase()]))].filter((form) => form.length > 5);
}

function around(text: string, form: string): string {
  const at = text.indexOf(form);
  return text.slice(Math.max(0, at - 100), at + form.length + 100);
}

/** Texts that show the secret are red on the page, and nothing else is. */
async function hasNoRed(result: DetailedResult): Promise<boolean> {
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp(fileOf(result, 'screenshot'))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  for (let y = 0; y < info.height; y++)
    for (let x = 0; x < info.width; x++) {
      const [red = 0, green = 0, blue = 0] = data.subarray((y * info.width + x) * 3);
      if (red > 150 && green < 80 && blue < 80) return false;
    }
  return true;
}
