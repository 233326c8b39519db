import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { uploads } from '../browser/uploads.ts';
import { watchLimits } from './limits.ts';
import { newRunFolders, sweepRunFolders } from './run-folders.ts';

function buildFolder() {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'vedette-folders-')));
  const folder = join(root, 'x'.repeat(200));
  mkdirSync(folder);
  return { folder, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** Folders in folders, until their path is longer than a system call takes; a script makes them by a relative path. */
function makeDeep(scratch: string): void {
  execFileSync('mkdir', ['-p', `${'a'.repeat(250)}/`.repeat(16)], { cwd: scratch });
}

test('folders that are nested deeper than a path can tell are removed after the run, and after a sentinel that was killed', async () => {
  using home = buildFolder();
  const folders = newRunFolders(home.folder);
  makeDeep(folders.scratch);
  await folders.remove();
  assert.deepEqual(readdirSync(home.folder), []);
  makeDeep(newRunFolders(home.folder).scratch);
  await sweepRunFolders(home.folder, assert.fail);
  assert.deepEqual(readdirSync(home.folder), []);
});

test('files that can’t be looked at end a run, and do not end the watch over it', async () => {
  using home = buildFolder();
  const over = new AbortController();
  const { scratch } = newRunFolders(home.folder);
  makeDeep(scratch);
  const { exceeded } = watchLimits({ child: process.pid, folders: [scratch], cpuMs: 1e9 }, over.signal);
  const { code, message } = await exceeded;
  over.abort();
  assert.equal(code, 'SCRIPT_LIMIT');
  assert.match(message, /can’t be looked at/);
});

test('a file that is given to pages again and again is copied no more often than the run has room, and then ends it', () => {
  using home = buildFolder();
  const { scratch, uploads: into } = newRunFolders(home.folder);
  const file = join(scratch, 'report.csv');
  writeFileSync(file, 'x'.repeat(1000));
  let times = 0;
  const tooMuch = () => times++;
  const ofBytes = uploads(scratch, into, { bytes: 2500, files: 100 }, tooMuch);
  assert.deepEqual(
    [1, 2, 3].map(() => ofBytes(file) !== undefined),
    [true, true, false],
  );
  const ofFiles = uploads(scratch, into, { bytes: 1e6, files: 1 }, tooMuch);
  assert.deepEqual(
    [1, 2].map(() => ofFiles(file) !== undefined),
    [true, false],
  );
  assert.equal(times, 2);
});

test('a run that uses more memory than its device allows is ended', async () => {
  const over = new AbortController();
  const allowed = { child: process.pid, folders: [], cpuMs: 1e9, memoryBytes: 1024 * 1024 };
  const { code, message } = await watchLimits(allowed, over.signal).exceeded;
  over.abort();
  assert.deepEqual(
    [code, message],
    ['SCRIPT_LIMIT', 'The run used more than 1 MiB of memory, the most that this device allows.'],
  );
});
