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
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
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
  const odd = serverUnit({ command: ['/bin/true', '100% $HOME "x"'], folder: '/tmp', account: 'root' });
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
