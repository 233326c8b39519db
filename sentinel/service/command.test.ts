import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { asOrdinaryUser, isRoot, nobody } from '../../test/ordinary-user.ts';
import { customerId } from '../build-assignment.ts';
import { buildHome } from '../build-home.ts';
import { writeConfig } from '../config.ts';
import { lockHome } from '../lock.ts';
import { mustBeFree, removeOf } from './command.ts';
import { launchd } from './service.ts';

test('a service starts Node with the flags that the program itself was started with', () => {
  using home = buildHome();
  const cli = path.join(import.meta.dirname, '..', 'cli.ts');
  const flags = ['--max-semi-space-size=1', '--expose-gc'];
  const args = [...flags, '--', cli, '--home', home.folder, 'service', 'install', '--print'];
  const text = execFileSync(process.execPath, args, { encoding: 'utf8' });
  const words = [process.execPath, ...flags, '--', cli, '--home', home.folder, 'run'];
  assert.ok(text.includes(process.platform === 'linux' ? words.map((word) => `"${word}"`).join(' ') : cli), text);
});

test('a service does not take the place of another sentinel’s, nor of a sentinel that runs', () => {
  using home = buildHome();
  const file = path.join(home.folder, 'unit');
  mustBeFree({ file }, home.folder);
  {
    using _running = lockHome(home.folder);
    assert.throws(() => mustBeFree({ file }, home.folder), /a sentinel is running with the home .*: stop it first/);
  }
  fs.writeFileSync(file, '');
  assert.throws(() => mustBeFree({ file }, home.folder), /the service of another sentinel .*`service remove`/);
});

test('only the service of the home that is meant is removed', () => {
  const removed: string[] = [];
  const manager = (home: string | undefined) => ({
    isOf: (asked: string) => asked === home,
    state: () => (home === undefined ? 'none' : 'active'),
    remove: () => (home === undefined ? false : removed.push(home) > 0),
  });
  assert.throws(
    () => removeOf(manager('/home/b'), '/home/a'),
    /not that of the home \/home\/a: name its home with --home/,
  );
  assert.deepEqual([removeOf(manager('/home/a'), '/home/a'), removeOf(manager(undefined), '/home/a')], [true, false]);
  assert.deepEqual(removed, ['/home/a']);
});

test('an agent of macOS is loaded anew only once the one before has ended', (t) => {
  if (process.platform === 'win32') return;
  using home = buildHome();
  const asked = path.join(home.folder, 'asked');
  // What is told to end is there for two more looks; meanwhile nothing can be loaded in its place.
  const launchctl = `#!/bin/sh
echo "$1" >> "${asked}"
looks=$(grep -c print "${asked}")
case "$1" in
  print) [ "$looks" -gt 2 ] && exit 113; echo 'state = running' ;;
  bootstrap) [ "$looks" -gt 2 ] || { echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5; } ;;
esac
`;
  fs.writeFileSync(path.join(home.folder, 'launchctl'), launchctl, { mode: 0o755 });
  const before = { PATH: process.env.PATH, HOME: process.env.HOME };
  t.after(() => Object.assign(process.env, before));
  Object.assign(process.env, { PATH: `${home.folder}:${before.PATH}`, HOME: home.folder });
  launchd().install({ command: ['/bin/true'], home: home.folder });
  assert.deepEqual(fs.readFileSync(asked, 'utf8').trim().split('\n'), [
    'bootout',
    ...['print', 'print', 'print'],
    'bootstrap',
  ]);
});

test('a service that is there as it should be and runs is not started anew, unless that is asked for', () => {
  if (process.platform !== 'linux') return;
  using home = buildHome();
  const bin = path.join(home.folder, 'bin');
  const calls = path.join(home.folder, 'calls');
  fs.mkdirSync(bin);
  const systemctl = `#!/bin/sh
echo "$*" >> "${calls}"
case "$*" in *is-active*) echo active ;; *is-enabled*) echo enabled ;; esac
`;
  fs.writeFileSync(path.join(bin, 'systemctl'), systemctl, { mode: 0o755 });
  const sentinel = path.join(home.folder, 'home');
  const belonging = { sentinelId: customerId, customer: { id: customerId, name: 'Acme' }, location: 'Utrecht' };
  const ca = '-----BEGIN CERTIFICATE-----';
  writeConfig(sentinel, {
    ...{ server: 'https://vedette.example:8443', ca, pins: [`${'A'.repeat(43)}=`] },
    ...{ ...belonging, name: 'Desk 7', enrolledAt: 1 },
  });
  const cli = path.join(import.meta.dirname, '..', 'cli.ts');
  const env = { PATH: `${bin}:/usr/bin:/bin`, HOME: home.folder };
  if (isRoot) execFileSync('chown', ['-R', `${nobody}:${nobody}`, home.folder]);
  const install = (...args: string[]) => {
    fs.rmSync(calls, { force: true });
    const command = [process.execPath, cli, '--home', sentinel, 'service', 'install', ...args];
    execFileSync(...asOrdinaryUser(command), { cwd: '/', env: { ...env, PATH: `${env.PATH}:/usr/sbin:/sbin` } });
    return fs.readFileSync(calls, 'utf8').includes('restart');
  };
  assert.deepEqual([install(), install(), install('--restart')], [true, false, true]);
});
