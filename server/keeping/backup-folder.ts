import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Refused } from '../http/refused.ts';

/*
 * A backup is a folder: what the server itself keeps (keys, certificates), its registry as one file of SQLite, and an
 * export of each customer. It is as secret as the server.
 */

/** What is where in it. */
export const [keysFolder, registryFile, customersFolder, aboutFile] = [
  'server',
  'registry.sqlite',
  'customers',
  'backup.json',
];

/** Ends the name of one that is being made. */
export const unfinishedEnd = '.unfinished';

/** What a backup says of itself; earlier versions left out what may be left out. */
export const AboutBackup = z.object({
  form: z.literal(1),
  /** ms since 1970 */
  madeAt: z.int(),
  /** Names by id. */
  customers: z.record(z.string(), z.string()),
  /** A text sealed with the master key, which need not be in the backup: whoever restores it is seen to have that key. */
  sealed: z.string().optional(),
  /** Where the archive was; undefined: there was none. */
  archiveFolder: z.string().optional(),
});
export type AboutBackup = z.output<typeof AboutBackup>;

/** As what is sealed in a backup says what it is about. */
export const aboutSealed = 'a backup';

/** Throws `Refused` where there is no whole backup in the folder. */
export function readAboutBackup(from: string): AboutBackup {
  try {
    return AboutBackup.parse(JSON.parse(readFileSync(join(from, aboutFile), 'utf8')));
  } catch (cause) {
    const [newest] = backupsIn(from);
    const next = newest === undefined ? '' : `; it holds backups, the newest of them ${join(from, newest)}`;
    throw new Refused(`${from} is no backup that this version can read: it holds no whole ${aboutFile}${next}`, {
      cause,
    });
  }
}

/** Names of whole backups in a folder, the newest first: they begin with when they were made. */
function backupsIn(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) throw new Refused(`there is no folder ${folder}`);
  const finished = readdirSync(folder).filter((name) => !name.endsWith(unfinishedEnd));
  const whole = finished.filter((name) => existsSync(join(folder, name, aboutFile)));
  return whole.sort().reverse();
}

/** Copies a file, or a folder with all in it, for its owner alone to read and write, whatever the copied one allows. */
export function copyPrivately(from: string, to: string): void {
  if (!statSync(from).isDirectory()) {
    copyFileSync(from, to);
    chmodSync(to, 0o600);
    return;
  }
  mkdirSync(to, { mode: 0o700 });
  for (const name of readdirSync(from)) copyPrivately(join(from, name), join(to, name));
}
