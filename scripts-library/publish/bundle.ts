import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { type BuildOptions, type BuildResult, build, type PartialMessage, type Plugin } from 'esbuild';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { scriptFaults } from './check.ts';
import { environment } from './environment.ts';
import { type Fault, inOrder, ScriptRefused } from './faults.ts';
import { located } from './findings.ts';
import { hosts } from './hosts.ts';
import { importFaults, isRelative } from './import-rules.ts';
import { type Parsed, parseFile, parseScript, syntaxFaults, target } from './parse.ts';
import { sourceMaps, unfollowed } from './unfollowed.ts';

export { ScriptRefused } from './faults.ts';

export interface Bundle {
  /** One CommonJS file that requires '@playwright/test' alone, with its source map inside. */
  code: string;
  /** SHA-256 of `code`, hexadecimal. */
  sha256: string;
  /** Hosts of the addresses written in the script, sorted. */
  hosts: string[];
  /** Names that the script reads from `process.env`, sorted. */
  secrets: string[];
  /** Those of them that it has a value for itself; left out if there are none. */
  withDefault?: string[];
  /** The script and what it imports, as texts by their path below the folder of imports, with / between names. */
  files: Record<string, string>;
  /** Which of them is the script. */
  path: string;
}

/**
 * Checks a script with everything it imports and makes one file of it: the same bytes for the same sources, wherever they
 * lie. Relative imports must stay within the folder `within`, by default the script's own. Throws `ScriptRefused` with
 * every fault, and the error of the file system when the script can't be read.
 */
export async function bundle(file: string, within: string = path.dirname(file)): Promise<Bundle> {
  const real = realpathSync(file);
  readFileSync(real); // for its error: esbuild would call a folder, or what may not be read, an import
  const script: Script = { file, real, within: realpathSync(within), faults: [] };
  const whole = await analysed(script);
  if (!whole || script.faults.length > 0) throw new ScriptRefused(file, inOrder(script.faults));
  const { code, inputs } = await output(script);
  const { secrets, withDefault } = environment(whole.program);
  const asked = { hosts: hosts(whole.program), secrets, ...(withDefault.length > 0 && { withDefault }) };
  return { code, sha256: sha256Hex(code), ...asked, ...authored(script, inputs) };
}

interface Script {
  /** As the caller wrote it. */
  file: string;
  real: string;
  within: string;
  /** Those found so far. */
  faults: Fault[];
}

/** The script and its files as one tree, so that a `test` extended in another file is understood too. */
async function analysed(script: Script): Promise<Parsed | undefined> {
  try {
    const plugins = [files(script), rules(script)];
    const { code, map } = split(await run(script, { format: 'esm', sourcemap: 'external', plugins }));
    const parsed = parseScript(code, map, (source) => nameOf(script, source));
    script.faults.push(...scriptFaults(parsed, script.file));
    return parsed;
  } catch (error) {
    script.faults.push(...syntaxFaults(error, (source) => nameOf(script, source)));
    return undefined;
  }
}

async function output(script: Script): Promise<{ code: string; inputs: string[] }> {
  const made = await run(script, { format: 'cjs', sourcemap: 'inline', metafile: true, plugins: [files(script)] });
  return { code: split(made).code, inputs: Object.keys(made.metafile?.inputs ?? {}) };
}

/** What was bundled, as its author has it; `inputs` are named from the script's folder. */
function authored({ real, within }: Script, inputs: readonly string[]): Pick<Bundle, 'files' | 'path'> {
  const nameIn = (file: string) => path.relative(within, file).replaceAll(path.sep, '/');
  const found = inputs.map((input) => path.resolve(path.dirname(real), input)).sort();
  return {
    path: nameIn(real),
    files: Object.fromEntries(found.map((file) => [nameIn(file), readFileSync(file, 'utf8')])),
  };
}

function run({ real }: Script, options: BuildOptions): Promise<BuildResult> {
  const folder = path.dirname(real);
  return build({
    entryPoints: [real],
    bundle: true,
    platform: 'node',
    target,
    charset: 'utf8',
    legalComments: 'none',
    // The folder of the script is where all paths begin, so that the bundle doesn't tell where it was made.
    absWorkingDir: folder,
    outfile: path.join(folder, 'bundle.js'),
    tsconfigRaw: '{}',
    mainFields: [], // of a package.json, which could lead anywhere
    write: false,
    logLevel: 'silent',
    ...options,
  });
}

function split({ outputFiles = [] }: BuildResult): { code: string; map: string } {
  const textOf = (end: string) => outputFiles.find((file) => file.path.endsWith(end))?.text ?? '';
  return { code: textOf('bundle.js'), map: textOf('bundle.js.map') };
}

/**
 * Finds the files of a script. A path that a plugin names is taken for what it is; one that esbuild finds by itself is
 * read in the light of the `package.json` above it, and the bundle would not be the same everywhere.
 */
function files(script: Script): Plugin {
  const setup: Plugin['setup'] = (build) => {
    build.onResolve({ filter: /.*/ }, async ({ path: from, kind, resolveDir, pluginData }) => {
      if (pluginData === followed) return undefined;
      if (kind === 'entry-point') return { path: script.real };
      if (!isRelative(from)) return { path: from, external: true }; // refused, if need be, where the file is judged
      // Before anything is looked for: what is missing elsewhere is told apart from what is there by nobody.
      if (!isWithin(script.within, path.resolve(resolveDir, from))) return { errors: [outside(from, script.within)] };
      const found = await build.resolve(from, { kind, resolveDir, pluginData: followed });
      if (found.errors.length > 0) return { errors: found.errors };
      return isWithin(script.within, found.path) ? { path: found.path } : { errors: [outside(from, script.within)] };
    });
  };
  return { name: 'vedette-files', setup };
}

/** Judges each file as it is loaded, before esbuild reads it. */
function rules(script: Script): Plugin {
  const setup: Plugin['setup'] = (build) => {
    build.onLoad({ filter: /.*/ }, ({ path: loaded }) => {
      const source = path.relative(path.dirname(script.real), loaded);
      const name = nameOf(script, source);
      const text = readFileSync(loaded, 'utf8');
      const parsed = /\.[cm]?[jt]sx?$/.test(loaded) ? parseFile(name, text) : undefined;
      if (Array.isArray(parsed)) return { errors: parsed.map((fault) => messageOf(fault, source, text)) };
      const found = [...(parsed ? located(importFaults(parsed.program), parsed) : []), ...sourceMaps(name, text)];
      script.faults.push(...found);
      return unfollowed(text, found);
    });
  };
  return { name: 'vedette-rules', setup };
}

/** As esbuild would tell it; `source` is named from the script's folder. */
function messageOf({ line, column, code, message }: Fault, source: string, text: string): PartialMessage {
  const lineText = text.split('\n')[line - 1] ?? '';
  const place = { file: source, line, column: Buffer.byteLength(lineText.slice(0, column - 1)), lineText };
  return { text: message, location: place, detail: { code } };
}

const followed = Symbol('an import that is being followed');

/** Scripts of authors may import from anywhere in the folder where they work, or else from the script's own. */
export function folderOf(file: string): string {
  return isWithin('.', file) ? '.' : path.dirname(file);
}

/** Whether a file lies in a folder or below it, by their names. */
function isWithin(folder: string, file: string): boolean {
  const way = path.relative(folder, file);
  return !way.startsWith('..') && !path.isAbsolute(way);
}

function outside(from: string, within: string) {
  const text = `'${from}' lies outside of ${within}, and only files within it may be imported: move it there`;
  return { text, detail: { code: 'IMPORT_OUTSIDE' } };
}

/** What the caller would call a source, which esbuild names from the script's folder. */
function nameOf({ file }: Script, source: string): string {
  return source === '' ? file : path.join(path.dirname(file), source);
}
