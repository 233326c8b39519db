import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { serverPin } from '../certs/server-certificate.ts';
import { buildWorld } from '../server/build-world.ts';
import { archive } from './archive.ts';

/*
 * The install script by itself, with an archive whose program only writes down how it is called. With the true one it is
 * tested in test/e2e/install.test.ts.
 */

const isRoot = process.getuid?.() === 0;
const script = fs.readFileSync(join(import.meta.dirname, 'install.sh'));

/** A server that hands out an archive, and an ordinary user. */
async function buildSite(platform = 'linux-x64') {
  const world = await buildWorld();
  const folder = fs.mkdtempSync(join(os.tmpdir(), 'vedette-install-sh-'));
  const [home, program] = [join(folder, 'home'), join(folder, 'vedette-sentinel')];
  fs.mkdirSync(home);
  fs.mkdirSync(world.context.installFolder);
  if (isRoot) for (const one of [folder, home]) fs.chownSync(one, 65534, 65534);
  const name = `vedette-sentinel-1.0.0-${platform}.tar.gz`;
  const file = join(world.context.installFolder, name);
  const release = async (version: string, instead?: string) => {
    fs.mkdirSync(join(program, 'bin'), { recursive: true });
    const body = `#!/bin/sh\necho "${version} $*" >> "$HOME/calls"\n`;
    fs.writeFileSync(join(program, 'bin', 'vedette-sentinel'), body, { mode: 0o755 });
    if (instead === undefined) await archive(program, file, 6);
    else fs.writeFileSync(file, instead);
    const sum = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
    fs.writeFileSync(join(world.context.installFolder, 'SHA256SUMS'), `${sum}  ${name}\n`);
  };
  await release('1');
  const reach = ['--server', world.server.url, '--leaf-pin', serverPin(join(world.context.dataFolder, 'certs')) ?? ''];
  const install = async (args: readonly string[], asRoot = false) => {
    const who = isRoot && !asRoot ? { uid: 65534, gid: 65534 } : {};
    const env = { HOME: home, PATH: '/usr/bin:/bin', TMPDIR: folder };
    const child = spawn('/bin/sh', ['-s', '--', ...args], { ...who, env, cwd: home });
    child.stdin.on('error', () => {}); // it may end before it has read all
    child.stdin.end(script);
    const [, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code: child.exitCode, error: error.replace(/^vedette-sentinel: /, '') };
  };
  const close = async () => {
    fs.rmSync(folder, { recursive: true });
    await world[Symbol.asyncDispose]();
  };
  return { home, file, reach, release, install, [Symbol.asyncDispose]: close };
}

test('what is asked for wrongly ends with 2 and a sentence, and nothing is made', async () => {
  await using site = await buildSite();
  const wrong: [string[], RegExp][] = [
    [[], /^give --server and --leaf-pin/],
    [['--sever', 'x'], /^there is no option --sever: see --help/],
    [['--server'], /^--server needs a value/],
    [[...site.reach, '--code', 'abc'], /^with --code give --pin too/],
    [[...site.reach, '--system'], /^--system needs root/],
  ];
  for (const [args, expected] of wrong) {
    const { code, error } = await site.install(args);
    assert.equal(code, 2);
    assert.match(error, expected);
  }
  if (isRoot)
    assert.match((await site.install(site.reach, true)).error, /^as root add --system, or install as the user/);
  assert.deepEqual(fs.readdirSync(site.home), []);
});

test('a damaged archive, none for this platform, another server’s key: nothing is made, and what to do is said', async () => {
  await using site = await buildSite();
  const [, url = '', , pin = ''] = site.reach;
  fs.appendFileSync(site.file, 'x');
  assert.deepEqual(await site.install(site.reach), {
    code: 1,
    error: 'vedette-sentinel-1.0.0-linux-x64.tar.gz is damaged: try again\n',
  });
  const other = `${pin.startsWith('A') ? 'B' : 'A'}${pin.slice(1)}`;
  const stranger = await site.install(['--server', url, '--leaf-pin', other]);
  assert.match(stranger.error, /public key does not match pinned.*\n.*SHA256SUMS can't be fetched/);
  await using foreign = await buildSite('win-x64');
  assert.match((await foreign.install(foreign.reach)).error, /^the server has no archive for .*"npm run package"\n$/);
  for (const { home } of [site, foreign]) assert.deepEqual(fs.readdirSync(home), []);
});

test('installed again it is the newer version, with what was begun and broken off out of the way', async () => {
  await using site = await buildSite();
  const full = [...site.reach, '--pin', 'PIN', '--code', 'the code', '--name', "Ann's desk"];
  assert.deepEqual(await site.install(full), { code: 0, error: '' });
  const app = join(site.home, '.local/share/vedette-sentinel-app');
  const list = fs.readFileSync(join(app, 'installed'), 'utf8');
  assert.deepEqual(list.trim().split('\n'), [
    `folder ${site.home}/.local`,
    `folder ${site.home}/.local/share`,
    `folder ${site.home}/.local/bin`,
    `file ${site.home}/.local/bin/vedette-sentinel`,
  ]);
  fs.mkdirSync(`${app}.new`);
  await site.release('2');
  assert.deepEqual(await site.install([...site.reach, '--no-service']), { code: 0, error: '' });
  assert.equal(fs.readFileSync(join(app, 'installed'), 'utf8'), list);
  assert.deepEqual(fs.readdirSync(join(site.home, '.local/share')), ['vedette-sentinel-app']);
  assert.deepEqual(await site.install(site.reach), { code: 0, error: '' });
  const calls = fs.readFileSync(join(site.home, 'calls'), 'utf8').split('\n');
  assert.match(calls[0] ?? '', /^1 enrol --server https:\S+ --pin PIN --code-file \/\S+\/code --name Ann's desk$/);
  assert.deepEqual(calls.slice(1), ['1 service install --restart', '2 service install --restart', '']);
});

test('an update that breaks off leaves the program that was there, and so does one after it', async () => {
  await using site = await buildSite();
  assert.deepEqual(await site.install([...site.reach, '--no-service']), { code: 0, error: '' });
  const app = join(site.home, '.local/share/vedette-sentinel-app');
  const before = fs.readFileSync(join(app, 'bin/vedette-sentinel'), 'utf8');
  fs.renameSync(app, `${app}.old`); // killed between the two moves
  await site.release('2', 'no archive');
  const { code } = await site.install([...site.reach, '--no-service']);
  assert.notEqual(code, 0);
  assert.equal(fs.readFileSync(join(app, 'bin/vedette-sentinel'), 'utf8'), before);
  await site.release('2');
  assert.deepEqual(await site.install([...site.reach, '--no-service']), { code: 0, error: '' });
  assert.notEqual(fs.readFileSync(join(app, 'bin/vedette-sentinel'), 'utf8'), before);
  assert.deepEqual(fs.readdirSync(join(site.home, '.local/share')), ['vedette-sentinel-app']);
});
