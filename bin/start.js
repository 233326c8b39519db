// Plain JavaScript on purpose: the system's Node (20 and up) runs this file, the project's own Node 26 runs the program.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('..', import.meta.url);
const ownNode = fileURLToPath(new URL(`node_modules/.bin/node${process.platform === 'win32' ? '.cmd' : ''}`, root));

/** Runs a program of this package (a path from the package's root) with the arguments of this process. */
export async function start(program) {
  const file = new URL(program, root);
  if (Number(process.versions.node.split('.')[0]) >= 26) {
    process.argv[1] = fileURLToPath(file);
    await import(file.href);
    return;
  }
  if (!existsSync(ownNode)) {
    console.error(
      `Vedette needs its own Node 26, which is not installed yet: run "npm run setup" in ${fileURLToPath(root)}`,
    );
    process.exit(1);
  }
  const child = spawn(ownNode, [fileURLToPath(file), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}
