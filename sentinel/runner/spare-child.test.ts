import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { processesNaming } from '../../test/faults/processes.ts';
import { until } from '../../test/faults/until.ts';
import { childLibraries } from './child-libraries.ts';
import { openSandbox, sandboxLevel } from './sandbox.ts';
import { spareChild } from './spare-child.ts';

function buildFolder() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-spare-')));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

test('where bubblewrap keeps it as it is, children load code that was compiled before', async () => {
  using home = buildFolder();
  const level = await sandboxLevel();
  const { libraries } = await openSandbox(level, home.folder);
  assert.equal(libraries !== undefined, level === 3);
  const [versioned = ''] = libraries ? readdirSync(libraries.compiled) : [];
  if (libraries) assert.ok(readdirSync(join(libraries.compiled, versioned)).length > 30);
});

test('the child that was started ahead is handed out once, loaded and with folders of its own', async () => {
  using home = buildFolder();
  const spare = spareChild(await openSandbox(await sandboxLevel(), home.folder), home.folder);
  spare.prepare();
  spare.prepare();
  assert.equal(globSync('scratch-*', { cwd: home.folder }).length, 1);
  const first = spare.take();
  const second = spare.take();
  assert.notEqual(first.folders.scratch, second.folders.scratch);
  for (const { child, folders } of [first, second]) {
    assert.equal((await child.channel.messages().next()).value?.kind, 'ready');
    await child.kill();
    await folders.remove();
  }
});

test('a spare child that ends is not handed out, and leaves no folder behind', async () => {
  using home = buildFolder();
  const spare = spareChild({ level: 1, libraries: undefined }, home.folder);
  spare.prepare();
  const [scratch = ''] = globSync('scratch-*', { cwd: home.folder });
  for (const pid of processesNaming(join(home.folder, scratch))) process.kill(pid, 'SIGKILL');
  await until('its folder is gone', () => !existsSync(join(home.folder, scratch)));
  const { child, folders } = spare.take();
  assert.equal((await child.channel.messages().next()).value?.kind, 'ready');
  await child.kill();
  await folders.remove();
  spare.prepare();
  await spare.close();
  assert.deepEqual(readdirSync(home.folder), []);
});

test('where no child can be started ahead nothing is lost, and whoever needs one hears why', () => {
  const spare = spareChild({ level: 1, libraries: undefined }, join(tmpdir(), 'vedette-not-there'));
  spare.prepare();
  assert.throws(() => spare.take(), /ENOENT/);
});

test('what children load is made once for the same code, and again for other code', async () => {
  using home = buildFolder();
  using code = buildFolder();
  let made = 0;
  const load = async ({ compiled }: { compiled: string }) => {
    made++;
    writeFileSync(join(compiled, 'code'), 'x');
    return true;
  };
  writeFileSync(join(code.folder, 'a.ts'), 'export {}');
  const first = await childLibraries(home.folder, code.folder, load);
  assert.deepEqual(await childLibraries(home.folder, code.folder, load), first);
  assert.equal(made, 1);
  writeFileSync(join(code.folder, 'a.ts'), 'export const a = 1');
  const second = await childLibraries(home.folder, code.folder, load);
  assert.equal(made, 2);
  assert.notEqual(second?.compiled, first?.compiled);
  assert.equal(readdirSync(home.folder).length, 1, 'what nobody needs any more is removed');
});

test('libraries that a child could not load are not used', async () => {
  using home = buildFolder();
  using code = buildFolder();
  assert.equal(await childLibraries(home.folder, code.folder, async () => false), undefined);
  assert.equal(await childLibraries(home.folder, code.folder, async () => true), undefined, 'nothing was compiled');
  assert.deepEqual(readdirSync(home.folder), []);
});

test('at level 1, where a script could reach compiled code, there is none', async () => {
  using home = buildFolder();
  assert.deepEqual(await openSandbox(1, home.folder), { level: 1, libraries: undefined });
  assert.deepEqual(readdirSync(home.folder), []);
});
