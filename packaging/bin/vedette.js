#!/usr/bin/env -S node --
// With `--`, because Node takes an --env-file anywhere before one for its own, also after the program's name.
// The system's Node (20 and up) runs this file; where it is older than the program takes, the Node beside it does.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const program = new URL('../scripts-library/cli.js', import.meta.url);
if (Number(process.versions.node.split('.')[0]) >= 26) await import(program.href);
else start(ownNode());

function start(node) {
  if (node === undefined) {
    console.error(
      `vedette takes Node 26 or later, and this is ${process.versions.node}. Install a newer one, or vedette without --omit=optional.`,
    );
    process.exit(2);
  }
  const child = spawn(node, ['--', fileURLToPath(program), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
}

/** Of the packages that bring Node, npm has installed the one of this platform. */
function ownNode() {
  const { optionalDependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const { resolve } = createRequire(import.meta.url);
  for (const name of Object.keys(optionalDependencies)) {
    try {
      return resolve(`${name}/bin/node${process.platform === 'win32' ? '.exe' : ''}`);
    } catch {
      // it is the one of another platform
    }
  }
  return undefined;
}
