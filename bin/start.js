// Plain JavaScript on purpose: the system's Node (20 and up) runs this file, the project's own Node 26 runs the program.
import { spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const modules = new URL('node_modules/', root);
const ownNode = fileURLToPath(new URL(`.bin/node${process.platform === 'win32' ? '.cmd' : ''}`, modules));

/** Runs a program of this package (a path from the package's root) with the arguments of this process. */
export async function start(program) {
  const file = new URL(program, root);
  const newEnough = Number(process.versions.node.split('.')[0]) >= 26;
  if (!existsSync(newEnough ? modules : ownNode)) {
    console.error(`Vedette's packages are not installed yet: run "npm run setup" in ${fileURLToPath(root)}`);
    process.exit(1);
  }
  if (newEnough) {
    keepCompiled();
    process.argv[1] = fileURLToPath(file);
    await import(file.href);
    return;
  }
  const child = spawn(ownNode, ['--', ...process.argv.slice(1)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

/**
 * Compiled code is kept for the next start, which takes half the time. Only beside modules that are this user's own:
 * whoever can write there decides what runs, and in somebody else's checkout nothing is left behind.
 */
function keepCompiled() {
  if (process.getuid && statSync(modules).uid !== process.getuid()) return;
  module.enableCompileCache(fileURLToPath(new URL('.cache/vedette', modules)));
}
