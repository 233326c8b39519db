import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { build, type Plugin } from 'esbuild';
import { faultsOfUse } from '../../sentinel/protocol/use.ts';
import type { Origin } from '../publish/parse.ts';
import { syntaxFaults } from '../publish/parse.ts';
import { newProjectId } from './config-text.ts';
import { type ConfigFault, faultsIn, fieldName } from './faults.ts';
import { placeIn } from './place.ts';
import { type Config, ConfigSchema } from './schema.ts';
import { scriptFault } from './script-path.ts';

export const configName = 'vedette.config.ts';

/** A configuration that can't be used, with every fault and its place. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
  readonly faults: readonly (Origin & { message: string })[];

  constructor(faults: readonly (Origin & { message: string })[]) {
    super(faults.map(({ file, line, column, message }) => `${file}:${line}:${column}  CONFIG  ${message}`).join('\n'));
    this.faults = faults;
  }
}

/** There is no configuration where it was looked for. */
export class ConfigMissing extends Error {
  override readonly name = 'ConfigMissing';
}

export interface Project {
  /** Of the configuration; paths in it begin here. */
  folder: string;
  /** As its user calls it. */
  file: string;
  config: Config;
}

/** Reads and checks the configuration of a folder. Throws `ConfigMissing`, or `ConfigRefused` with every fault. */
export async function loadProject(folder = '.'): Promise<Project> {
  const file = path.join(folder, configName);
  if (!existsSync(file))
    throw new ConfigMissing(`There is no ${configName} in ${path.resolve(folder)}: make one with \`vedette init\`.`);
  const value = await evaluate(file);
  const parsed = ConfigSchema.safeParse(value);
  const faults = parsed.success ? faultsOf(parsed.data, folder) : faultsIn(parsed.error, value, ConfigSchema);
  if (!parsed.success || faults.length > 0) throw refused(file, faults);
  return { folder, file, config: parsed.data };
}

function refused(file: string, faults: readonly ConfigFault[]): ConfigRefused {
  const source = readFileSync(file, 'utf8');
  const placed = faults.map((fault) => ({ path: fault.path, message: `${fieldName(fault.path)}: ${fault.message}` }));
  return new ConfigRefused(placed.map(({ path, message }) => ({ ...placeIn(file, source, path), message })));
}

/** What can only be said once all is read: names that come twice, scripts that are not there, options nobody knows. */
function faultsOf({ project, monitors }: Config, folder: string): ConfigFault[] {
  const ofMonitors = monitors.flatMap(({ name, script, use = {} }, i) => {
    const isTwice = monitors.findIndex((one) => one.name === name) !== i;
    const missing = scriptFault(folder, script);
    const at = ['monitors', i];
    return [
      ...(isTwice
        ? [{ path: [...at, 'name'], message: `there is a monitor "${name}" above already; rename one` }]
        : []),
      ...(missing ? [{ path: [...at, 'script'], message: missing }] : []),
      ...faultsOfUse(use, declaredBy(folder, script)).map((message) => ({ path: [...at, 'use'], message })),
    ];
  });
  return project === undefined ? [noProject(), ...ofMonitors] : ofMonitors;
}

/** Made here, so that it only has to be written down. */
function noProject(): ConfigFault {
  const message = `is missing: add the line  project: '${newProjectId()}',  which tells this folder from others of the same name`;
  return { path: ['project'], message };
}

/** Names that the script may declare with `test.extend`: what it has nowhere it doesn't. The server looks closer. */
function declaredBy(folder: string, script: string): ReadonlySet<string> {
  const file = path.join(folder, script);
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return new Set([...text.matchAll(/\b(\w+): ?\[[^\]]*\{ ?option: ?true/g)].map(([, name = '']) => name));
}

/** What the file exports. It is the author's own code, run as theirs. */
async function evaluate(file: string): Promise<unknown> {
  const code = await bundled(file);
  try {
    const loaded = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);
    if (loaded.default !== undefined) return loaded.default;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigRefused([{ file, line: 1, column: 1, message: `it fails when it is read: ${why}` }]);
  }
  const message = 'nothing is exported: write `export default defineConfig({ … })`';
  throw new ConfigRefused([{ file, line: 1, column: 1, message }]);
}

async function bundled(file: string): Promise<string> {
  try {
    const made = await build({
      entryPoints: [path.resolve(file)],
      absWorkingDir: path.resolve(path.dirname(file)),
      ...{ bundle: true, platform: 'node', target: 'node26', format: 'esm', write: false, logLevel: 'silent' },
      tsconfigRaw: '{}',
      plugins: [ourselves],
    });
    return made.outputFiles?.[0]?.text ?? '';
  } catch (error) {
    const faults = syntaxFaults(error, (name) => path.join(path.dirname(file), name || path.basename(file)));
    throw new ConfigRefused(faults);
  }
}

/** `import { defineConfig } from 'vedette'`, wherever the configuration lies. */
const ourselves: Plugin = {
  name: 'vedette',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vedette$/ }, ({ path }) => ({ path, namespace: 'vedette' }));
    onLoad({ filter: /.*/, namespace: 'vedette' }, () => ({
      contents: 'export const defineConfig = (config) => config;',
    }));
  },
};
