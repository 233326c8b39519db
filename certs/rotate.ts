import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { authorityOf, backupFile, keepAuthority, keepBackupKey, previousFile } from './authority.ts';
import { givenFile, nextGivenFile } from './given-certificate.ts';
import { identityIn, keysIn } from './identity.ts';
import { readIfThere, replacePrivateFile } from './private-file.ts';

/*
 * The change from the authority's key to its backup. Before it the backup's pin is with the sentinels already, from their
 * enrolment on, so that they follow by themselves. Each step is one write, and may be repeated after a crash.
 */

/**
 * The backup key becomes the authority's; the one before is announced on, and a new backup with it. Does nothing if that
 * is so already: of two commands at once the second would go over to the new backup, which no sentinel knows.
 */
export async function switchToBackup(folder: string, now = Date.now()): Promise<void> {
  const before = await keepAuthority(folder, now);
  const previous = readIfThere(previousFile(folder));
  if (previous !== undefined && identityIn(previous, previousFile(folder)).key !== before.key) return;
  const next = await keepBackupKey(folder, before.key);
  const authority = await authorityOf(await keysIn(next), now);
  await keepBackupKey(folder, next);
  replacePrivateFile(previousFile(folder), before.key + before.certificate);
  replacePrivateFile(join(folder, 'authority.pem'), authority);
}

/** The key before is announced no more, and removed for good. */
export function retirePrevious(folder: string): void {
  const previous = readIfThere(previousFile(folder));
  if (previous === undefined) return;
  rmSync(previousFile(folder), { force: true });
  rmSync(backupFile(folder, previous), { force: true }); // it is the key in use now
}

/** Changes when, and only when, the files do that say whom to trust. */
export function authorityMark(folder: string): string {
  const files = [join(folder, 'authority.pem'), previousFile(folder), givenFile(folder), nextGivenFile(folder)];
  const stats = files.map((file) => statSync(file, { throwIfNoEntry: false }));
  return stats.map((stat) => (stat ? `${stat.ino} ${stat.mtimeMs}` : 'none')).join(', ');
}
