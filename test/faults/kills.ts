import path from 'node:path';
import { run } from 'node:test';
import type { Report } from './report.ts';

/** The tests of kill.test.ts with so many kills of the server, and as many of the sentinel. */
export async function kills(_folder: string, rounds: number): Promise<Report> {
  process.env.VEDETTE_KILLS = String(rounds);
  const stream = run({ files: [path.join(import.meta.dirname, 'kill.test.ts')] });
  const faults: string[] = [];
  let tests = 0;
  stream.on('test:fail', ({ name, details }) => {
    if (details.type !== 'suite') faults.push(`${name}: ${details.error.cause ?? details.error.message}`);
  });
  stream.on('test:pass', ({ details }) => {
    if (details.type !== 'suite') tests++;
  });
  for await (const _ of stream);
  return { bar: 'A2', faults, figures: { kills: rounds * (tests + faults.length), testsPassed: tests } };
}
