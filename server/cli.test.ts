import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { addCustomer } from './accounts/customers.ts';
import { serverConfig } from './config.ts';
import { addEnrolmentCode } from './enrolment/codes.ts';
import { enrol } from './enrolment/enrol.ts';
import { openContext } from './http/context.ts';

const program = fileURLToPath(new URL('./cli.ts', import.meta.url));

function tempFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-cli-'));
  return { folder, data: join(folder, 'data'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

function start(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args]);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) =>
    child.on('close', (code) => resolve({ code, stdout, stderr })),
  );
  return { child, ended };
}

const run = (...args: string[]) => start(...args).ended;

test('from an empty folder to a monitored script by commands alone', async () => {
  using temp = tempFolder();
  const common = ['--data', temp.data, '--json'];
  const script = join(temp.folder, 'home.spec.ts');
  writeFileSync(
    script,
    "import { test } from '@playwright/test';\ntest('Home', async ({ page }) => { await page.goto('/'); });",
  );
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await run(...args, ...common);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout);
  };
  const { id } = await json('customer', 'add', 'Acme', '--time-zone', 'Europe/Amsterdam');
  assert.deepEqual(await json('customer', 'list'), {
    customers: [{ id, name: 'Acme', timeZone: 'Europe/Amsterdam', suspendedAt: null }],
  });
  assert.match((await json('user', 'add', 'alice', '--customer', 'Acme')).password, /^[\w-]{20,}$/);
  const [alice] = (await json('user', 'list')).users;
  assert.deepEqual(
    [alice.name, alice.isChangeDemanded],
    ['alice', true],
    'a password that others saw is for one sign-in',
  );
  assert.match((await json('user', 'add', 'bob', '--customer', 'Acme', '--invite')).path, /^\/password#[\w-]{43}$/);
  const { users } = (await json('user', 'list')) as { users: { name: string; isInvited: boolean }[] };
  assert.deepEqual(
    users.map(({ name, isInvited }) => [name, isInvited]),
    [
      ['alice', false],
      ['bob', true],
    ],
  );
  const { code, pin } = await json('enrolment-code', '--customer', 'Acme', '--location', 'Utrecht', '--uses', '2');
  assert.match(code, /^[\w-]{30,}$/);
  assert.equal((await json('pin')).pins[0], pin);
  const published = await json('publish', script, '--customer', 'Acme', '--host', '127.0.0.1:8080', 'shop.example');
  assert.deepEqual([published.version, published.hosts], [1, ['127.0.0.1:8080', 'shop.example']]);
  const monitor = [
    'monitor',
    'add',
    'Home',
    '--customer',
    id,
    '--script',
    'home.spec.ts',
    '--base-url',
    'http://127.0.0.1:8080',
  ];
  assert.equal((await json(...monitor, '--variable', 'A=1', 'B=x=y', '--every', '30')).name, 'Home');
  const change = ['monitor', 'change', 'Home', '--customer', id];
  const asked = ['--trace', '--confirm-failures', '--expect-timeout', '2.5', '--use', '{"locale":"nl-NL"}'];
  assert.equal((await json(...change, ...asked)).name, 'Home');
  const idle = await run(...change, '--data', temp.data);
  assert.deepEqual([idle.code, /nothing to change was named/.test(idle.stderr)], [2, true]);
  assert.equal((await run('customer', 'set', 'Acme', '--data', temp.data)).code, 2);
  assert.equal((await run(...change, '--use', '[]', '--data', temp.data)).code, 2);
});

test('the server says where it listens, and SIGTERM ends it cleanly', {
  skip: process.platform === 'win32',
}, async () => {
  using temp = tempFolder();
  const { child, ended } = start('run', '--data', temp.data, '--port', '0', '--json');
  const line: string = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
  assert.match(JSON.parse(line).url, /^https:\/\/127\.0\.0\.1:\d+$/);
  child.kill('SIGTERM');
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  assert.equal(code, 0, stderr);
});

test('what a device calls itself cannot command the terminal of who lists it', async () => {
  using temp = tempFolder();
  const name = 'PC \u001b]0;gone\u0007\u202e 7';
  {
    await using server = await openContext(serverConfig({ dataFolder: temp.data }, {}));
    const { id } = await addCustomer(server, 'Acme');
    const code = await addEnrolmentCode(server, id, { location: 'Utrecht' });
    await enrol(server, { code, name, platform: 'linux', version: '0.1.0' });
  }
  const { stdout } = await run('sentinel', 'list', '--customer', 'Acme', '--data', temp.data);
  assert.match(stdout, /^[0-9a-f-]{36} {2}PC {2}\]0;gone {3}7 {2}Utrecht {2}unused\n$/);
});

test('what cannot be done is one sentence and exit code 1, a wrong command exit code 2', async () => {
  using temp = tempFolder();
  const common = ['--data', temp.data];
  const elsewhere = await run('archive', 'run', '--customer', 'Acme', ...common);
  assert.deepEqual(
    [elsewhere.code, elsewhere.stderr],
    [
      1,
      `vedette-server: there is no data of a server in ${temp.data}: name its data folder with --data, or set one up with: vedette-server init\n`,
    ],
  );
  assert.equal(existsSync(temp.data), false, 'nothing is made in a folder that may be misspelt');
  await (await openContext(serverConfig({ dataFolder: temp.data }, {})))[Symbol.asyncDispose]();
  const unknown = await run('enrolment-code', '--customer', 'Nobody', '--location', 'x', ...common);
  assert.equal(unknown.code, 1);
  assert.equal(unknown.stderr, 'vedette-server: there is no customer "Nobody": there are none yet\n');
  const next = `vedette-server customer add NAME --data "${temp.data}" --database "${temp.data}"`;
  const { stdout } = await run('customer', 'list', '--database', temp.data, ...common);
  assert.equal(stdout, `There are no customers yet: ${next}\n`);
  const unwritable = await run('customer', 'add', 'Acme', '--data', join(program, 'below'));
  assert.equal(unwritable.code, 1);
  assert.match(
    unwritable.stderr,
    /^vedette-server: cannot write in the folder [^\n]+ \(ENOTDIR\): do this as the user whose folder it is, or choose another one\n$/,
  );
  const wrong = await run('publish', ...common);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--customer/);
  const loud = await run('customer', 'list', '--log-level', 'loud', ...common);
  assert.equal(loud.code, 2);
  assert.match(loud.stderr, /^vedette-server: --log-level: .*"info"/);
  assert.equal((await run('monitor', 'add', '--help')).code, 0);
});
