import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { plainJson } from '../protocol/plain.ts';
import { countUnsent } from '../spool/unsent.ts';
import { say } from '../terminal.ts';
import { UsageFault } from '../usage-fault.ts';
import { type Uninstalled, uninstall } from './uninstall.ts';

interface UninstallCommand {
  home(): string;
  stopSignal(): AbortSignal;
}

/** Adds `uninstall`. */
export function addUninstall(program: Command, { home, stopSignal }: UninstallCommand): void {
  program
    .command('uninstall')
    .description('take this sentinel away: service, program, keys, spool, journal; asks first when runs are unsent')
    .option('--yes', "don't ask", false)
    .option(
      '--keep-unsent <file>',
      'write runs and evidence that the server does not have into a new file, as JSON lines',
    )
    .option('--json', 'as JSON', false)
    .action(async ({ yes, keepUnsent, json }: { yes: boolean; keepUnsent?: string; json: boolean }) => {
      const unsent = countUnsent(home());
      if (unsent !== 0 && !yes && keepUnsent === undefined) await ask(unsent);
      const done = await uninstall(home(), keepUnsent, stopSignal());
      say(json ? plainJson({ ...done, kept: keepUnsent ?? null }) : inWords(done, keepUnsent));
      process.exit(); // a look-up of the server's name can't be called off, and would be waited for
    });
}

async function ask(unsent: number | undefined): Promise<void> {
  const runs = unsent === 1 ? '1 run has' : `${unsent ?? 'it can not be read how many'} runs have`;
  if (!process.stdin.isTTY)
    throw new UsageFault(`${runs} not reached the server: add --yes, or keep them with --keep-unsent FILE`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${runs} not reached the server and would be lost. Go on? [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new UsageFault('nothing was removed');
}

function inWords({ removed, server, unsent, programStays }: Uninstalled, kept: string | undefined): string {
  const runs = unsent === 1 ? '1 run' : `${unsent ?? 'an unknown number of'} runs`;
  const lost = unsent === 0 ? [] : [`What had not reached the server is gone: ${runs}.`];
  return [
    ...(removed.length === 0 ? ['There was nothing to remove.'] : removed.map((what) => `Removed ${what}`)),
    ...(programStays === undefined ? [] : [`The program stays: ${programStays} needs it.`]),
    ...(kept === undefined ? lost : [`What had not reached the server is in ${kept}.`]),
    ...(server?.told ? ['The server knows.'] : []),
    ...(server?.why ? [`The server could not be told: ${server.why}.`] : []),
  ].join('\n');
}
