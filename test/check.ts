import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { collectedDataFile, faultsOfCollectedData } from './collected-data.ts';

/** `npm run check`: everything a machine can say of the source without running it. Prints what failed, in full. */

const root = resolve(import.meta.dirname, '..');
const modules = join(root, 'node_modules');

/** Each check with the file that runs it; all run in Node, one after the other on small machines, two at a time here. */
const checks: { name: string; command: string[] }[] = [
  { name: 'types (TypeScript)', command: [join(modules, 'typescript-7/bin/tsc'), '-p', root] },
  {
    name: 'lint and format (Biome)',
    command: [join(modules, '@biomejs/biome/bin/biome'), 'ci', '--colors=off', root],
  },
  { name: 'dead code (knip)', command: [join(modules, 'knip/bin/knip.js'), '--no-progress'] },
  {
    name: 'who imports whom (dependency-cruiser)',
    command: [join(modules, 'dependency-cruiser/bin/dependency-cruise.mjs'), ...fencedFolders()],
  },
];

export function fencedFolders(): string[] {
  return [
    '--config',
    join(root, '.dependency-cruiser.cjs'),
    'bin',
    'certs',
    'db',
    'packaging',
    'scripts-library',
    'sentinel',
    'server',
    'test',
  ];
}

/** Runs every check; resolves to the names of those that failed. */
export async function check(): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, command } of checks) {
    const began = performance.now();
    const { code, output } = await run(command);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${code === 0 ? '✔' : '✖'} ${name} (${seconds} s)`);
    if (code === 0) continue;
    failed.push(name);
    console.log(output);
  }
  return [...failed, ...collectedDataFailed()];
}

/** A field that is sent and not described, or a page that is not up to date (C13). */
function collectedDataFailed(): string[] {
  const name = 'what is sent (COLLECTED-DATA.md)';
  const faults = faultsOfCollectedData(readFileSync(collectedDataFile, 'utf8'));
  console.log(`${faults.length === 0 ? '✔' : '✖'} ${[name, ...faults].join('\n')}`);
  return faults.length === 0 ? [] : [name];
}

function run(command: string[]): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, command, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => {
      output += data.toString();
    });
  }
  return new Promise((done) => child.on('close', (code) => done({ code: code ?? 1, output })));
}

if (process.argv[1] === import.meta.filename) {
  const failed = await check();
  console.log(
    failed.length === 0
      ? 'all checks passed'
      : `${failed.length} of ${checks.length + 1} checks failed: ${failed.join(', ')}`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
}
