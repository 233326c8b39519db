import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, mock, test } from 'node:test';
import type { CustomerId } from '../db/customers.ts';
import { author } from '../scripts-library/program.ts';
import { enrol } from '../sentinel/enrol.ts';
import { runSentinel } from '../sentinel/main.ts';
import { openRunner } from '../sentinel/runner/runner.ts';
import { writeSettings } from '../sentinel/settings/settings.ts';
import { Vault } from '../sentinel/vault.ts';
import { addToken } from '../server/accounts/tokens.ts';
import { runNow } from '../server/assignments/run-now.ts';
import { commandLine } from '../server/audit/audit.ts';
import { buildWorld, type World } from '../server/build-world.ts';
import { addEnrolmentCode } from '../server/enrolment/codes.ts';
import { type RunningShop, startShop } from './apps/shop/shop.ts';
import { recordLogin } from './e2e/recorded-login.ts';
import { until } from './faults/until.ts';
import { thriftyBrowser } from './thrifty-browser.ts';

/* The tutorial of docs/authoring.md, command by command: one server, one sentinel, one shop. */

const page = readFileSync(resolve(import.meta.dirname, '../docs/authoring.md'), 'utf8');
const [, tutorial = ''] = page.split('\n## Tutorial\n');
const lines = [...(tutorial.split('\n## ')[0] ?? '').matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
  block.trim().split('\n'),
);
const password = 'correct horse';
const began = process.cwd();
const stop = new AbortController();

let folder: string;
let world: World;
let shop: RunningShop;
let customerId: CustomerId;
let token: string;
let sentinel: Promise<void>;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-authoring-'));
  [world, shop] = await Promise.all([buildWorld(), startShop({ password })]);
  customerId = await world.addCustomer('Acme');
  const scope = ['read', 'change monitors'] as const;
  const wish = { name: 'tutorial', scope: [...scope], lifeMs: 3_600_000 };
  token = (await addToken(world.context, customerId, wish, commandLine)).text;
  await startSentinel();
  process.env.VEDETTE_CONFIG_FOLDER = join(folder, 'config');
  process.chdir(folder);
});
after(async () => {
  process.chdir(began);
  stop.abort();
  await sentinel;
  await Promise.all([world[Symbol.asyncDispose](), shop[Symbol.asyncDispose]()]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

const home = () => join(folder, 'sentinel');
const pin = () => world.context.authority.pins[0] ?? '';

async function startSentinel(): Promise<void> {
  const code = await addEnrolmentCode(world.context, customerId, { location: 'Utrecht', tags: ['vdi'] });
  const wishes = { server: world.server.url, pin: pin(), code, name: 'desk 12', home: home() };
  await enrol(wishes, stop.signal);
  writeSettings(home(), { browser: thriftyBrowser });
  sentinel = runSentinel({ home: home(), openRunner, allowRoot: true, concurrency: 1, log: () => {} }, stop.signal);
}

/** What a command of ours prints, and with what it ends. */
async function vedette(...args: string[]): Promise<{ code: number; output: string }> {
  const told: string[] = [];
  const hear = (text: unknown) => void told.push(String(text));
  const heard = [mock.method(console, 'log', hear), mock.method(console, 'error', hear)];
  process.exitCode = 0;
  await author(args);
  for (const one of heard) one.mock.restore();
  const code = Number(process.exitCode ?? 0);
  process.exitCode = 0;
  return { code, output: told.join('\n') };
}

/** What the tutorial has the reader do in the way it is typed there. */
const deeds: Record<string, (line: string) => unknown> = {
  cd: (line) => {
    process.chdir(line.slice(3));
    const config = readFileSync('vedette.config.ts', 'utf8');
    writeFileSync('vedette.config.ts', config.replace('https://your.application/', shop.url));
  },
  'echo "LOGIN_PASSWORD': () => writeFileSync('.env', `LOGIN_PASSWORD=${password}\n`),
  'vedette-sentinel secret': async () => {
    new Vault(home()).setSecret('LOGIN_PASSWORD', password);
    await runNow(world.context, customerId, { name: 'Form login' });
    await until('the first run is reported', async () =>
      (await vedette('runs', 'Form login')).output.includes('passed'),
    );
  },
};
const more: Record<string, string[]> = { test: ['--allow-root', '--browser', thriftyBrowser] };
const told: Record<string, RegExp> = {
  'vedette init shop --from form-login': /Made vedette\.config\.ts, form-login\.spec\.ts/,
  'vedette check': /vedette\.config\.ts: no faults\.\nform-login\.spec\.ts: no faults/,
  'vedette test': /✓ Open .* response.*✓ Login .* response.*1 of 1 passed/s,
  'vedette deploy --dry-run': /\+ script form-login\.spec\.ts.*\+ monitor Form login.*2 added/s,
  'vedette deploy --yes --message "First version"': /2 added.*Done\. Sentinels follow/s,
  'vedette runs': /up +Form login/,
  'vedette runs "Form login"': /passed .* desk 12, Utrecht/,
  'vedette versions form-login.spec.ts': / 2 .* tutorial +Second\n +1 .* tutorial +First version/,
  'vedette rollback form-login.spec.ts 1 --yes': /that is version 3 now/,
  'vedette pull --name shop --force': /Written: vedette\.config\.ts, form-login\.spec\.ts/,
};

test('the tutorial can be followed from the first command to the last', async () => {
  assert.ok(lines.length >= 12, lines.join('\n'));
  const seen = new Set<string>();
  for (const line of lines) {
    const [, deed] = Object.entries(deeds).find(([start]) => line.startsWith(start)) ?? [];
    if (deed) await deed(line);
    else if (line.includes('vedette login')) await logIn();
    else {
      if (line.startsWith('vedette versions')) await deploySecondVersion();
      const args = [...line.replace('vedette ', '').matchAll(/"([^"]*)"|(\S+)/g)].map(
        ([, quoted, word]) => quoted ?? word ?? '',
      );
      const { code, output } = await vedette(...args, ...(more[args[0] ?? ''] ?? []));
      assert.equal(code, 0, `${line}\n${output}`);
      assert.match(output, told[line] ?? /^$/, line);
      seen.add(line);
    }
  }
  assert.deepEqual([...seen], Object.keys(told));
});

/** The token comes by the environment here: a pipe needs a process of its own. */
async function logIn(): Promise<void> {
  process.env.VEDETTE_TOKEN = token;
  const { code, output } = await vedette('login', world.server.url, '--pin', pin());
  delete process.env.VEDETTE_TOKEN;
  assert.equal(code, 0, output);
  assert.match(output, /Signed in at Acme as "tutorial"\. It may: read, change monitors/);
  assert.equal(statSync(join(folder, 'config', 'account.json')).mode & 0o777, 0o600);
}

async function deploySecondVersion(): Promise<void> {
  const text = readFileSync('form-login.spec.ts', 'utf8');
  writeFileSync('form-login.spec.ts', text.replace("'Form login'", "'Form login, changed'"));
  const { code, output } = await vedette('deploy', '-y', '-m', 'Second');
  assert.equal(code, 0, output);
}

test('what was pulled is what is deployed: the same again changes nothing', async () => {
  assert.match(readFileSync('form-login.spec.ts', 'utf8'), /test\('Form login', /);
  const { code, output } = await vedette('deploy', '--yes');
  assert.deepEqual([code, output], [0, 'Nothing to change: what is there is as it should be (2 unchanged).']);
});

test('where nobody is there to ask, a change wants --yes, and an older plan is not carried out', async () => {
  const config = readFileSync('vedette.config.ts', 'utf8');
  writeFileSync('vedette.config.ts', config.replace("'5 min'", "'10 min'"));
  const unasked = await vedette('deploy');
  assert.equal(unasked.code, 2);
  assert.match(unasked.output, /schedule\.every: 5 min → 10 min[\s\S]*add --yes/);
  writeFileSync('vedette.config.ts', config);
});

test('mistakes in the configuration are told with their place and what was most likely meant', async () => {
  const [projectLine = ''] = /^ {2}project: .*\n/m.exec(readFileSync('vedette.config.ts', 'utf8')) ?? [];
  const cases: [string, string, RegExp][] = [
    [
      'every:',
      'evry:',
      /vedette\.config\.ts:\d+:\d+ {2}CONFIG {2}monitors\[0\]\.schedule\.evry: .*did you mean "every"\?/,
    ],
    ["'5 min'", "'5 minutes'", /monitors\[0\]\.schedule\.every: must be a length of time with its unit/],
    [
      'form-login.spec.ts',
      'form-logn.spec.ts',
      /\.script: there is no file form-logn\.spec\.ts; did you mean "form-login\.spec\.ts"\?/,
    ],
    [projectLine, '', /CONFIG {2}project: is missing: add the line {2}project: '[\w-]{36}', {2}which tells/],
    ['baseURL:', 'baseUrl:', /monitors\[0\]\.baseUrl: there is no such field; did you mean "baseURL"\?/],
    ["name: 'shop'", "name: 'My Shop'", /:4:3 {2}CONFIG {2}name: must be small letters/],
    [
      "{ every: '5 min' }",
      "{ cron: '0 6 * * *', timeZone: 'Europe/Amsterdm' }",
      /timeZone: .*did you mean "Europe\/Amsterdam"\?/,
    ],
    ["{ every: '5 min' }", "{ cron: '61 * * * *' }", /cron: "61" is no minute/],
    [
      'baseURL:',
      "evidence: { screenshot: 'pag' }, baseURL:",
      /evidence\.screenshot: must be one of .*did you mean "page"\?/,
    ],
    ['baseURL:', "use: { local: 'nl' }, baseURL:", /monitors\[0\]\.use: local is no option .* Did you mean locale\?/],
    ['export default', 'export const config =', /nothing is exported/],
    ['defineConfig({', 'defineConfig({ {', /:3:\d+ {2}CONFIG {2}Expected/],
  ];
  const config = readFileSync('vedette.config.ts', 'utf8');
  for (const [from, to, message] of cases) {
    assert.ok(config.includes(from), `${from} is not in ${config}`);
    writeFileSync('vedette.config.ts', config.replace(from, to));
    const { code, output } = await vedette('check');
    assert.equal(code, 1, output);
    assert.match(output, message);
  }
  writeFileSync('vedette.config.ts', config);
});

test('what the server refuses is told in its sentence, and ends with 1', async () => {
  const config = readFileSync('vedette.config.ts', 'utf8');
  for (const [sentinels, message] of [
    ["{ locations: ['Utrect'] }", /no location with a sentinel "Utrect"; did you mean "Utrecht"\?/],
    ["{ tags: ['laptop'] }", /no sentinel with the tag "laptop"; there are: vdi/],
  ] as const) {
    writeFileSync('vedette.config.ts', config.replace('baseURL:', `sentinels: ${sentinels}, baseURL:`));
    const { code, output } = await vedette('deploy', '--dry-run');
    assert.equal(code, 1);
    assert.match(output, message);
  }
  writeFileSync('vedette.config.ts', config);
});

test('what goes wrong is told in the form of Playwright, for programs', async () => {
  rmSync('.env');
  const { code } = await vedette('test', '--reporter', 'junit', '--report-file', 'out/junit.xml', ...(more.test ?? []));
  assert.equal(code, 1);
  const junit = readFileSync('out/junit.xml', 'utf8');
  assert.match(junit, /<testsuite name="Form login" tests="1" failures="1" skipped="0" errors="0"/);
  assert.match(junit, /<failure message="SECRET_MISSING: [^"]*LOGIN_PASSWORD/);
});

test('who has never written code records a login, answers what is asked, and it is monitored where a tag says', async () => {
  const own = join(folder, 'recorded');
  mkdirSync(own);
  chmodSync(folder, 0o755);
  const { code, told } = await recordLogin(`${shop.url}/`, { folder: own, name: 'Shop login', password }, [
    [/goto\([\s\S]*Name \[Open\]: $/, ''],
    [/fill\('•••'\)[\s\S]*Name \[Sign in\]: $/, 'Log in'],
    [/"User", where you typed "demo", is no secret\..*: $/, ''],
    [/"Password" becomes the secret \[SHOP_LOGIN_PASSWORD\]\..*: $/, 'shop key'],
  ]);
  assert.equal(code, 0, told);
  assert.match(told, /Written: vedette\.config\.ts, shop-login\.spec\.ts, .*\.env\. Transactions: Open, Log in\./);
  assert.ok(!told.includes(password), 'the terminal shows no password');
  process.chdir(own);
  assert.ok(!readFileSync('shop-login.spec.ts', 'utf8').includes(password));
  assert.equal(readFileSync('.env', 'utf8'), `SHOP_KEY='${password}'\n`);
  assert.equal(statSync('.env').mode & 0o777, 0o600);
  assert.match(readFileSync('.gitignore', 'utf8'), /^\.env$/m);
  const tried = await vedette('test', ...(more.test ?? []));
  assert.match(tried.output, /✓ Open .*✓ Log in .*1 of 1 passed/s);
  const config = readFileSync('vedette.config.ts', 'utf8');
  writeFileSync('vedette.config.ts', config.replace('baseURL:', "sentinels: { tags: ['vdi'] }, baseURL:"));
  const deployed = (await vedette('deploy', '--yes')).output;
  assert.match(deployed, /sentinels.*vdi.*2 added.*Done/s);
  new Vault(home()).setSecret('SHOP_KEY', password);
  await runNow(world.context, customerId, { name: 'Shop login' });
  const newest = async () => (await vedette('runs', 'Shop login')).output;
  await until('the recorded flow is run by the sentinel', async () => /passed .* desk 12/.test(await newest()), {
    tell: () => told,
  });
});
