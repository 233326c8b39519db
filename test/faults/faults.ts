import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fullDisk } from './full-disk.ts';
import { ioErrors } from './io-errors.ts';
import { killPoints } from './kill-points.ts';
import { kills } from './kills.ts';
import { archivePowerCut, powerCut } from './power-cut.ts';
import type { Report } from './report.ts';

/** Each kind of fault: how often it is done unless `--rounds` says otherwise, and what it is. */
const kinds: Record<string, { rounds: number; what: string; cause(folder: string, rounds: number): Promise<Report> }> =
  {
    'kill-points': { rounds: 600, what: 'SIGKILL at the Nth system call of a spool', cause: killPoints },
    'io-errors': { rounds: 100, what: 'EIO at each sync of a spool', cause: ioErrors },
    'power-cut': {
      rounds: 20,
      what: 'power cut of a disk, and the same without syncs, which must lose runs',
      cause: powerCut,
    },
    'power-cut-archive': { rounds: 20, what: 'the same of the disk of an archive', cause: archivePowerCut },
    'full-disk': { rounds: 50, what: 'a disk filled by something else, and freed again', cause: fullDisk },
    kills: {
      rounds: 20,
      what: 'SIGKILL of the whole server and of the whole sentinel, in the midst of work',
      cause: kills,
    },
  };

const usage = `usage: npm run faults -- [KIND...] [--rounds N] [--json]

Does real faults to real processes and disks, then compares what was confirmed with what is there.

${Object.entries(kinds)
  .map(([name, { what, rounds }]) => `  ${name.padEnd(19)}${what} (${rounds} rounds)`)
  .join('\n')}

  --rounds N   how often each is done
  --json       nothing but the last line, which is JSON

Without a KIND all are done. Exit code 0 if nothing was found, 1 if something was or a KIND could not be done on this
machine, 2 if asked wrongly. kill-points and io-errors take strace; power-cut and power-cut-archive take root and loop devices.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = read();
  if (!asked) return 2;
  if (asked.help) {
    console.log(usage);
    return 0;
  }
  const reports: Record<string, Report & { seconds: number }> = {};
  for (const name of asked.names) {
    const report = await done(name, asked.rounds);
    reports[name] = report;
    if (!asked.json) tell(name, report);
  }
  console.log(JSON.stringify(reports));
  const isWell = Object.values(reports).every((report) => 'faults' in report && report.faults.length === 0);
  return isWell ? 0 : 1;
}

function read() {
  try {
    const options = { rounds: { type: 'string' }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const;
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const unknown = positionals.find((name) => !(name in kinds));
    if (unknown) throw new Error(`there is no kind of fault "${unknown}"`);
    const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
    if (rounds !== undefined && !(Number.isSafeInteger(rounds) && rounds > 0))
      throw new Error(`--rounds takes a whole number from 1, not "${values.rounds}"`);
    const names = positionals.length > 0 ? positionals : Object.keys(kinds);
    return { names, rounds, json: values.json === true, help: values.help === true };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return undefined;
  }
}

async function done(name: string, rounds: number | undefined): Promise<Report & { seconds: number }> {
  const kind = kinds[name];
  if (!kind) throw new Error(`there is no kind of fault "${name}"`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'vedette-faults-'));
  const began = performance.now();
  try {
    const report = await kind.cause(folder, rounds ?? kind.rounds);
    return { ...report, seconds: Math.round((performance.now() - began) / 1000) };
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function tell(name: string, report: Report & { seconds: number }): void {
  const head = `${report.bar} ${name} (${report.seconds} s): `;
  if ('notRun' in report) {
    console.log(`${head}not done: ${report.notRun}`);
    return;
  }
  const figures = Object.entries(report.figures).map(([figure, value]) => `${figure} ${value}`);
  console.log(
    `${head}${report.faults.length === 0 ? 'nothing found' : `${report.faults.length} faults`}; ${figures.join(', ')}`,
  );
  for (const fault of report.faults.slice(0, 20)) console.log(`  ${fault}`);
}
