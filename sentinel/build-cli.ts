import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** For tests: one command of the sentinel of `home`, to its end. */
export async function vedette(home: string, args: readonly string[], input = '') {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'cli.ts'), '--home', home, ...args]);
  child.stdin.end(input);
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, error };
}
