import assert from 'node:assert/strict';
import { type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { serverPin } from '../../certs/server-certificate.ts';
import { makePackages } from '../../packaging/package.ts';
import { addMonitor } from '../../server/assignments/monitors.ts';
import { publish } from '../../server/assignments/publish.ts';
import { buildWorld } from '../../server/build-world.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { installLines } from '../../server/enrolment/install-lines.ts';
import { startShop } from '../apps/shop/shop.ts';
import { until } from '../faults/until.ts';

/*
 * What an administrator does with a workstation, with nothing of this checkout: the archive as it is handed out, the line
 * as it is printed, an ordinary user with a home of its own. Only systemd is stood in for, since it is not at work in a test:
 * the stand-in starts and stops what the unit says.
 */

const source = `import { expect, test } from '@playwright/test';
test('Shop', async ({ page }) => {
  await page.goto('/');
  await expect(page).toHaveTitle('Another shop', { timeout: 100 });
});`;

const systemctl = `#!/bin/sh
unit=$HOME/.config/systemd/user/vedette-sentinel.service
case "$2" in
  restart)
    eval "set -- $(sed -n 's/^ExecStart=//p' "$unit")"
    setsid "$@" >"$TMPDIR/service.log" 2>&1 </dev/null &
    echo $! >"$TMPDIR/service.pid" ;;
  disable)
    kill "$(cat "$TMPDIR/service.pid")"
    while kill -0 "$(cat "$TMPDIR/service.pid")" 2>/dev/null; do sleep 0.05; done
    rm "$TMPDIR/service.pid" "$TMPDIR/service.log" ;;
  is-active) if kill -0 "$(cat "$TMPDIR/service.pid")"; then echo active; else echo failed; fi ;;
esac
`;

/** A user with a home that has something in it, who runs commands; whatever still runs at the end is killed. */
function buildUser() {
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'vedette-install-'));
  const [home, temporary, tools] = ['home', 'tmp', 'tools'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const one of [home, temporary, tools, join(home, 'Documents'), join(home, '.config')]) fs.mkdirSync(one);
  fs.writeFileSync(join(home, 'Documents', 'letter.txt'), 'Dear Ann');
  fs.writeFileSync(join(tools, 'systemctl'), systemctl, { mode: 0o755 });
  const root = process.getuid?.() === 0;
  const who: SpawnOptions = root ? { uid: 65534, gid: 65534 } : {};
  if (root)
    for (const one of [folder, home, temporary, join(home, '.config'), join(home, 'Documents')])
      fs.chownSync(one, 65534, 65534);
  const env = { HOME: home, TMPDIR: temporary, PATH: `${tools}:${join(home, '.local', 'bin')}:/usr/bin:/bin` };
  const sh = async (command: string) => {
    const child = spawn('/bin/sh', ['-c', command], { ...who, env, cwd: home, stdio: ['ignore', 'pipe', 'pipe'] });
    if (!child.stdout || !child.stderr) throw new Error('no pipes');
    const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code: child.exitCode, out, error };
  };
  const close = async () => {
    await sh('[ ! -f "$TMPDIR/service.pid" ] || kill -9 "$(cat "$TMPDIR/service.pid")"');
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { home, temporary, sh, [Symbol.asyncDispose]: close };
}

/** Every path below a folder, with the time and mode of files. */
function everything(folder: string): string[] {
  const paths = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return paths.map((path) => {
    const { mode, mtimeMs } = fs.lstatSync(join(folder, path));
    return `${path} ${mode.toString(8)}${fs.statSync(join(folder, path)).isFile() ? ` ${mtimeMs}` : ''}`;
  });
}

test('one pasted line makes a workstation a sentinel that runs, and uninstall leaves the disk as it was', async () => {
  await using world = await buildWorld();
  await using shop = await startShop({ password: 'correct horse' });
  const { context, server } = world;
  const acme = await world.addCustomer('Acme');
  await publish(context, acme, {
    script: { name: 'shop.spec.ts', source },
    author: 'test',
    hosts: [`127.0.0.1:${shop.port}`],
  });
  const use = { baseURL: `http://127.0.0.1:${shop.port}` };
  await addMonitor(context, acme, {
    name: 'Shop',
    script: 'shop.spec.ts',
    everyMs: 2000,
    use,
    policy: { evidence: { trace: true } },
  });
  await makePackages(['linux-x64'], context.installFolder, 0);
  const leafPin = serverPin(join(context.dataFolder, 'certs')) ?? '';
  const enrolmentCode = await addEnrolmentCode(context, acme, { location: 'Utrecht' });
  const line = installLines({
    url: server.url,
    pin: context.authority.pins[0] ?? '',
    leafPin,
    code: enrolmentCode,
  }).unix;
  await using user = buildUser();
  const before = everything(user.home);

  const [, fetched = ''] = /^(curl .*?) \| sh/.exec(line) ?? [];
  assert.match((await user.sh(fetched)).out, /^#!\/bin\/sh\n/);
  const stranger = await user.sh(fetched.replace(leafPin, context.authority.pins[0] ?? ''));
  assert.deepEqual([stranger.code, stranger.out], [90, ''], 'with -k curl compares the key all the same');

  const installed = await user.sh(line);
  assert.deepEqual([installed.code, installed.error], [0, '']);
  assert.match(installed.out, /Enrolled as .* at Utrecht, for Acme/);
  assert.match(installed.out, /The service is installed and runs/);
  assert.equal((await user.sh('vedette-sentinel service status')).out, 'active\n');

  const app = join(user.home, '.local/share/vedette-sentinel-app');
  const packages = ['@img', 'acorn', 'detect-libc', 'playwright', 'playwright-core', 'semver', 'sharp'];
  assert.deepEqual(fs.readdirSync(join(app, 'node_modules')).sort(), packages);
  const code = fs.readFileSync(join(app, 'sentinel/cli.js'), 'utf8');
  assert.match(code, /vedette-sentinel enrol/);
  assert.doesNotMatch(code, /knex|koa|mysql|esbuild|vedette-server run/i, 'there is nothing of the server in it');

  const database = join(context.dataFolder, 'customers', acme, 'live.sqlite');
  const stored =
    "SELECT count(DISTINCT kind) AS n FROM evidence WHERE stored_sha256 IS NOT NULL AND kind IN ('screenshot', 'trace')";
  await until('a run came in, with its picture and trace', () => rowOf(database, stored)?.n === 2, {
    tell: () => fs.readFileSync(join(user.temporary, 'service.log'), 'utf8'),
  });
  const run = rowOf(database, 'SELECT outcome, error_code, sandbox_level FROM runs');
  assert.deepEqual({ ...run }, { outcome: 'failed', error_code: 'ASSERTION', sandbox_level: 3 });
  const status = JSON.parse((await user.sh('vedette-sentinel status --json')).out);
  assert.deepEqual([status.running, status.problems], [true, []]);
  assert.match((await user.sh('vedette-sentinel sent --kind evidence')).out, /image\/webp/);

  if (process.env.VEDETTE_LONG) await upgrades(user, line);

  const gone = await user.sh('vedette-sentinel uninstall --yes');
  assert.deepEqual([gone.code, gone.error], [0, '']);
  assert.match(gone.out, /The server knows\.\n$/);
  assert.deepEqual(everything(user.home), before);
  assert.deepEqual(everything(user.temporary), []);
  assert.ok(rowOf(database, 'SELECT revoked_at FROM sentinels')?.revoked_at);
});

/** The same line without its code puts the program anew, and keeps who the sentinel is. */
async function upgrades(user: ReturnType<typeof buildUser>, line: string): Promise<void> {
  const { home } = JSON.parse((await user.sh('vedette-sentinel status --json')).out);
  const config = fs.readFileSync(join(home, 'config.json'), 'utf8');
  const list = join(dirname(home), 'vedette-sentinel-app', 'installed');
  const made = fs.readFileSync(list, 'utf8');
  fs.rmSync(join(dirname(home), 'vedette-sentinel-app', 'LICENSE'));
  await user.sh('kill "$(cat "$TMPDIR/service.pid")"'); // as a true systemctl does before it starts a service anew
  const again = await user.sh(line.replace(/ --code .*/, ''));
  assert.deepEqual([again.code, again.error], [0, '']);
  assert.ok(fs.existsSync(join(dirname(home), 'vedette-sentinel-app', 'LICENSE')));
  assert.deepEqual([fs.readFileSync(join(home, 'config.json'), 'utf8'), fs.readFileSync(list, 'utf8')], [config, made]);
}

function rowOf(database: string, sql: string) {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 1000 });
  return db.prepare(sql).get();
}
