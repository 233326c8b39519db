import assert from 'node:assert/strict';
import { after as atEnd, before, test } from 'node:test';
import { setTimeout as after } from 'node:timers/promises';
import sharp from 'sharp';
import { type Site, startSite } from '../../../test/apps/site.ts';
import { buildRunner, runScript, type ScriptRun } from '../../../test/run-script.ts';
import { EvidencePolicy, type Run } from '../../protocol/messages.ts';
import { limitReached } from '../conversation.ts';
import { monotonicUs } from '../monotonic.ts';
import { progress } from '../progress.ts';
import type { DetailedResult, DetailedRunner } from '../runner.ts';
import { withoutPauses } from './passed-pictures.ts';
import { openPauses } from './pauses.ts';

let site: Site;
let url = '';
let runner: DetailedRunner;

/** One that shows a secret in a text, in a password field and in a drawing, and looks at what is done to it. */
const secretive = `<title>Secretive</title><body style="margin:0;background:lime"><input type=password value=sesame-street>
  <p id=said style="color:red; background-image: none">Your word is sesame-street</p>
  <svg width=50 height=50><text y=20 title="sesame-street">x</text></svg><button>Go on</button></body>`;

before(async () => {
  site = await startSite((_, response) => void response.setHeader('content-type', 'text/html').end(secretive));
  url = site.url;
  runner = await buildRunner();
});
atEnd(async () => {
  await runner[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

const pictured = (body: string, wishes: Partial<ScriptRun> = {}) =>
  runScript(
    runner,
    {
      source: `import { test, expect } from '@playwright/test';\ntest('T', async ({ page }) => {\n${body}\n});\n`,
    },
    { url, picturesWhenPassed: true, ...wishes },
  );
const namesOf = ({ run }: DetailedResult) => run.evidence.map(({ kind, transaction }) => [kind, transaction]);

test('of a run that passes there is a picture for each transaction, as the page was at its end', async () => {
  const result = await pictured(`
    await test.step('Red', async () => { await page.goto('/'); await page.evaluate(() => { document.body.style.background = 'red'; }); });
    await test.step('Blue', async () => { await page.evaluate(() => { document.body.style.background = 'blue'; }); });`);
  assert.deepEqual(namesOf(result), [
    ['screenshot', 'Red'],
    ['screenshot', 'Blue'],
  ]);
  assert.deepEqual([result.run.page, result.run.evidenceMissing], [undefined, undefined]);
  assert.ok(result.files.every(({ whenPassed }) => whenPassed));
  const corners = await Promise.all(result.files.map(({ content }) => corner(content)));
  assert.ok((corners[0]?.[0] ?? 0) > 200 && (corners[1]?.[2] ?? 0) > 200, JSON.stringify(corners));
});

test('secrets and password fields are painted over in it, and the page is as it was when the run goes on', async () => {
  const result = await pictured(
    `const style = () => page.evaluate(() => [...document.querySelectorAll('*')].map((e) => e.getAttribute('style')).join());
    let before = '';
    await test.step('Look', async () => { await page.goto('/'); before = await style(); });
    await test.step('Look again', async () => { expect(await style()).toBe(before); await page.getByText('Go on').click(); });`,
    { secrets: { WORD: 'sesame-street' } },
  );
  assert.equal(result.run.outcome, 'passed', result.run.error?.message ?? '');
  const { data, info } = await sharp(firstOf(result)).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  let [red, grey] = [0, 0];
  for (let i = 0; i < data.length; i += info.channels) {
    const [r = 0, g = 0, b = 0] = data.subarray(i, i + 3);
    if (r > 200 && g < 60 && b < 60) red++;
    if (Math.abs(r - 85) + Math.abs(g - 85) + Math.abs(b - 85) < 30) grey++;
  }
  assert.equal(red, 0, 'no letter of the text is left');
  assert.ok(grey > 10_000, `${grey} grey pixels`);
});

test('none is kept of a run that goes wrong, nor taken where none is asked for', async () => {
  const wrong = await pictured(`await test.step('Fine', () => page.goto('/'));
    await test.step('Wrong', () => { throw new Error('on purpose'); });`);
  assert.deepEqual(namesOf(wrong), [
    ['screenshot', undefined],
    ['aria', undefined],
  ]);
  assert.ok(wrong.files.every(({ whenPassed }) => !whenPassed));
  assert.deepEqual(namesOf(await runScript(runner, { source: plain }, { url })), []);
});

const plain = `import { test } from '@playwright/test'; test('T', async ({ page }) => { await page.goto('/'); });`;

test('what is kept of a trial that passed is marked as showing that', async () => {
  const { run, files } = await runScript(runner, { source: plain }, { url, looksAtEnd: true });
  assert.equal(run.outcome, 'passed');
  assert.deepEqual(
    files.map(({ mediaType, whenPassed }) => [mediaType, whenPassed]),
    [
      ['image/webp', true],
      ['text/yaml', true],
    ],
  );
});

test('a test without steps has one of its end, and ten are enough for a run', async () => {
  const narrow = { evidence: EvidencePolicy.parse({ width: 300 }) };
  const result = await runScript(runner, { source: plain }, { url, picturesWhenPassed: true, ...narrow });
  assert.deepEqual(namesOf(result), [['screenshot', 'T']]);
  assert.equal((await sharp(firstOf(result)).metadata()).width, 300);
  const many = await pictured(
    `for (let i = 0; i < 12; i++) await test.step('Look', () => page.goto('/?' + i));`,
    narrow,
  );
  assert.equal(many.run.evidence.length, 10);
  assert.equal(many.run.evidence.at(-1)?.transaction, 'Look #10');
});

test('a page that gives no picture costs the run its time and nothing else', async () => {
  // The test's time would be over if the wait for the pictures counted.
  const result = await pictured(
    `test.setTimeout(1500);
    await test.step('Busy', async () => { await page.goto('/'); await page.evaluate(() => { setTimeout(() => { for (const end = Date.now() + 2500; Date.now() < end;); }, 0); }); });
    await test.step('After', () => {});`,
    { timeoutMs: 30_000 },
  );
  assert.equal(result.run.outcome, 'passed', result.run.error?.message ?? '');
  assert.deepEqual(
    namesOf(result).filter(([, name]) => name === 'Busy'),
    [],
  );
});

test('a run has its whole time beside that in which its pages were looked at, or are when its time is over', async () => {
  const began = monotonicUs();
  const pauses = openPauses();
  const demand = { instruments: { pauses }, isOpening: false };
  void pauses.during(() => after(50));
  const state = progress({ us: began, ms: 0 }, String, () => {});
  const error = await limitReached(20, state, demand, new AbortController().signal);
  const tookUs = monotonicUs() - began;
  assert.ok(pauses.us() > 0 && tookUs >= 20_000 + pauses.us(), `${tookUs} µs with ${pauses.us()} µs`);
  assert.match(error.message, /^The run took longer than its 0\.02 seconds/);
});

test('the wait for pictures is in no time of the run', () => {
  const transaction = (name: string, startUs: number, durationUs: number, loadUs: number) => ({
    ...{ name, outcome: 'passed' as const, startUs, durationUs },
    pageLoads: [{ url: 'http://a/', startUs: loadUs, requests: 1, bytes: 1 }],
  });
  const run = {
    durationUs: 1000,
    transactions: [transaction('A', 0, 100, 10), transaction('B', 300, 200, 350), transaction('T', 100, 900, 950)],
  } as unknown as Run;
  const pauses = [
    { fromUs: 5100, toUs: 5300 },
    { fromUs: 5500, toUs: 5600 },
  ];
  const { durationUs, transactions } = withoutPauses(run, 5000, pauses);
  assert.equal(durationUs, 700);
  assert.deepEqual(
    transactions.map((t) => [t.startUs, t.durationUs, t.pageLoads?.[0]?.startUs]),
    [
      [0, 100, 10],
      [100, 200, 150],
      [100, 600, 650],
    ],
  );
  assert.deepEqual(withoutPauses(run, 5000, []), run);
});

function firstOf({ files: [file] }: DetailedResult): Buffer {
  assert.ok(file);
  return file.content;
}

/** The colour of a picture's lower right corner. */
async function corner(content: Buffer): Promise<number[]> {
  const { data } = await sharp(content)
    .extract({ left: 1200, top: 700, width: 1, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return [...data];
}
