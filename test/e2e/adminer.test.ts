import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import type { DetailedRunner } from '../../sentinel/runner/runner.ts';
import { type Adminer, startAdminer } from '../apps/adminer/adminer.ts';
import { buildRunner, runScript } from '../run-script.ts';
import { usersBrowser } from '../thrifty-browser.ts';

/* An application that nobody here wrote: Debian's Adminer, on PHP, with the tests' own MariaDB. */

const flow = { file: join(import.meta.dirname, '../apps/adminer/adminer.spec.ts') };
let adminer: Adminer;
let runner: DetailedRunner;

before(async () => {
  [adminer, runner] = await Promise.all([startAdminer(), buildRunner({}, { browser: usersBrowser })]);
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await adminer.close();
  const running = execFileSync('ps', ['-A', '-o', 'args='], { encoding: 'utf8' });
  const { host } = new URL(adminer.url);
  assert.ok(!running.includes(host), `${host} is still there`);
});

const run = (password: string) =>
  runScript(runner, flow, {
    url: adminer.url,
    variables: { ADMINER_SERVER: adminer.server },
    secrets: { ADMINER_PASSWORD: password },
  });

test('logs in, opens a table and logs out', async () => {
  const { run: told } = await run(adminer.password);
  assert.equal(told.outcome, 'passed', String(told.error?.message));
  assert.deepEqual(
    told.transactions.map((t) => t.name),
    ['Open', 'Log in', 'Open a table', 'Log out'],
  );
  for (const { name, responseUs } of told.transactions) assert.ok(responseUs, `${name} has a response time`);
});

test('a wrong password is a failed assertion, with a screenshot of the login form', async () => {
  const { run: told, files } = await run('no such password');
  assert.deepEqual([told.outcome, told.error?.code], ['failed', 'ASSERTION'], String(told.error?.message));
  assert.match(told.error?.message ?? '', /Database: library[\s\S]*Login/);
  assert.deepEqual(
    told.transactions.map((t) => t.outcome),
    ['passed', 'failed', 'skipped', 'skipped'],
  );
  assert.ok(!JSON.stringify(told).includes('no such password'));
  const [screenshot] = files.filter(({ mediaType }) => mediaType === 'image/webp');
  assert.equal((await sharp(screenshot?.content).metadata()).format, 'webp');
});
