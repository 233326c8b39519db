import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import type { Api } from '../account/api.ts';
import { withCustomer } from '../account/with-customer.ts';
import { configText, newProjectId, written } from '../config/config-text.ts';
import { configName } from '../config/load.ts';
import { Failure } from '../failure.ts';
import { MonitorSettingsAnswer, ScriptsAnswer, VersionAnswer } from '../publish/deployment.ts';
import { print } from '../terminal.ts';
import { isScriptFile } from './script-file.ts';

interface PullOptions {
  name?: string;
  force?: boolean;
  json?: boolean;
}

/** Adds `pull`. */
export function addPull(program: Command): void {
  program
    .command('pull')
    .description(
      'write the monitors and scripts that are on the server into this folder, as vedette.config.ts and *.spec.ts',
    )
    .option('--name <name>', 'only what this configuration manages; left out, what none or any does')
    .option('--force', 'replace files that differ')
    .option('--json', 'print one line of JSON')
    .action(async ({ name, force, json }: PullOptions) => {
      const files = await withCustomer((api, at) => filesOn(api, at, name));
      const differing = Object.keys(files).filter(
        (file) => existsSync(file) && readFileSync(file, 'utf8') !== files[file],
      );
      if (differing.length > 0 && !force)
        throw new Failure(
          `These files differ from the server's: ${differing.join(', ')}. Add --force to replace them.`,
        );
      for (const [file, text] of Object.entries(files)) {
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
      const names = Object.keys(files);
      print(json, { files: names }, `Written: ${names.join(', ')}`);
    });
}

/** Texts by the names of files in this folder. */
async function filesOn(api: Api, at: string, name: string | undefined): Promise<Record<string, string>> {
  const { monitors } = await api.ask('GET', `${at}/monitor-settings`, MonitorSettingsAnswer);
  const own = monitors.filter(({ managedBy }) => name === undefined || managedBy === name);
  if (own.length === 0)
    throw new Failure(`There are no monitors${name === undefined ? '' : ` of "${name}"`} on the server.`);
  const { scripts } = await api.ask('GET', `${at}/scripts`, ScriptsAnswer);
  const files: Record<string, string> = {};
  const paths = new Map<string, string>();
  const hosts = new Map<string, string[]>();
  for (const script of scripts.filter((one) => own.some((monitor) => monitor.script === one.name))) {
    const address = `${at}/scripts/${encodeURIComponent(script.name)}/versions/${script.latest.version}`;
    const version = await api.ask('GET', address, VersionAnswer);
    Object.assign(files, version.files);
    paths.set(script.name, version.path);
    hosts.set(script.name, version.hosts);
  }
  const owner = name ?? own.find(({ managedBy }) => managedBy !== null)?.managedBy ?? 'monitors';
  const strange = Object.keys(files).find((file) => !isScriptFile(file));
  if (strange !== undefined)
    throw new Failure(`The server has a file that is no part of a script: ${strange}. Nothing was written.`);
  const project = own.find(({ managedBy }) => managedBy === owner)?.project ?? newProjectId();
  const config = { name: owner, project, monitors: own.map((monitor) => written(monitor, { paths, hosts })) };
  return { [configName]: configText(config), ...files };
}
