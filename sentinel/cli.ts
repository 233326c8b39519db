import './thrift.ts';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { openPrivateFolder } from '../certs/private-file.ts';
import { homeFolder } from './config.ts';
import { addDoctor } from './doctor/command.ts';
import { addEnrol } from './enrol-command.ts';
import { addSent } from './journal/command.ts';
import { runSentinel } from './main.ts';
import { plainJson } from './protocol/plain.ts';
import { browserOption } from './runner/browser/browser.ts';
import { addServerCommands } from './server-commands.ts';
import { addService } from './service/command.ts';
import { addCollects } from './settings/collects-command.ts';
import { addSettings } from './settings/command.ts';
import { addPause } from './settings/pause-command.ts';
import { status, statusText } from './status.ts';
import { complain, say } from './terminal.ts';
import { CannotTry } from './try/cannot-try.ts';
import { addTry } from './try/command.ts';
import type { Bundler } from './try/script.ts';
import { addUninstall } from './uninstall/command.ts';
import { UsageFault } from './usage-fault.ts';
import { SecretName, Vault } from './vault.ts';
import { version } from './version.ts';

/** After this a stop is no longer waited for. */
const longestStopMs = 5000;

const program = new Command('vedette-sentinel')
  .description('Runs signed scripts on this device as its administrator allows, and reports to one pinned server.')
  .version(version)
  .option('--home <folder>', "folder of this sentinel (default: vedette-sentinel in the user's data folder)")
  .configureOutput({ outputError: (message, write) => write(message.replace(/^error: /, 'vedette-sentinel: ')) })
  .exitOverride();

program
  .command('run')
  .description('work as a sentinel until stopped')
  .option('--allow-root', 'run although this is the administrator of the machine', false)
  .option('--browser <path>', browserOption)
  .option('--concurrency <count>', 'most runs at a time; left out, one to two processors', positive)
  .action(
    async ({ allowRoot, browser, concurrency }: { allowRoot: boolean; browser?: string; concurrency?: number }) => {
      if (process.getuid?.() === 0 && !allowRoot) {
        throw new Error('as root the browser has no sandbox of its own: run as an ordinary user, or add --allow-root');
      }
      const { openRunner } = await import('./runner/runner.ts');
      const wishes = {
        ...(browser === undefined ? {} : { browser }),
        ...(concurrency === undefined ? {} : { concurrency }),
      };
      const settings = { home: home(), openRunner, allowRoot, log, ...wishes };
      await runSentinel(settings, stopSignal());
    },
  );

program
  .command('status')
  .description('where this sentinel belongs, what waits, what is wrong; works without the server')
  .option('--json', 'as JSON', false)
  .action(({ json }: { json: boolean }) => {
    const found = status(home());
    say(json ? plainJson(found, 2) : statusText(found));
  });

addEnrol(program, { home, stopSignal });
addSent(program, home);
addService(program, home);
addCollects(program, home);
addSettings(program, home);
addPause(program, home);
addDoctor(program, home);

const secret = program.command('secret').description('values that scripts may read; they never leave this device');

secret
  .command('set')
  .description('set a value, or another one; it is there for the next run')
  .argument('<name>', 'its name, as in process.env.NAME', secretName)
  .option('--value-stdin', 'read the value from the standard input', false)
  .action(async (name: string, { valueStdin }: { valueStdin: boolean }) => {
    const value = valueStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : await askFor(name);
    if (value === '') throw new UsageFault('the value is empty: nothing was set');
    openPrivateFolder(home());
    new Vault(home()).setSecret(name, value);
    say(`The secret ${name} is set.`);
  });

secret
  .command('list')
  .description('the names that are set, never the values')
  .option('--json', 'as JSON', false)
  .action(({ json }: { json: boolean }) => {
    const names = new Vault(home()).names();
    for (const line of json ? [plainJson(names)] : names) say(line);
  });

secret
  .command('remove')
  .description('remove a value; scripts that read it are not run without')
  .argument('<name>', 'its name', secretName)
  .action((name: string) => {
    if (!new Vault(home()).removeSecret(name))
      throw new Error(`there is no secret ${name}: \`secret list\` shows those there are`);
    say(`The secret ${name} is removed.`);
  });

/** The whole command line. `bundler` makes bundles of authors' files for `try`; an installed sentinel has none. */
export async function sentinelCli(bundler?: Bundler): Promise<void> {
  addServerCommands(program, home);
  addUninstall(program, { home, stopSignal });
  addTry(program, { home, bundler, stopSignal });
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Says what went wrong, in a sentence, and gives the exit code: 1 it failed, 2 it was asked for wrongly or could not be tried. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2; // commander has said it
  complain(error instanceof Error ? error.message : String(error));
  return error instanceof UsageFault || error instanceof CannotTry ? 2 : 1;
}

function home(): string {
  return homeFolder(program.opts<{ home?: string }>().home);
}

function log(line: string): void {
  say(`${new Date().toISOString()} ${line}`);
}

/** Aborts at SIGINT or SIGTERM. At Ctrl-C the signal can come twice, from the terminal and from the program that started this one. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      controller.abort();
      setTimeout(() => process.exit(1), longestStopMs).unref(); // whatever hangs, the spool has what it confirmed
    });
  }
  return controller.signal;
}

/** Asks at the terminal without showing what is typed. */
async function askFor(name: string): Promise<string> {
  if (!process.stdin.isTTY) throw new UsageFault('there is no terminal to ask at: pass the value with --value-stdin');
  process.stdout.write(`Value of ${name}: `);
  const { createInterface } = await import('node:readline/promises'); // a sentinel that works asks nobody
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    return await terminal.question('');
  } finally {
    terminal.close();
    process.stdout.write('\n');
  }
}

function secretName(value: string): string {
  if (SecretName.safeParse(value).success) return value;
  throw new InvalidArgumentError('It has letters, digits and _ only, and does not begin with a digit.');
}

function positive(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It is a whole number, 1 or more.');
}

if (import.meta.main) await sentinelCli();
