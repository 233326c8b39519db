import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DetailedResult, DetailedRunner } from '../../sentinel/runner/runner.ts';
import { type Site, startSite } from '../apps/site.ts';
import { buildRunner, runBundle } from '../run-script.ts';

/*
 * Scripts and pages that take all they can get. Each run ends by itself with its code, the next one is as ever, and when the
 * runner is closed nothing is left of any of them.
 */

const folder = mkdtempSync(join(tmpdir(), 'vedette-limits-'));
let application: Site;
let url: string;
let runner: DetailedRunner;

before(async () => {
  application = await startSite(({ url: path = '' }, answer) => {
    if (path === '/endless') return endless(answer, {});
    if (path === '/10GB') return endless(answer, { 'content-length': 10e9 });
    answer.end('<title>hogs</title><a id=endless href=/endless>endless</a><a id=large href=/10GB>10 GB</a>');
  });
  url = application.url;
  runner = await buildRunner({ doorsOpen: true }, { folder });
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await application[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function endless(answer: ServerResponse, headers: Record<string, number>): void {
  const part = Buffer.alloc(1_000_000);
  const go = () => {
    while (!answer.destroyed && answer.write(part));
  };
  answer.writeHead(200, { 'content-type': 'application/octet-stream', ...headers }).on('drain', go);
  go();
}

/** Each with the code it ends with, and what its error says; `page`, `fs`, `scratch` and `click(id)` are at hand. */
const hogs: Record<string, { does: string; code: string; says: RegExp }> = {
  'the heap': {
    does: `const a = []; for (;;) a.push(Array.from({ length: 1000 }, (_, i) => ({ i })));`,
    code: 'SCRIPT_LIMIT',
    says: /more memory than it may|MiB of memory/,
  },
  'memory in buffers': {
    does: `const a = []; for (;;) a.push(Buffer.alloc(8e6, 1));`,
    code: 'SCRIPT_LIMIT',
    says: /memory|allocat/,
  },
  'memory in WebAssembly': {
    does: `const a = []; for (;;) { a.push(new WebAssembly.Memory({ initial: 1000 })); new Uint8Array(a.at(-1).buffer).fill(1); }`,
    code: 'SCRIPT_LIMIT',
    says: /memory|allocat/,
  },
  'shared memory': {
    does: `const a = []; for (;;) { a.push(new SharedArrayBuffer(5e7)); new Uint8Array(a.at(-1)).fill(1); }`,
    code: 'SCRIPT_LIMIT',
    says: /memory|allocat/,
  },
  'a file': {
    does: `fs.writeFileSync(scratch + '/f', Buffer.alloc(3e8));`,
    code: 'SCRIPT_LIMIT',
    says: /EFBIG/,
  },
  files: {
    does: `for (let i = 0; ; i++) fs.writeFileSync(scratch + '/f' + i, '');`,
    code: 'SCRIPT_LIMIT',
    says: /512 MiB or 2000 files on disk/,
  },
  disk: {
    does: `for (let i = 0; ; i++) { fs.writeFileSync(scratch + '/f' + i, Buffer.alloc(5e7)); await 0; }`,
    code: 'SCRIPT_LIMIT',
    says: /512 MiB or 2000 files on disk/,
  },
  'disk in files that lie nowhere': {
    does: `for (let i = 0; ; i++) { const f = fs.openSync(scratch + '/f', 'w'); fs.unlinkSync(scratch + '/f'); fs.writeSync(f, Buffer.alloc(5e7)); await 0; }`,
    code: 'SCRIPT_LIMIT',
    says: /512 MiB or 2000 files on disk/,
  },
  'uploads of the same file': {
    does: `fs.writeFileSync(scratch + '/f', Buffer.alloc(6e7)); await page.setContent('<input type=file>'); for (;;) await page.setInputFiles('input', scratch + '/f');`,
    code: 'SCRIPT_LIMIT',
    says: /512 MiB or 2000 files on disk/,
  },
  'a download of 10 GB': {
    does: `await click('large'); await new Promise(() => {});`,
    code: 'SCRIPT_LIMIT',
    says: /downloaded a file of more than 256 MiB/,
  },
  'a download without end': {
    does: `await click('endless'); await new Promise(() => {});`,
    code: 'SCRIPT_LIMIT',
    says: /downloaded a file of more than 256 MiB|on disk/,
  },
  'an answer of 300 MB': {
    does: `await page.goto('/'); await page.evaluate(() => Array.from({ length: 300 }, () => 'x'.repeat(1e6)));`,
    code: 'PAGE_CRASH',
    says: /crashed/,
  },
  'memory of a page': {
    does: `await page.goto('/'); await page.evaluate(() => { const a = []; for (;;) a.push(new Array(1e5).fill(1.5)); });`,
    code: 'PAGE_CRASH',
    says: /2048 MiB of memory|crashed/,
  },
  'an endless loop': { does: `for (;;);`, code: 'SCRIPT_LIMIT', says: /longer than its 5 seconds|processor time/ },
  'an endless wait for memory': {
    does: `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);`,
    code: 'SCRIPT_LIMIT',
    says: /longer than its 5 seconds/,
  },
  'standard output without end': {
    does: `for (;;) process.stdout.write('x'.repeat(1e6));`,
    code: 'SCRIPT_LIMIT',
    says: /longer than its 5 seconds|processor time|memory/,
  },
  'standard error without end': {
    does: `for (;;) fs.writeSync(2, 'x'.repeat(1e6));`,
    code: 'SCRIPT_ERROR',
    says: /EPIPE|EAGAIN/,
  },
  'a page in an endless loop': {
    does: `await page.goto('/'); await page.evaluate(() => { for (;;); });`,
    code: 'TIMEOUT',
    says: /longer than its 5 seconds/,
  },
  'a dialog nobody answers': {
    does: `page.on('dialog', () => {}); await page.goto('/'); await page.evaluate(() => alert(1));`,
    code: 'TIMEOUT',
    says: /longer than its 5 seconds/,
  },
  'a page that asks before it is left': {
    does: `await page.goto('/'); await page.locator('body').click(); await page.evaluate(() => { onbeforeunload = () => 'no'; onunload = () => { for (;;); }; }); throw new Error('left');`,
    code: 'SCRIPT_ERROR',
    says: /left/,
  },
  'a picture of 100,000 pixels': {
    does: `await page.goto('/'); await page.evaluate(() => { document.body.style.height = document.body.style.width = '100000px'; }); await page.screenshot({ fullPage: true }); throw new Error('taken');`,
    code: 'SCRIPT_ERROR',
    says: /Unable to capture screenshot|taken/,
  },
};
/** Of each kind one is done in every test; the rest, and many in a row, with the full counts. */
const usual = [
  'memory in buffers',
  'files',
  'disk in files that lie nowhere',
  'a download of 10 GB',
  'memory of a page',
  'an endless wait for memory',
];

test('a run that takes more than it may ends with its code, tells what it used, and the next one is as ever', async () => {
  for (const name of process.env.VEDETTE_LONG ? Object.keys(hogs) : usual) await held(name);
  await nextRunWorks('them');
});

test('after hogs in a row the sentinel has grown no more than a little, and nothing of them is left', async () => {
  const inARow = ['memory in WebAssembly', 'shared memory', 'a file'];
  await held('a file');
  const before = process.memoryUsage().rss;
  const times = process.env.VEDETTE_LONG ? 1000 : inARow.length;
  for (let i = 0; i < times; i++) await run(inARow[i % inARow.length] ?? '');
  await nextRunWorks('many');
  assert.ok(process.memoryUsage().rss - before < 200e6, 'the sentinel itself does not grow');
  assert.deepEqual(leftOver(), []);
});

async function held(name: string): Promise<void> {
  const result = await run(name);
  const { code, says } = hogs[name] ?? { code: '', says: /./ };
  const { error, usage } = result.run;
  assert.equal(error?.code, code, `${name}: ${error?.message}`);
  assert.match(String(error?.message), says, name);
  assert.ok(usage && usage.cpuUs > 0 && usage.peakMemoryBytes > 10e6, `${name}: ${JSON.stringify(usage)}`);
  assert.deepEqual(leftOver(), [], name);
  if (process.env.VEDETTE_LONG) await nextRunWorks(name); // else the next one gets as far as it should
}

function run(name: string): Promise<DetailedResult> {
  const { does = '', says } = hogs[name] ?? {};
  return runBundle(runner, script(does), { url, timeoutMs: String(says).includes('5 seconds') ? 5000 : 60_000 });
}

function script(body: string): string {
  return `const { test } = require('@playwright/test');
test.setTimeout(100_000);
test('hog', async ({ page }) => {
const fs = process.getBuiltinModule('fs'), scratch = test.info().outputDir;
const click = async (id) => { await page.goto('/'); await page.locator('#' + id).click(); };
${body}
});
`;
}

async function nextRunWorks(afterWhat: string): Promise<void> {
  const { run } = await runBundle(runner, script(`await page.goto('/');`), { url });
  assert.equal(run.outcome, 'passed', `after ${afterWhat}: ${run.error?.message}`);
}

/** Processes of a child, and files of a run. */
function leftOver(): string[] {
  const files = readdirSync(folder).filter((name) => /^(scratch|uploads)-/.test(name));
  const children = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${folder}/scratch-`);
    } catch {
      return false; // it has ended
    }
  });
  return [...files, ...children];
}
