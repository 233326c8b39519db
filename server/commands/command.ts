import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { plain, plainJson } from '../../sentinel/protocol/plain.ts';
import { helpOf, type ServerConfig, serverConfig } from '../config.ts';
import { isDatabaseUrl } from '../databases/database-url.ts';
import { closeContext, openContext, type ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';

/** Options that every command takes. */
export interface Common {
  data?: string;
  database?: string;
  json?: boolean;
  logLevel?: string;
}

/** A command below `parent`, with the options that every command takes. */
export function command(parent: Command, name: string, description: string): Command {
  return parent
    .command(name)
    .description(description)
    .option('--data <folder>', helpOf('dataFolder'))
    .option('--database <url>', helpOf('databaseUrl'))
    .option('--log-level <level>', helpOf('logLevel'))
    .option('--json', 'print one line of JSON');
}

/** The same for a command about one customer. */
export function customerCommand(parent: Command, name: string, description: string): Command {
  return command(parent, name, description).requiredOption('--customer <name>', 'name or id of the customer');
}

/** With the folder of the archive. */
export function inArchive(one: Command): Command {
  return one.option(
    '--archive <folder>',
    'folder of the archive; left out, VEDETTE_SERVER_ARCHIVE_FOLDER, else the one that was used last',
  );
}

/** The settings of a command: its options, the environment, the defaults. Throws `SettingsWrong`. */
export function configOf({ data: dataFolder, database: databaseUrl, logLevel }: Common, more: More = {}): ServerConfig {
  return serverConfig({ dataFolder, databaseUrl, logLevel, ...more });
}

type More = Parameters<typeof serverConfig>[0];
type Work = (server: ServerContext) => Promise<void>;

/** Connections that a command may have to each database server, beside a running server, which is given nearly all there are. */
export const connectionsOfCommand = 16;

/** Does `work` with the data folder open. Throws `Refused` where there is no server: it may be misspelt, and nothing is made. */
export async function withContext(options: Common, work: Work, more: More = {}): Promise<void> {
  const { dataFolder } = configOf(options, more);
  if (mayBeThere(join(dataFolder, 'certs'))) return withNewContext(options, work, more);
  const next = 'name its data folder with --data, or set one up with: vedette-server init';
  throw new Refused(`there is no data of a server in ${resolve(dataFolder)}: ${next}`);
}

/** Where we may not look either: to open it says so. */
function mayBeThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}

/** The same for a command with which a server may begin: the folder is made where it is not there yet. */
export async function withNewContext(options: Common, work: Work, more: More = {}): Promise<void> {
  const config = configOf(options, more);
  const databaseConnections = Math.min(config.databaseConnections, connectionsOfCommand);
  const server = await openContext({ ...config, databaseConnections });
  try {
    await work(server);
  } finally {
    await closeContext(server);
  }
}

/** What a command that is to be given next needs for the same server; an address of databases may hold a password. */
export function sameServer({ data, database }: Common): string {
  const folder = data === undefined ? '' : ` --data "${resolve(data)}"`;
  if (database === undefined) return folder;
  return `${folder} --database ${isDatabaseUrl(database) ? 'URL' : `"${resolve(database)}"`}`;
}

/** To stdout: one line of JSON for programs, or text for people, of an empty list too. Names of devices come from strangers. */
export function print(options: Common, value: object, text: string): void {
  process.stdout.write(`${options.json ? plainJson(value) : plain(text || 'There is none.')}\n`);
}

/** Takes a whole number from the command line. */
export function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
