import { type Command, InvalidArgumentError } from 'commander';
import { browserOption } from '../runner/browser/browser.ts';
import { CannotTry } from './cannot-try.ts';
import type { Bundler } from './script.ts';
import type { TryOptions } from './try.ts';

export interface TryCommand {
  home(): string;
  bundler: Bundler | undefined;
  stopSignal(): AbortSignal;
}

/** Adds `try`. */
export function addTry(program: Command, { home, bundler, stopSignal }: TryCommand): void {
  program
    .command('try')
    .description('run a script once on this device as a sentinel would, with no server, and tell what it found')
    .argument('<file>', 'a script: *.spec.ts in a checkout, else a bundle')
    .option('--base-url <url>', "where the script's addresses begin")
    .option('--host <host...>', 'host or host:port it may reach, beside those its text and --base-url name', [])
    .option('--env-file <file>', 'NAME=value lines: secrets, which go before those of the vault and are masked alike')
    .option('--variable <NAME=value...>', 'plain values the script reads; not masked', variable, {})
    .option('--repeat <count>', 'how many runs, one after the other', count, 1)
    .option('--timeout <seconds>', 'how long a run may take', seconds, 60)
    .option('--browser <path>', browserOption)
    .option('--headed', "show the browser on this user's screen")
    .option('--trace', 'keep a Playwright trace of a run that goes wrong')
    .option('--output <folder>', 'where evidence goes (default: a new folder in vedette-results)')
    .option('--json', 'print one JSON object for each run, each on a line')
    .option('--allow-root', 'run although this is the administrator of the machine')
    .addHelpText(
      'after',
      '\nEnds with 0 if it passed, 1 if the application failed, 2 if the script or the sentinel could not do its work.',
    )
    .action(async (file: string, options: TryOptions) => {
      const { tryScript } = await import('./try.ts');
      try {
        const signal = AbortSignal.any([stopSignal(), unheard()]);
        process.exitCode = await tryScript(file, options, { home: home(), bundler }, signal);
      } catch (error) {
        throw new CannotTry(error instanceof Error ? error.message : String(error), { cause: error });
      }
    });
}

/** Aborts when nobody reads what is printed any more, as after `| head`, so that a run is still ended cleanly. */
function unheard(): AbortSignal {
  const controller = new AbortController();
  process.stdout.on('error', () => controller.abort());
  return controller.signal;
}

function variable(text: string, before: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It must be given as NAME=value.');
  return { ...before, [name]: value };
}

function count(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number, 1 to 99999.');
}

function seconds(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= 600) return value;
  throw new InvalidArgumentError('It is a whole number, 1 to 600.');
}
