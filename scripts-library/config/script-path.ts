import { existsSync, globSync } from 'node:fs';
import path from 'node:path';
import { suggestion } from './faults.ts';

/** What is wrong with the path of a script, if something is. */
export function scriptFault(folder: string, script: string): string | undefined {
  if (path.isAbsolute(script) || script.split('/').includes('..'))
    return 'must be a path within the folder of the configuration';
  if (existsSync(path.join(folder, script))) return undefined;
  return `there is no file ${script}; ${suggestion(script, scriptsIn(folder))}`;
}

/** Every script below a folder, by its path from there. */
export function scriptsIn(folder: string): string[] {
  const found = globSync('**/*.spec.{ts,js,mts,mjs}', { cwd: folder, exclude: ['**/node_modules/**', '**/.*/**'] });
  return found.map((file) => file.replaceAll(path.sep, '/')).sort();
}
