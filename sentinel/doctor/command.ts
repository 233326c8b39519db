import path from 'node:path';
import type { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { Journal } from '../journal/journal.ts';
import { latestBoot } from '../link/boots.ts';
import { Connection } from '../link/connection.ts';
import { Link } from '../link/link.ts';
import { isLocked } from '../lock.ts';
import { plainJson } from '../protocol/plain.ts';
import { serverProxy } from '../proxy.ts';
import type { HttpProxy } from '../proxy-address.ts';
import { say } from '../terminal.ts';
import { Vault } from '../vault.ts';
import { deviceSteps } from './device-steps.ts';
import { linkSteps } from './link-steps.ts';
import { type Looked, ok, type Step, walk, wrong } from './steps.ts';

/** Adds `doctor`. */
export function addDoctor(program: Command, home: () => string): void {
  program
    .command('doctor')
    .description('look at all that a sentinel needs, one after the other: what was seen, and what to do')
    .option('--json', 'as JSON', false)
    .addHelpText(
      'after',
      '\nEnds with 0 if all is well, 1 if something is wrong. Takes seconds, and two minutes at most.',
    )
    .action(async ({ json }: { json: boolean }) => {
      const all: Looked[] = [];
      for await (const looked of examine(home())) {
        all.push(looked);
        if (!json) say(lineOf(looked));
      }
      if (json) say(plainJson(all, 2));
      if (all.some(({ state }) => state === 'wrong')) process.exitCode = 1;
    });
}

/** Looks at the sentinel of `home`, running or not, enrolled or not. Never throws. */
export async function* examine(home: string): AsyncGenerator<Looked> {
  const found = enrolmentOf(home);
  if ('why' in found) {
    yield* walk([
      { name: 'enrolment', look: async () => wrong(found.why, 'do what this says') },
      ...deviceSteps(home, undefined),
    ]);
    return;
  }
  const { config, proxy, apiKey } = found;
  using journal = journalIn(home);
  const trust = { ca: config.ca, pins: new Set(config.pins) };
  const connect = () => new Connection(config.server, trust, { proxy });
  const { server, sentinelId, customer } = config;
  const settings = { server, trust, sentinelId, apiKey, connect, ...(journal ? { journal } : {}) };
  await using link = new Link(settings);
  const boots = latestBoot(path.join(home, 'boots.json'));
  await using asMachine = boots && new Link({ ...settings, boots });
  const name = `${config.name} at ${config.location}, for ${customer.name}`;
  const enrolment: Step = {
    name: 'enrolment',
    look: async () => ok(`${name}; ${isLocked(home) ? 'running' : 'not running'}`),
  };
  yield* walk([
    enrolment,
    ...linkSteps({ config, proxy, link, asMachine, journal }),
    ...deviceSteps(home, customer.id),
  ]);
}

interface Enrolment {
  config: Config;
  proxy: HttpProxy | undefined;
  apiKey: string;
}

function enrolmentOf(home: string): Enrolment | { why: string } {
  try {
    const config = readConfig(home);
    const vault = new Vault(home);
    const apiKey = vault.apiKey();
    if (apiKey === undefined) return { why: `the API key is missing in ${home}` };
    return { config, proxy: serverProxy(config, vault), apiKey };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

/** None on a disk that takes nothing, of which the step for the disk tells. */
function journalIn(home: string): Journal | undefined {
  try {
    return new Journal(home);
  } catch {
    return undefined;
  }
}

const marks = { ok: '✓', wrong: '✗', skipped: '–' };

function lineOf({ name, state, seen, next }: Looked): string {
  const line = `${marks[state]} ${name.padEnd(10)} ${seen}`;
  return next === undefined ? line : `${line}\n  ${''.padEnd(10)} → ${next}`;
}
