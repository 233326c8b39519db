import fs from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Report } from './report.ts';
import { SpoolLedger } from './spool-ledger.ts';
import { straceMissing, traceWorker, writes } from './strace.ts';

/** So many deaths on one home, each begun with what the one before has left; then a new home, since that is made but once. */
const deathsPerHome = 5;

/**
 * A process that works on its spool is ended by SIGKILL at its Nth system call that changes the disk, for `points` values
 * of N spread over all of its calls, start-up and end included.
 */
export async function killPoints(folder: string, points: number): Promise<Report> {
  const missing = straceMissing();
  if (missing) return { bar: 'A1', notRun: missing };
  const counted = path.join(folder, 'counted');
  fs.mkdirSync(counted);
  const { calls } = await traceWorker({ home: counted, calls: writes });
  const places = Array.from({ length: points }, (_, i) => 1 + Math.floor((i * calls) / points));
  const sum = { points: 0, runsConfirmed: 0, longestRecoveryMs: 0 };
  const faults: string[] = [];
  const homes = Array.from({ length: Math.ceil(points / deathsPerHome) }, (_, i) => path.join(folder, `home-${i}`));
  const next = homes.entries();
  const work = async () => {
    for (const [i, home] of next) {
      fs.mkdirSync(home);
      const ledger = new SpoolLedger();
      for (const place of places.filter((_, k) => k % homes.length === i)) {
        const { output, end } = await traceWorker({ home, calls: writes, inject: `signal=SIGKILL:when=${place}` });
        ledger.hear(output);
        if (end !== 'SIGKILL' && end !== '0') faults.push(`at call ${place}: ended with ${end}: ${output.slice(-300)}`);
        if (end === 'SIGKILL') sum.points++;
        const began = performance.now();
        faults.push(...ledger.faults(home).map((fault) => `at call ${place}: ${fault}`));
        sum.longestRecoveryMs = Math.max(sum.longestRecoveryMs, Math.round(performance.now() - began));
      }
      sum.runsConfirmed += ledger.confirmed;
      fs.rmSync(home, { recursive: true });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return { bar: 'A1', faults, figures: { calls, ...sum } };
}
