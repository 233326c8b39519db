import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { trimmedCore, trimmedUtilities } from './trim.ts';

/** What children load, made ready once so that each of them takes a fraction of the time. */
export interface ChildLibraries {
  /** Files that stand in for files of the installed packages: where they lie, and where a child finds them. */
  standIns: readonly { file: string; as: string }[];
  /** Folder of Node's compile cache. A child can't write there: no script decides what another run executes. */
  compiled: string;
}

const prefix = 'child-libraries-';
const playwrightCore = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
const trims = { 'coreBundle.js': trimmedCore, 'utilsBundle.js': trimmedUtilities };

/**
 * The libraries in `folder`, made there unless they lie there already. `load` has a child that gets no script load
 * everything, with `compiled` to write to, and says whether it could. Where it can't there are none, and children load the
 * installed packages as they are.
 */
export async function childLibraries(
  folder: string,
  childCode: string,
  load: (libraries: ChildLibraries) => Promise<boolean>,
): Promise<ChildLibraries | undefined> {
  const texts = Object.entries(trims).map(([name, trimmed]) => ({
    name,
    text: trimmed(readFileSync(join(playwrightCore, 'lib', name), 'utf8')),
  }));
  const ready = join(
    folder,
    prefix + hashOf([process.version, ...texts.map(({ text }) => text), ...filesIn(childCode)]),
  );
  for (const name of globSync(`${prefix}*`, { cwd: folder }))
    if (join(folder, name) !== ready) await rm(join(folder, name), { recursive: true, force: true });
  if (existsSync(ready)) return librariesIn(ready);
  const fresh = mkdtempSync(join(folder, prefix));
  for (const { name, text } of texts) writeFileSync(join(fresh, name), text);
  mkdirSync(join(fresh, 'compiled'));
  if ((await load(librariesIn(fresh))) && readdirSync(join(fresh, 'compiled')).length > 0) {
    renameSync(fresh, ready);
    return librariesIn(ready);
  }
  await rm(fresh, { recursive: true, force: true });
  return undefined;
}

function librariesIn(folder: string): ChildLibraries {
  const standIns = Object.keys(trims).map((name) => ({
    file: join(folder, name),
    as: join(playwrightCore, 'lib', name),
  }));
  return { standIns, compiled: join(folder, 'compiled') };
}

function filesIn(folder: string): string[] {
  return readdirSync(folder).map((name) => name + readFileSync(join(folder, name), 'utf8'));
}

function hashOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text).update('\0');
  return hash.digest('hex').slice(0, 32);
}
