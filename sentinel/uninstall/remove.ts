import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { homeFolder } from '../config.ts';
import { installed, type Made, programFolder } from '../service/installed.ts';
import type { ServiceManager } from '../service/service.ts';

/**
 * Who needs the program yet when the sentinel of `home` is gone: a service that is not its own, or the sentinel of the
 * usual home, `usual`. Nobody: undefined.
 */
export function whoElseNeedsIt(
  home: string,
  service: Pick<ServiceManager, 'file' | 'state'>,
  usual = homeFolder(undefined),
): string | undefined {
  if (service.state() !== 'none') return `the service of another sentinel (${service.file ?? 'a scheduled task'})`;
  return home !== usual && fs.existsSync(path.join(usual, 'config.json')) ? `the sentinel of ${usual}` : undefined;
}

/** Removes a home with all that is in it, also where it is a link; the bare folder stays if a disk is mounted there. */
export function removeHome(home: string): void {
  const folder = fs.realpathSync(home);
  for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name), { recursive: true });
  if (fs.lstatSync(home).isSymbolicLink()) fs.unlinkSync(home);
  try {
    fs.rmdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBUSY') throw error;
  }
}

/**
 * Removes the program, if the install script put it here, and what that script and the service made beside it. Folders go
 * only if nothing else is in them. Returns what was removed.
 */
export function removeProgram(): string[] {
  const made = installed();
  if (!made) return [];
  if (process.platform === 'win32') removeLater(programFolder);
  else fs.rmSync(programFolder, { recursive: true });
  return [
    programFolder,
    ...made.filter(removeMade).map(({ kind, name }) => (kind === 'account' ? `the account ${name}` : name)),
  ];
}

function removeMade({ kind, name }: Made): boolean {
  try {
    if (kind === 'account') execFileSync('/usr/sbin/userdel', [name], { stdio: 'ignore' });
    else if (kind === 'folder') fs.rmdirSync(name);
    else fs.rmSync(name);
    return true;
  } catch {
    return false; // it is gone already, or somebody else's too
  }
}

/** Windows removes no program that runs, and this one does for a moment yet. */
function removeLater(folder: string): void {
  const command = `ping -n 4 127.0.0.1 >nul & rd /s /q "${folder}"`;
  const options = { detached: true, stdio: 'ignore', windowsHide: true, windowsVerbatimArguments: true } as const;
  spawn('cmd.exe', ['/d', '/s', '/c', `"${command}"`], { ...options, cwd: path.parse(folder).root }).unref();
}
