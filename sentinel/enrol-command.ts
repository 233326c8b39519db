import fs from 'node:fs';
import os from 'node:os';
import type { Command } from 'commander';
import { type Config, readConfig } from './config.ts';
import { enrol, isEnrolledWith } from './enrol.ts';
import { askProspect, prospectText } from './prospect.ts';
import { plainJson } from './protocol/plain.ts';
import { readSettings } from './settings/settings.ts';
import { say } from './terminal.ts';
import { UsageFault } from './usage-fault.ts';

interface EnrolOptions {
  server: string;
  pin: string;
  code?: string;
  codeFile?: string;
  name: string;
  anew: boolean;
  proxy?: string;
  json: boolean;
}

interface Surroundings {
  home(): string;
  stopSignal(): AbortSignal;
}

/** Adds `enrol`. */
export function addEnrol(program: Command, surroundings: Surroundings): void {
  program
    .command('enrol')
    .description('make this device a sentinel, with the pin and the code that the server gave')
    .requiredOption('--server <url>', 'address of the server, https://host:port')
    .requiredOption('--pin <pin>', 'pin of the server: the SHA-256 of its public key, base64')
    .option('--code <code>', 'enrolment code')
    .option('--code-file <file>', 'file that holds the enrolment code, to keep it out of the process list')
    .option('--anew', 'an enrolled home becomes another sentinel of the same customer, and sends what it kept', false)
    .option('--name <name>', 'name of this device', os.hostname())
    .option('--proxy <url>', 'proxy to the server, http://[name:password@]host:port; left out, that of HTTPS_PROXY')
    .option('--json', 'as JSON', false)
    .action((options: EnrolOptions) => enrolHere(options, surroundings));
}

async function enrolHere(options: EnrolOptions, { home: homeOf, stopSignal }: Surroundings): Promise<void> {
  const { server, pin, name, proxy, anew, codeFile, json } = options;
  const home = homeOf();
  if (codeFile !== undefined && !anew && isEnrolledWith(home, server)) {
    const text = `${home} is enrolled with ${server} already: nothing was done, no code was used.`;
    return say(json ? plainJson({ codeUsed: false, enrolment: shown(readConfig(home)) }, 2) : text);
  }
  const signal = stopSignal();
  const wishes = { server, pin, name, anew, code: codeFrom(options), home };
  readSettings(home); // first, so that a fault in them doesn't use up the code
  const config = await enrol(proxy === undefined ? wishes : { ...wishes, proxy }, signal);
  const prospect = await askProspect(home, signal);
  if (json) return say(plainJson({ codeUsed: true, enrolment: shown(config), ...prospect }, 2));
  const done = `Enrolled as ${config.name} at ${config.location}, for ${config.customer.name}. Start with \`vedette-sentinel run\`.`;
  say(`${done}\n\n${prospectText(config, prospect)}`);
}

/** As `status --json` has it. */
function shown({ ca: _, ...enrolment }: Config): Omit<Config, 'ca'> {
  return enrolment;
}

function codeFrom({ code, codeFile }: { code?: string; codeFile?: string }): string {
  if ((code === undefined) === (codeFile === undefined)) throw new UsageFault('give either --code or --code-file');
  if (code !== undefined) return code;
  try {
    return fs.readFileSync(codeFile ?? '', 'utf8').trim();
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code;
    const next = 'check its name, and that the user of this sentinel may read it';
    throw new UsageFault(`the code file ${codeFile} can't be read (${why}): ${next}`, { cause });
  }
}
