import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { launchdPlist } from './launchd.ts';
import { homeMark, scheduledTask, sidIn } from './scheduled-task.ts';
import { systemdUnit } from './systemd.ts';

/* None of the platforms' service managers is at work in a test, so what they would read is held against their documents. */

const home = '/home/Ann "A" B/100% & $HOME/<data>';
const service = { command: ['/bin/true', '--', '/opt/a b/cli.js', '--home', home, 'run'], home };

/** Settings of a unit, by section and name. */
function settings(unit: string): Map<string, string> {
  const found = new Map<string, string>();
  let section = '';
  for (const line of unit.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
    const [, name = '', value] = /^([A-Z]\w+)=(.*)$/.exec(line) ?? [];
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    if (value !== undefined) found.set(`${section}.${name}`, value);
    else assert.match(line, /^\[\w+\]$/);
  }
  return found;
}

test('the units have the walls that leave room for bubblewrap and Chromium, and no other', () => {
  for (const unit of [systemdUnit(service), systemdUnit(service, 'vedette-sentinel')]) {
    const set = settings(unit);
    const walls = ['NoNewPrivileges', 'ProtectSystem', 'PrivateTmp', 'MemoryMax', 'TasksMax', 'ReadWritePaths'];
    for (const name of walls) assert.ok(set.has(`Service.${name}`), name);
    assert.equal(set.get('Service.ProtectSystem'), 'strict');
    const breaking =
      'RestrictNamespaces SystemCallFilter ProtectProc ProcSubset ProtectKernelTunables ProtectKernelLogs';
    for (const name of [...breaking.split(' '), 'MemoryDenyWriteExecute']) assert.ok(!set.has(`Service.${name}`), name);
    const quotedHome = '"/home/Ann \\"A\\" B/100%% & $$HOME/<data>"';
    assert.equal(set.get('Service.ExecStart'), `"/bin/true" "--" "/opt/a b/cli.js" "--home" ${quotedHome} "run"`);
    // No command line: there systemd takes `$` as it is.
    assert.equal(set.get('Service.ReadWritePaths'), quotedHome.replace('$$', '$'));
  }
});

test('that of the system has an account of its own and starts with the device, that of a user with the session', () => {
  const [user, system] = [settings(systemdUnit(service)), settings(systemdUnit(service, 'vedette-sentinel'))];
  assert.deepEqual([user.get('Service.User'), user.get('Install.WantedBy')], [undefined, 'default.target']);
  assert.deepEqual(
    [system.get('Service.User'), system.get('Install.WantedBy')],
    ['vedette-sentinel', 'multi-user.target'],
  );
  for (const setting of ['Unit.Wants', 'Unit.After'])
    assert.deepEqual([user.get(setting), system.get(setting)], [undefined, 'network-online.target time-sync.target']);
});

test('systemd finds nothing to complain about, where it is at hand to be asked', () => {
  if (spawnSync('systemd-analyze', ['--version']).status !== 0) return;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vedette-unit-'));
  const file = path.join(folder, 'vedette-sentinel.service');
  const program = path.join(folder, '100% of $HOME'); // it looks whether that is there
  fs.copyFileSync('/bin/true', program);
  const env = { ...process.env, XDG_RUNTIME_DIR: folder };
  for (const [args, account] of [[['--user']], [[], 'root']] as const) {
    fs.writeFileSync(file, systemdUnit({ ...service, command: [program, ...service.command.slice(1)] }, account));
    const { status, stderr } = spawnSync('systemd-analyze', [...args, '--man=no', 'verify', file], { env });
    assert.deepEqual([status, stderr.toString()], [0, '']);
  }
  fs.rmSync(folder, { recursive: true });
});

/** The elements of a document with their text, `path: text`, by a strict reading: every tag closed, every `&` an entity. */
function elements(xml: string): string[] {
  const found: string[] = [];
  const open: string[] = [];
  let text = '';
  const body = xml.replace(/^<\?xml [^?]*\?>\s*(<!DOCTYPE [^>]*>)?/, '');
  for (const [part, close, name, , alone, words] of body.matchAll(
    /<(\/?)([\w:]+)((?: [\w:]+="[^"<]*")*)(\/?)>|([^<]+)/g,
  )) {
    if (words !== undefined) {
      assert.doesNotMatch(words, /&(?!(amp|lt|gt|quot);)/);
      text = words.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
    } else if (close) {
      if (text.trim() !== '') found.push(`${open.slice(1).join('.')}: ${text}`);
      assert.equal(open.pop(), name, part);
      text = '';
    } else if (alone) found.push([...open.slice(1), name].join('.'));
    else {
      open.push(name ?? '');
      text = '';
    }
  }
  assert.deepEqual(open, []);
  return found;
}

test('the agent of macOS starts the sentinel with the session, again if it ends, with its arguments as they are', () => {
  const list = elements(launchdPlist(service, '/log & more'));
  assert.deepEqual(
    list.filter((line) => line.startsWith('dict.array.string')),
    service.command.map((word) => `dict.array.string: ${word}`),
  );
  for (const key of ['Label', 'ProgramArguments', 'RunAtLoad', 'KeepAlive', 'Umask'])
    assert.ok(list.includes(`dict.key: ${key}`), key);
  assert.ok(list.includes('dict.string: /log & more'));
});

test('the task of Windows starts the sentinel at logon in the user’s session, without time limit or more rights', () => {
  const windows = {
    command: ['C:\\Users\\Ann B\\node.exe', '--', 'C:\\x\\cli.js', '--home', 'C:\\R&D', 'run'],
    home: 'C:\\R&D',
  };
  const sid = 'S-1-5-21-397955417-626881126-188441444-1010';
  const list = elements(scheduledTask(windows, sidIn(`"desk\\andr\ufffd","${sid}"\r\n`)));
  const expected = [
    `RegistrationInfo.Description: Vedette sentinel, ${homeMark('C:\\R&D')}`,
    `Triggers.LogonTrigger.UserId: ${sid}`,
    `Principals.Principal.UserId: ${sid}`,
    'Principals.Principal.LogonType: InteractiveToken',
    'Principals.Principal.RunLevel: LeastPrivilege',
    'Settings.ExecutionTimeLimit: PT0S',
    'Settings.DisallowStartIfOnBatteries: false',
    'Actions.Exec.Command: conhost.exe',
    'Actions.Exec.Arguments: --headless "C:\\Users\\Ann B\\node.exe" -- C:\\x\\cli.js --home "C:\\R&D" run',
  ];
  for (const line of expected) assert.ok(list.includes(line), `${line}\n${list.join('\n')}`);
});

test('what finds a task again is in ASCII, whatever letters its home and user have, and no task is made for nobody', () => {
  const [andre, bob] = ['C:\\Users\\André 李\\Vedette', 'C:\\Users\\Bob\\Vedette'].map(homeMark);
  assert.match(andre ?? '', /^home [0-9a-f]{64}$/);
  assert.notEqual(andre, bob);
  assert.throws(() => sidIn(''), /does not tell who this user is/);
});

test('launchd’s own reader takes the agent, where it is at hand to be asked', () => {
  if (process.platform !== 'darwin') return;
  execFileSync('plutil', ['-lint', '-'], { input: launchdPlist(service, '/log') });
});
