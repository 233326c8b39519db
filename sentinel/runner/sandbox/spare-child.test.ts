import assert from 'node:assert/strict';
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { processesNaming } from '../../../test/faults/processes.ts';
import { until } from '../../../test/faults/until.ts';
import { childLibraries } from './child-libraries.ts';
import { type Child, openSandbox, sandboxLevel } from './sandbox.ts';
import { spareChild } from './spare-child.ts';

function buildFolder() {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-spare-')));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** No rehearsal of a run: a snapshot of what was loaded. */
async function loaded(start: (scratch: string) => Child): Promise<void> {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-spare-')));
  const child = start(scratch);
  await child.channel.messages().next();
  await child.kill();
  rmSync(scratch, { recursive: true });
}

test('where bubblewrap keeps it as it is, children begin with a snapshot, and load code that was compiled before', async () => {
  using home = buildFolder();
  const level = await sandboxLevel();
  const { libraries } = await openSandbox(level, home.folder, loaded);
  assert.equal(libraries !== undefined, level === 3);
  if (!libraries) return;
  assert.ok(readdirSync(libraries.compiled, { recursive: true }).length > 30);
  assert.ok(statSync(libraries.snapshot).size > 10_000_000);
});

test('the child that was started ahead is handed out once, loaded and with folders of its own', async () => {
  using home = buildFolder();
  const spare = spareChild(await openSandbox(await sandboxLevel(), home.folder, loaded), home.folder);
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
  let made = 0;
  const make = async ({ snapshot }: { snapshot: string }) => {
    made++;
    writeFileSync(snapshot, 'x');
  };
  const first = await childLibraries(home.folder, ['a'], make);
  assert.deepEqual(await childLibraries(home.folder, ['a'], make), first);
  assert.equal(made, 1);
  const second = await childLibraries(home.folder, ['b'], make);
  assert.equal(made, 2);
  assert.notEqual(second?.compiled, first?.compiled);
  assert.equal(readdirSync(home.folder).length, 2, 'another version may still use its own');
  const long = new Date(Date.now() - 40 * 86_400_000);
  utimesSync(join(first?.compiled ?? '', '..'), long, long);
  await childLibraries(home.folder, ['b'], make);
  assert.equal(readdirSync(home.folder).length, 1, 'what nobody needs any more is removed');
});

test('another build of Node begins with a snapshot of its own, though it has the same version', async () => {
  using home = buildFolder();
  const { execPath } = process;
  const rebuilt = join(home.folder, 'node');
  writeFileSync(rebuilt, 'another build');
  const make = async ({ snapshot }: { snapshot: string }) => writeFileSync(snapshot, 'x');
  const libraries = await childLibraries(join(home.folder, 'libraries'), ['a'], make);
  try {
    process.execPath = rebuilt;
    const others = await childLibraries(join(home.folder, 'libraries'), ['a'], make);
    assert.notEqual(others?.snapshot, libraries?.snapshot);
  } finally {
    process.execPath = execPath;
  }
});

test('libraries that a power cut has left without their content are made anew', async () => {
  using home = buildFolder();
  let made = 0;
  const make = async ({ snapshot }: { snapshot: string }) => writeFileSync(snapshot, `x${made++}`);
  const libraries = await childLibraries(home.folder, ['a'], make);
  assert.ok(libraries);
  const [file = ''] = libraries.standIns.map((standIn) => standIn.file);
  for (const harmed of [file, libraries.snapshot]) {
    const before = made;
    truncateSync(harmed);
    assert.deepEqual(await childLibraries(home.folder, ['a'], make), libraries);
    assert.equal(made, before + 1);
    assert.ok(statSync(harmed).size > 0);
    await childLibraries(home.folder, ['a'], make);
    assert.equal(made, before + 1);
  }
});

test('two that make the same libraries at a time end with one', async () => {
  using home = buildFolder();
  const make = async ({ snapshot }: { snapshot: string }) => writeFileSync(snapshot, 'x');
  const [one, other] = await Promise.all([0, 1].map(() => childLibraries(home.folder, ['a'], make)));
  assert.deepEqual(one, other);
  assert.equal(readdirSync(home.folder).length, 1);
});

test('libraries that a child could not load are not used', async () => {
  using home = buildFolder();
  assert.equal(await childLibraries(home.folder, [], async () => assert.fail('not loaded')), undefined);
  assert.equal(await childLibraries(home.folder, [], async () => {}), undefined, 'no snapshot was made');
  assert.deepEqual(readdirSync(home.folder), []);
});

test('at level 1, where a script could reach compiled code, there is none', async () => {
  using home = buildFolder();
  assert.deepEqual(await openSandbox(1, home.folder, loaded), { level: 1, libraries: undefined });
  assert.deepEqual(readdirSync(home.folder), []);
});
