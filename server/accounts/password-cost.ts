import { join } from 'node:path';
import bcrypt from 'bcrypt';
import { readIfThere, replacePrivateFile } from '../../certs/private-file.ts';

const leastCost = 12;
/** No longer than this may a hash take (ms), and no shorter than half of it where the least cost allows. */
const mostMs = 400;
const trialCost = 8;

/**
 * The cost of new hashes on this machine: as much as takes 200 to 400 ms, and never below 12. It is kept in the data
 * folder, so that all processes go by one, and only ever grows.
 */
export function passwordCost(dataFolder: string): number {
  const file = join(dataFolder, 'password-cost');
  const kept = Number(readIfThere(file) ?? 0);
  const cost = costFor(quickestTrialMs());
  if (cost <= kept) return kept;
  replacePrivateFile(file, String(cost));
  return cost;
}

/** The cost of a hash that takes at most 400 ms, where one of cost 8 takes `trialMs`; each step more takes twice as long. */
export function costFor(trialMs: number): number {
  const affordable = trialCost + Math.floor(Math.log2(mostMs / trialMs));
  return Math.max(leastCost, affordable);
}

/** What else the machine does can only make a trial slower. */
function quickestTrialMs(): number {
  const trials = [1, 2, 3].map(() => {
    const begin = performance.now();
    bcrypt.hashSync('how long does it take?', trialCost);
    return performance.now() - begin;
  });
  return Math.min(...trials);
}
