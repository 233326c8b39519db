import fs from 'node:fs';
import path from 'node:path';
import type { Report } from './report.ts';
import { SpoolLedger } from './spool-ledger.ts';
import { straceMissing, syncs, traceWorker } from './strace.ts';

/**
 * Each of a spool's syncs in turn fails with EIO, or so many of them. The spool must say so of what it was storing, and
 * store it when it is asked again; a sentinel that can't even open its spool says so and ends.
 */
export async function ioErrors(folder: string, most: number): Promise<Report> {
  const missing = straceMissing();
  if (missing) return { bar: 'A4', notRun: missing };
  const counted = path.join(folder, 'counted');
  fs.mkdirSync(counted);
  const { calls } = await traceWorker({ home: counted, calls: syncs });
  const points = Math.min(most, calls);
  const sum = { points: 0, runsConfirmed: 0, refused: 0, notOpened: 0 };
  const faults: string[] = [];
  for (let i = 0; i < points; i++) {
    const place = calls - Math.floor((i * calls) / points);
    const home = path.join(folder, `home-${place}`);
    fs.mkdirSync(home);
    const ledger = new SpoolLedger();
    const failing = await traceWorker({ home, calls: syncs, inject: `error=EIO:when=${place}` });
    ledger.hear(failing.output);
    if (ledger.confirmed === 0) sum.notOpened++;
    else if (failing.end !== '0')
      faults.push(`at sync ${place}: ended with ${failing.end}: ${failing.output.slice(-300)}`);
    faults.push(...ledger.faults(home).map((fault) => `at sync ${place}: ${fault}`));
    ledger.hear((await traceWorker({ home, calls: syncs })).output);
    faults.push(...ledger.faults(home).map((fault) => `after sync ${place}: ${fault}`));
    if (ledger.confirmed === 0) faults.push(`after sync ${place}: nothing can be stored any more`);
    sum.points++;
    sum.refused += ledger.failures;
    sum.runsConfirmed += ledger.confirmed;
    fs.rmSync(home, { recursive: true });
  }
  return { bar: 'A4', faults, figures: { syncs: calls, ...sum } };
}
