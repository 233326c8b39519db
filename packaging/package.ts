import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  createReadStream,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { archive, type Level } from './archive.ts';
import { layOut, layOutAuthor, layOutNpm } from './lay-out.ts';
import { version } from './npm-packages.ts';
import { platforms } from './platforms.ts';

const scripts = ['install.sh', 'install.ps1'];
const ours = /^vedette-(?:sentinel-)?\d[\w.-]+\.(tar\.gz|tgz|zip)$/;

/** A file that was made, with its size and that of what it holds, in bytes. */
export interface Made {
  file: string;
  packedBytes: number;
  unpackedBytes: number;
}

/**
 * Makes what the server hands out below `/install/` in the folder `output`: an archive for each platform that is named
 * (`npm` for the npm package, `author` for that of the author's command line), the scripts that install, and the SHA-256 of each file. Archives of other versions go.
 */
export async function makePackages(names: readonly string[], output: string, level: Level = 6): Promise<Made[]> {
  mkdirSync(output, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(output))
    if (ours.test(name) && !name.includes(`-${version()}`)) rmSync(join(output, name));
  const made: Made[] = [];
  for (const name of names) made.push(await makePackage(name, output, level));
  for (const name of scripts) copyFileSync(join(import.meta.dirname, name), join(output, name));
  await writeSums(output);
  return made;
}

async function makePackage(name: string, output: string, level: Level): Promise<Made> {
  const temp = mkdtempSync(join(tmpdir(), 'vedette-package-'));
  const folder = join(temp, 'vedette-sentinel');
  try {
    const platform = platforms.find((one) => one.name === name);
    const program = name === 'author' ? 'vedette' : 'vedette-sentinel';
    const file = join(output, `${program}-${version()}${platform ? `-${name}.${platform.form}` : '.tgz'}`);
    if (platform) await layOut(platform, folder);
    else await (name === 'author' ? layOutAuthor : layOutNpm)(folder);
    if (platform) await archive(folder, file, level);
    else await npmPack(folder, output);
    return { file, packedBytes: statSync(file).size, unpackedBytes: sizeOf(folder) };
  } finally {
    rmSync(temp, { recursive: true });
  }
}

async function npmPack(folder: string, output: string): Promise<void> {
  const windows = process.platform === 'win32';
  await promisify(execFile)(
    windows ? 'npm.cmd' : 'npm',
    ['pack', folder, '--silent', '--pack-destination', resolve(output)],
    { shell: windows },
  );
}

/** As `sha256sum --check` reads it. */
async function writeSums(output: string): Promise<void> {
  const lines = readdirSync(output)
    .filter((name) => ours.test(name) || scripts.includes(name))
    .sort()
    .map(async (name) => `${await sumOf(join(output, name))}  ${name}\n`);
  writeFileSync(join(output, 'SHA256SUMS'), (await Promise.all(lines)).join(''));
}

async function sumOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

function sizeOf(folder: string): number {
  const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((one) => one.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
