import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command, CommanderError } from 'commander';
import { writeBundleFile } from '../sentinel/protocol/bundle-file.ts';
import { plain } from '../sentinel/protocol/plain.ts';
import { CannotTry } from '../sentinel/try/cannot-try.ts';
import { UsageFault } from '../sentinel/usage-fault.ts';
import { addLogin } from './account/login-command.ts';
import { addCheck } from './checking/check-command.ts';
import { ConfigMissing } from './config/load.ts';
import { addDeploy } from './deploy/deploy-command.ts';
import { addPull } from './deploy/pull-command.ts';
import { addRuns } from './deploy/runs-command.ts';
import { addVersions } from './deploy/versions-command.ts';
import { Failure, Misuse } from './failure.ts';
import { addInit } from './init/init-command.ts';
import { addKeys } from './keys/keys-command.ts';
import { addLibrary } from './library/library-command.ts';
import { bundle, folderOf, ScriptRefused } from './publish/bundle.ts';
import { addRecord } from './record/record-command.ts';
import { addTest } from './try/test-command.ts';

const { version, dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** Does what a command line says, `process.argv` without its first two; the process ends with the code that is set then. */
export async function author(args: readonly string[]): Promise<void> {
  const program = commands();
  try {
    if (args.length === 0) program.help({ error: true });
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) console.error(plain(cause(error))); // commander has told of its own
    process.exitCode = codeOf(error);
  }
}

function commands(): Command {
  const program = new Command('vedette')
    .description('For authors of scripts: write, try and deploy what sentinels run.')
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help');

  addInit(program, dependencies.playwright);
  addLibrary(program);
  addRecord(program, dependencies.playwright);
  addCheck(program);
  addTest(program);
  addBundle(program);
  addLogin(program);
  addDeploy(program);
  addPull(program);
  addVersions(program);
  addRuns(program);
  addKeys(program);
  throwInsteadOfExit(program);
  return program;
}

function addBundle(parent: Command): void {
  parent
    .command('bundle')
    .description('make the one file that a sentinel runs, for `vedette-sentinel try` where Vedette is installed')
    .argument('<file>', 'a script, *.spec.ts')
    .option('--output <file>', 'where it goes (default: beside you, as <name>.bundle.js)')
    .action(async (file: string, options: { output?: string }) => {
      const output = options.output ?? `${path.basename(file).replace(/(\.spec)?\.[cm]?[jt]s$/, '')}.bundle.js`;
      writeFileSync(output, writeBundleFile(await bundle(file, folderOf(file))));
      console.log(`${output} is ready: vedette-sentinel try ${output}`);
    });
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const below of command.commands) throwInsteadOfExit(below);
}

/** 1: it was refused, or did not work out. 2: it was asked wrongly, or something it needs is missing. */
function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isWrong = [Misuse, UsageFault, ConfigMissing, CannotTry].some((kind) => error instanceof kind);
  const isOfFiles = error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code));
  return isWrong || (isOfFiles && !(error instanceof Failure)) ? 2 : 1;
}

function cause(error: unknown): string {
  if (error instanceof ScriptRefused) return error.message;
  const { code, path: file, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `There is no file ${file}: check its name and the folder you are in.`;
  if (code === 'EACCES') return `${file} cannot be read: ask its owner for the right to read it.`;
  if (code === 'EISDIR') return 'One of the names is a folder: name the scripts in it, as in flows/*.spec.ts.';
  return message;
}
