import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Zippable, zipSync } from 'fflate';

/** How hard to pack, from 0, not at all, to 9. */
export type Level = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9;

/*
 * All files have the same time, so that the same sources make the same archive, byte for byte: in UTC for tar, and on the
 * clock of the place for zip, which knows no other.
 */
const tarTime = '2020-01-01T00:00:00Z';
const zipTime = new Date(2020, 0, 1);

/** Packs a folder into `file`, `.tar.gz` or `.zip` by its name. */
export async function archive(folder: string, file: string, level: Level): Promise<void> {
  if (file.endsWith('.zip')) writeFileSync(file, zipped(folder, level));
  else await tar(folder, file, level);
}

async function tar(folder: string, file: string, level: Level): Promise<void> {
  const same = ['--sort=name', `--mtime=${tarTime}`, '--owner=0', '--group=0', '--numeric-owner'];
  const args = [...same, '--mode=go=u-w', '-cf', '-', '-C', dirname(folder), basename(folder)];
  const child = spawn('tar', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  await pipeline(child.stdout, createGzip({ level, chunkSize: 256 * 1024 }), createWriteStream(file));
  const [code] = await ended;
  if (code !== 0) throw new Error('the archive can not be packed: that needs GNU tar, as Linux has it');
}

function zipped(folder: string, level: Level): Uint8Array {
  const files: Zippable = {};
  const entries = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const path of entries.map(({ parentPath, name }) => join(parentPath, name)).sort())
    files[join(basename(folder), path.slice(folder.length + 1))] = readFileSync(path);
  return zipSync(files, { level, mtime: zipTime });
}
