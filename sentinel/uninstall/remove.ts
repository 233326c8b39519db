import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { installed, type Made, programFolder } from '../service/installed.ts';

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
