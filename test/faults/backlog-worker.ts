/* Opens the spool of the home that is named and says how long that took up to the first batch, and what memory. */
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openSeal } from '../../sentinel/seal.ts';
import { Spool } from '../../sentinel/spool/spool.ts';

const [home = ''] = process.argv.slice(2);
const begin = performance.now();
using spool = new Spool({ file: path.join(home, 'spool.sqlite'), seal: openSeal(home, 'spool') });
const runs = spool.oldestRuns(100, 4 * 1024 * 1024);
const firstBatchMs = Math.round(performance.now() - begin);
spool.acknowledge(runs.map(({ id }) => id));
for (let next = spool.nextEvidence(); next; next = spool.nextEvidence()) {
  spool.acknowledgeEvidence(next.runId, next.sha256);
  await setImmediate(); // as a sentinel waits for the answer
}
const restMib = process.memoryUsage.rss() / 1024 / 1024;
console.log(
  JSON.stringify({ restMib, runs: runs.length, firstBatchMs, peakMib: process.resourceUsage().maxRSS / 1024 }),
);
