import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { plain } from '../sentinel/protocol/plain.ts';
import { addAccounts } from './commands/accounts.ts';
import { addArchive } from './commands/archive.ts';
import { addAudit } from './commands/audit.ts';
import { addAuthorKeys } from './commands/author-keys.ts';
import { addCerts } from './commands/certs.ts';
import { addDatabases } from './commands/databases.ts';
import { addInit } from './commands/init.ts';
import { addBackup } from './commands/keeping.ts';
import { addKeys } from './commands/keys.ts';
import { addMonitors } from './commands/monitors.ts';
import { addRun } from './commands/run.ts';
import { addScripts } from './commands/scripts.ts';
import { addSentinels } from './commands/sentinels.ts';
import { addTokens } from './commands/tokens.ts';
import { addUsers } from './commands/users.ts';
import { SettingsWrong } from './config.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

const program = new Command('vedette-server')
  .description('The Vedette server, and what its administrator does on the command line.')
  .version(version, '-V, --version', 'print the version')
  .showHelpAfterError('(add --help to see what can be given)');

addInit(program);
addRun(program);
addAccounts(program);
addUsers(program);
addDatabases(program);
addBackup(program);
addSentinels(program);
addTokens(program);
addCerts(program);
addAudit(program);
addArchive(program);
addKeys(program);
addScripts(program);
addAuthorKeys(program);
addMonitors(program);
throwInsteadOfExit(program);
await program.parseAsync().catch(fail);

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  for (const below of command.commands) throwInsteadOfExit(below);
}

/** One sentence on stderr, the whole story only at log level debug. Exit code 2: the command was given wrongly. */
function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2; // commander has said why already
    return;
  }
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const detailed = process.argv.includes('debug') || process.argv.includes('trace');
  process.stderr.write(plain(`vedette-server: ${detailed ? stack : message}\n`));
  process.exitCode = error instanceof SettingsWrong ? 2 : 1;
}
