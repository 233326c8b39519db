import { type Command, InvalidArgumentError } from 'commander';
import { plain, plainJson } from '../../sentinel/protocol/plain.ts';
import { type ServerConfig, Settings, serverConfig } from '../config.ts';
import { closeContext, openContext, type ServerContext } from '../http/context.ts';

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
    .option('--data <folder>', Settings.shape.dataFolder.description)
    .option('--database <url>', Settings.shape.databaseUrl.description)
    .option('--log-level <level>', Settings.shape.logLevel.description)
    .option('--json', 'print one line of JSON');
}

/** The same for a command about one customer. */
export function customerCommand(parent: Command, name: string, description: string): Command {
  return command(parent, name, description).requiredOption('--customer <name>', 'name or id of the customer');
}

/** The settings of a command: its options, the environment, the defaults. Throws `SettingsWrong`. */
export function configOf(
  { data: dataFolder, database: databaseUrl, logLevel }: Common,
  more: Parameters<typeof serverConfig>[0] = {},
): ServerConfig {
  return serverConfig({ dataFolder, databaseUrl, logLevel, ...more });
}

/** Does `work` with the data folder open. */
export async function withContext(
  options: Common,
  work: (server: ServerContext) => Promise<void>,
  more: Parameters<typeof serverConfig>[0] = {},
): Promise<void> {
  const server = await openContext(configOf(options, more));
  try {
    await work(server);
  } finally {
    await closeContext(server);
  }
}

/** To stdout: one line of JSON for programs, or text for people. Names of devices come from strangers. */
export function print(options: Common, value: object, text: string): void {
  process.stdout.write(`${options.json ? plainJson(value) : plain(text)}\n`);
}

/** Takes a whole number from the command line. */
export function whole(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}
