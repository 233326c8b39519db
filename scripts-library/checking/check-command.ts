import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { ConfigRefused, configName, loadProject } from '../config/load.ts';
import { scriptsIn } from '../config/script-path.ts';
import { Misuse } from '../failure.ts';
import { bundle, folderOf, ScriptRefused } from '../publish/bundle.ts';
import { type Fault, faultLine } from '../publish/faults.ts';
import { print } from '../terminal.ts';

/** What was found out about one script. */
interface Report {
  file: string;
  faults: readonly Fault[];
  /** What the script would be allowed, once published. */
  hosts: string[];
  secrets: string[];
}

/** Adds `check`. */
export function addCheck(program: Command): void {
  program
    .command('check')
    .description('check scripts and the files they import, as publishing does, and vedette.config.ts')
    .argument('[file...]', 'scripts, *.spec.ts; left out, all below this folder and the configuration')
    .option('--json', 'print one JSON object instead of lines')
    .addHelpText('after', '\nEnds with 0 if all is well, 1 if something is wrong, 2 if it could not be checked.')
    .action(async (files: string[], { json }: { json?: boolean }) => {
      const configured = files.length === 0 && existsSync(configName) ? await configFaults() : undefined;
      const scripts = files.length === 0 ? scriptsIn('.') : files;
      if (scripts.length === 0 && configured === undefined)
        throw new Misuse(
          `There is no *.spec.ts and no ${configName} here: name scripts, or begin with \`vedette init\`.`,
        );
      const reports = await Promise.all(scripts.map(report));
      const told = configured?.map(
        ({ file, line, column, message }) => `${file}:${line}:${column}  CONFIG  ${message}`,
      );
      const lines = [...(told ?? []), ...reports.map(asText)];
      if (configured?.length === 0) lines.unshift(`${configName}: no faults.`);
      print(
        json,
        { ...(configured && { config: { file: configName, faults: configured } }), scripts: reports },
        lines.join('\n'),
      );
      process.exitCode = reports.every(({ faults }) => faults.length === 0) && !configured?.length ? 0 : 1;
    });
}

async function configFaults(): Promise<ConfigRefused['faults']> {
  try {
    await loadProject();
    return [];
  } catch (error) {
    if (error instanceof ConfigRefused) return error.faults;
    throw error;
  }
}

async function report(file: string): Promise<Report> {
  try {
    const { hosts, secrets } = await bundle(file, folderOf(file));
    return { file, faults: [], hosts, secrets };
  } catch (error) {
    if (error instanceof ScriptRefused) return { file, faults: error.faults, hosts: [], secrets: [] };
    throw error;
  }
}

function asText({ file, faults, hosts, secrets }: Report): string {
  if (faults.length > 0) return faults.map(faultLine).join('\n');
  const list = (names: string[]) => (names.length > 0 ? names.join(', ') : 'none');
  return `${file}: no faults. Hosts written in it: ${list(hosts)}. Secrets and variables it reads: ${list(secrets)}.`;
}
