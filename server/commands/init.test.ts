import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { serverUnit } from './systemd-unit.ts';

const program = fileURLToPath(new URL('../cli.ts', import.meta.url));

async function run(...args: string[]) {
  const { VEDETTE_DATABASE_URL: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], { env });
  return stdout;
}

test('init sets up what a server needs and tells the first password once; given again, it changes nothing', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-init-'));
  const data = join(folder, 'data');
  const first = JSON.parse(await run('init', '--operator', 'olga', '--data', data, '--json'));
  assert.match(first.operator.password, /^[\w-]{20,}$/);
  const again = JSON.parse(await run('init', '--data', data, '--json'));
  assert.deepEqual(again, { ...first, operator: { name: 'olga' } });
  rmSync(folder, { recursive: true });
});

test('the unit runs the server with the settings given, may write to its folder alone, and systemd has nothing against it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-unit-'));
  const given = ['--user', 'root', '--data', '/tmp', '--port', '443', '--host-name', 'a.example', 'b.example'];
  const unit = await run('unit', ...given);
  const start =
    /^ExecStart=.*vedette-server\.js" "run" "--data" "\/tmp".*"443" "--host-name" "a\.example" "--host-name" "b\.example"$/m;
  assert.match(unit, start);
  assert.match(unit, /^ReadWritePaths="\/tmp"$/m);
  assert.match(unit, /^Environment=MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=16384 /m);
  assert.match(unit, /^AmbientCapabilities=CAP_NET_BIND_SERVICE$/m);
  const odd = serverUnit({ command: ['/bin/true', '100% $HOME "x"'], folders: ['/tmp'], account: 'root' });
  assert.ok(odd.includes('ExecStart="/bin/true" "100%% $$HOME \\"x\\""'));
  if (spawnSync('systemd-analyze', ['--version']).status === 0) {
    const file = join(folder, 'vedette.service');
    for (const text of [odd, unit]) {
      writeFileSync(file, text);
      const { status, stderr } = spawnSync('systemd-analyze', ['--man=no', 'verify', file]);
      assert.deepEqual([status, stderr.toString()], [0, '']);
    }
  }
  rmSync(folder, { recursive: true });
});

test('the unit says where the databases are, but for what holds a password: that has to be in a file', async () => {
  const given = ['unit', '--user', 'vedette', '--data', '/srv/d', '--log-level', 'warn'];
  const unit = await run(...given, '--database', '/srv/db');
  assert.match(unit, /^ExecStart=.* "--data" "\/srv\/d" .*"--database" "\/srv\/db" "--log-level" "warn"$/m);
  assert.match(unit, /^ReadWritePaths="\/srv\/d" "\/srv\/db"$/m);
  const url = 'mysql://vedette:secret@db.example/vedette_registry';
  await assert.rejects(run(...given, '--database', url), (error: Error & { code?: number; stderr?: string }) => {
    assert.match(error.stderr ?? '', /holds a password.*VEDETTE_DATABASE_URL=.*--environment-file FILE/);
    assert.ok(!error.stderr?.includes('secret'));
    return error.code === 2;
  });
  const named = await run(...given, '--database', url, '--environment-file', '/etc/vedette.env');
  assert.match(named, /^EnvironmentFile="\/etc\/vedette\.env"$/m);
  assert.ok(!named.includes('secret') && !named.includes('"--database"'));
});
