import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** What git is not to take of a folder of scripts. */
export const gitIgnore = { '.gitignore': '.env\nnode_modules/\ntest-results/\nvedette-results/\n' };

/** Writes files into a folder. What is there stays as it is, but for lines that git is to leave out. Returns what was written. */
export function writeProject(folder: string, files: Record<string, string>): string[] {
  mkdirSync(folder, { recursive: true });
  return Object.entries(files).flatMap(([name, text]) => {
    const file = path.join(folder, name);
    if (!existsSync(file)) writeFileSync(file, text);
    else if (!(name in gitIgnore) || !completed(file, text)) return [];
    return [name];
  });
}

function completed(file: string, text: string): boolean {
  const there = readFileSync(file, 'utf8');
  const known = there.split(/\r?\n/);
  const missing = text.split('\n').filter((line) => !known.includes(line));
  if (missing.length === 0) return false;
  appendFileSync(file, `${there === '' || there.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`);
  return true;
}
