import { execFile } from 'node:child_process';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Zippable, zipSync } from 'fflate';

const run = promisify(execFile);
/** All files have this time, so that the same sources make the same archive, byte for byte. */
const then = new Date('2020-01-01T00:00:00Z');

/** Packs a folder into `file`, `.tar.gz` or `.zip` by its name. `level` is how hard to pack, 1 to 9. */
export async function archive(folder: string, file: string, level = 6): Promise<void> {
  if (file.endsWith('.zip')) writeFileSync(file, zipped(folder, level));
  else await tar(folder, file, level);
}

async function tar(folder: string, file: string, level: number): Promise<void> {
  const same = [
    '--sort=name',
    `--mtime=${then.toISOString()}`,
    '--owner=0',
    '--group=0',
    '--numeric-owner',
    '--mode=go=u-w',
  ];
  try {
    await run('tar', [...same, '-I', `gzip -n${level}`, '-cf', file, '-C', dirname(folder), basename(folder)]);
  } catch (cause) {
    throw new Error('the archive can not be packed: that needs GNU tar and gzip, as Linux has them', { cause });
  }
}

function zipped(folder: string, level: number): Uint8Array {
  const files: Zippable = {};
  for (const entry of globSync('**/*', { cwd: folder, withFileTypes: true }).sort((a, b) =>
    pathOf(a) < pathOf(b) ? -1 : 1,
  ))
    if (entry.isFile())
      files[join(basename(folder), pathOf(entry).slice(folder.length + 1))] = readFileSync(pathOf(entry));
  return zipSync(files, { level: level as 9, mtime: then });
}

function pathOf({ parentPath, name }: { parentPath: string; name: string }): string {
  return join(parentPath, name);
}
