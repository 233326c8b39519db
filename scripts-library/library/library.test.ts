import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { TOTP } from 'otpauth';
import type { DetailedRunner } from '../../sentinel/runner/runner.ts';
import { type Adminer, startAdminer } from '../../test/apps/adminer/adminer.ts';
import { account, type LibraryApps, startLibraryApps } from '../../test/apps/library/library-apps.ts';
import { serveFolder } from '../../test/apps/library/serve-folder.ts';
import { buildRunner, runScript, undisturbed } from '../../test/run-script.ts';
import { bundle } from '../publish/bundle.ts';
import { totpAt } from '../totp-login/totp.ts';
import { flowNamed, flows } from './flows.ts';

/* Every flow against an application that works, and against the same one broken: one browser for all. */

let apps: LibraryApps;
let runner: DetailedRunner;
let adminer: Adminer | undefined;

before(async () => {
  [apps, runner] = await Promise.all([startLibraryApps(), buildRunner()]);
});
after(async () => {
  await runner[Symbol.asyncDispose]();
  await apps[Symbol.asyncDispose]();
  await adminer?.close();
});

const secrets = { LOGIN_PASSWORD: account.password, TOTP_SECRET: account.totpSecret };
const variables: Record<string, Record<string, string>> = {
  'file-download': { FILE_NAME: 'report.pdf', BEGINS_WITH: '%PDF', LEAST_BYTES: '1000' },
  'single-page': { SHOWN: 'All the figures' },
};
/** The transaction in which it is seen that the application is broken, as far as that is always the same. */
const red: Record<string, string> = {
  'form-login': 'Login',
  'oidc-login': 'To the provider',
  'totp-login': 'Code',
  'basic-auth': 'Open',
  'search-open': 'Search',
  'file-download': 'Download',
  basket: 'Add to basket',
  'api-requests': 'List',
  'single-page': 'Open a view',
};

/** Runs a flow with the names that `init --from` writes for it, and a time-out that suits an application next door. */
function run(name: string, more: Partial<Parameters<typeof runScript>[2]> = {}) {
  const { files, needs } = flowNamed(name);
  const usual = needs.flatMap((need) => ('example' in need ? [[need.name, need.example]] : []));
  const given = { ...Object.fromEntries(usual), LOGIN_USER: account.user, ...variables[name], ...more.variables };
  const url = `${apps.url}/${name}/`;
  const asked = { url, secrets, ...more, variables: given };
  return undisturbed(() => runScript(runner, { file: files[0] ?? '' }, asked));
}

test('every flow is green, in the transactions that its page names', async () => {
  for (const { name, files } of flows) {
    const { run: told } = await run(name);
    assert.equal(told.outcome, 'passed', `${name}: ${told.error?.message}`);
    const page = readFileSync(join(dirname(files[0] ?? ''), 'README.md'), 'utf8');
    const [, table = ''] = /\| transaction .*\n.*\n((?:\|.*\n)+)/.exec(page) ?? [];
    const named = [...table.matchAll(/^\| ([^|]+?) \|/gm)].map(([, step]) => step);
    assert.deepEqual(
      told.transactions.map((one) => one.name),
      named,
    );
  }
});

test('every flow is red when its application is broken, where it is', async () => {
  apps.isBroken = true;
  const tried = flows.filter((_, index) => process.env.VEDETTE_LONG !== undefined || index % 3 === 0);
  for (const { name } of tried) {
    const { run: told } = await run(name, { expectTimeoutMs: 2500 });
    assert.equal(told.outcome, 'failed', `${name}: ${told.outcome} ${told.error?.message}`);
    assert.equal(told.transactions.find(({ outcome }) => outcome === 'failed')?.name, red[name], name);
  }
  apps.isBroken = false;
});

test('the pages and the list name what each script reads, and no more', async () => {
  for (const { name, files, needs } of flows) {
    const [file = ''] = files;
    const read = (await bundle(file)).secrets.filter((one) => one !== 'START' && one !== 'HEADING');
    assert.deepEqual(needs.map((need) => need.name).sort(), read.sort(), name);
    const page = readFileSync(join(dirname(file), 'README.md'), 'utf8');
    for (const one of needs) assert.match(page, new RegExp(`^\\| \`${one.name}\` \\|`, 'm'));
  }
});

test('totp() gives the codes that authenticator apps give', async () => {
  const other = new TOTP({ secret: account.totpSecret });
  for (const now of [59_000, 1_111_111_109_000, 2_000_000_000_000, Date.now()])
    assert.equal(await totpAt('jbsw y3dp ehpk 3pxp', now), other.generate({ timestamp: now }));
  await assert.rejects(totpAt('not base 32!', 0), /is no base32/);
});

test("form-login works on Debian's Adminer as it is, and is red with a wrong password", async () => {
  adminer = await startAdminer();
  const { server, user, password, database, url } = adminer;
  const names = {
    ...{ START: `./?${new URLSearchParams({ server, username: user, db: database })}`, LOGIN_USER: user },
    ...{ USER_LABEL: 'css=[name="auth[username]"]', PASSWORD_LABEL: 'css=[name="auth[password]"]', SIGN_IN: 'Login' },
    WELCOME: `Database: ${database}`,
  };
  const green = await run('form-login', { url: `${url}/`, variables: names, secrets: { LOGIN_PASSWORD: password } });
  assert.equal(green.run.outcome, 'passed', String(green.run.error?.message));
  const wrong = { url: `${url}/`, variables: names, secrets: { LOGIN_PASSWORD: 'no such' }, expectTimeoutMs: 2500 };
  assert.equal((await run('form-login', wrong)).run.outcome, 'failed');
});

test("single-page works on Playwright's own dashboard as it is, and is red where its view is not there", async () => {
  await using viewer = await serveFolder('node_modules/playwright-core/lib/vite/dashboard');
  const names = { READY: 'Select a session', LINK: 'Settings', SHOWN: 'Theme' };
  const { run: told } = await run('single-page', { url: `${viewer.url}/`, variables: names });
  assert.equal(told.outcome, 'passed', String(told.error?.message));
  const gone = { url: `${viewer.url}/`, variables: { ...names, SHOWN: 'A view it never had' }, expectTimeoutMs: 2500 };
  assert.equal((await run('single-page', gone)).run.outcome, 'failed');
});
