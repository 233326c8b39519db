import fs from 'node:fs';
import path from 'node:path';
import { packageFile } from '../runner/places.ts';

/*
 * What an installation made on this device beside the program's own folder: lines `folder PATH`, `file PATH` and `account
 * NAME`, in this order of making. The install script begins the list. A checkout has none, nor what npm installed.
 */

export interface Made {
  kind: 'folder' | 'file' | 'account';
  name: string;
}

/** Folder of the program. */
export const programFolder = path.dirname(packageFile);
const list = path.join(programFolder, 'installed');

/** What was made, the last first; undefined if the program was not put here by the install script. */
export function installed(): Made[] | undefined {
  if (!fs.existsSync(list)) return undefined;
  const lines = fs.readFileSync(list, 'utf8').matchAll(/^(folder|file|account) (.+)$/gm);
  return [...lines].map(([, kind, name = '']) => ({ kind: kind as Made['kind'], name })).reverse();
}

/** Makes a folder, and those above it that are not there, and writes down which. */
export function makeFolder(folder: string): void {
  if (fs.existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  fs.mkdirSync(folder);
  if (fs.existsSync(list)) fs.appendFileSync(list, `folder ${folder}\n`);
}
