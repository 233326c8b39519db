import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { writeBundleFile } from '../sentinel/protocol/bundle-file.ts';
import { plain, plainJson } from '../sentinel/protocol/plain.ts';
import { bundle, folderOf, ScriptRefused } from './publish/bundle.ts';
import { type Fault, faultLine } from './publish/faults.ts';

/** What `vedette check` found out about one file. */
interface Report {
  file: string;
  faults: readonly Fault[];
  /** What the script would be allowed, once published. */
  hosts: string[];
  secrets: string[];
}

const program = new Command('vedette')
  .description('For authors of scripts: see whether sentinels will understand them.')
  .version(version(), '-V, --version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .exitOverride();

program
  .command('check')
  .description('check scripts and the files they import, as publishing does')
  .argument('<file...>', 'scripts, *.spec.ts')
  .option('--json', 'print one JSON object instead of lines')
  .addHelpText(
    'after',
    '\nEnds with 0 if all is well, 1 if something is wrong with a script, 2 if it could not be checked.',
  )
  .action(async (files: string[], options: { json?: boolean }) => {
    const reports = await Promise.all(files.map(report));
    console.log(options.json ? plainJson({ scripts: reports }) : plain(reports.map(asText).join('\n')));
    process.exitCode = reports.every(({ faults }) => faults.length === 0) ? 0 : 1;
  });

program
  .command('bundle')
  .description('make the one file that a sentinel runs, for `vedette-sentinel try` where Vedette is installed')
  .argument('<file>', 'a script, *.spec.ts')
  .option('--output <file>', 'where it goes (default: beside you, as <name>.bundle.js)')
  .action(async (file: string, options: { output?: string }) => {
    const output = options.output ?? `${path.basename(file).replace(/(\.spec)?\.[cm]?[jt]s$/, '')}.bundle.js`;
    writeFileSync(output, writeBundleFile(await bundle(file, folderOf(file))));
    console.log(`${output} is ready: vedette-sentinel try ${output}`);
  });

await run();

async function run(): Promise<void> {
  try {
    if (process.argv.length <= 2) program.help({ error: true });
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) console.error(plain(cause(error))); // commander has told of its own
    process.exitCode = error instanceof CommanderError && error.exitCode === 0 ? 0 : 2;
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

function cause(error: unknown): string {
  const { code, path: file, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `There is no file ${file}: check its name and the folder you are in.`;
  if (code === 'EACCES') return `${file} cannot be read: ask its owner for the right to read it.`;
  if (code === 'EISDIR') return 'One of the names is a folder: name the scripts in it, as in flows/*.spec.ts.';
  return message;
}

function version(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
}
