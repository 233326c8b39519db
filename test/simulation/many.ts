import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Outcome } from './simulation.ts';
import type { Sabotage } from './stage.ts';

/** Paths that are seldom taken; over this many worlds each of them must have been, or the simulation sees too little. */
export const enoughToReachAll = 100;
const rarePaths = [
  ...['kill', 'kill before a commit', 'kill after a commit', 'power cut', 'power cut in a commit', 'clean stop'],
  ...['I/O error before a commit', 'I/O error after a commit', 'no room for a commit', 'disk full', 'disk broken'],
  ...['start refused', 'clock set forward', 'clock set back', 'partition', 'message lost', 'delay', 'answer lost'],
  ...['message doubled', 'message overtaken', 'interception', 'pin refused', 'server killed', 'server disk error'],
  ...['server killed before a commit', 'server killed in a commit', 'server killed after a commit'],
  ...['run stored', 'run exists', 'run rejected', 'run set aside', 'run dropped and counted', 'run confirmed'],
  ...['run stored without its evidence', 'evidence dropped and counted', 'evidence taken', 'retry', 'time skipped'],
  ...['unconfirmed run delivered', 'unconfirmed run lost'],
];

export interface Wishes {
  first: number;
  seeds: number;
  threads: number;
  sabotage?: Sabotage | undefined;
  /** Called as each ends; once it returns true no further ones begin. */
  onOutcome?: (outcome: Outcome) => boolean;
}

/** Many worlds together. */
export interface Sum {
  seeds: number;
  broken: Outcome[];
  /** Of all histories, in the order of their seeds. */
  hash: string;
  simulatedMs: number;
  reached: Record<string, number>;
  notReached: string[];
}

/** Lives the worlds of `seeds` seeds from `first` on through, in so many threads. */
export async function simulateMany({ first, seeds, threads, sabotage, onOutcome }: Wishes): Promise<Sum> {
  const outcomes: Outcome[] = [];
  let next = first;
  let isEnough = false;
  const work = async () => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: { sabotage } });
    const ended = once(worker, 'exit');
    await once(worker, 'message');
    while (!isEnough && next < first + seeds) {
      worker.postMessage(next++);
      const [outcome]: Outcome[] = await once(worker, 'message');
      if (!outcome) break;
      outcomes.push(outcome);
      if (onOutcome?.(outcome)) isEnough = true;
    }
    worker.postMessage(undefined);
    await ended;
  };
  await Promise.all(Array.from({ length: Math.min(threads, seeds) }, work));
  return sumOf(outcomes.sort((a, b) => a.seed - b.seed));
}

function sumOf(outcomes: readonly Outcome[]): Sum {
  const reached: Record<string, number> = Object.fromEntries(rarePaths.map((name) => [name, 0]));
  const hash = createHash('sha256');
  for (const outcome of outcomes) {
    hash.update(outcome.hash);
    for (const [name, times] of Object.entries(outcome.reached)) reached[name] = (reached[name] ?? 0) + times;
  }
  return {
    seeds: outcomes.length,
    broken: outcomes.filter((outcome) => outcome.broken),
    hash: hash.digest('hex').slice(0, 16),
    simulatedMs: outcomes.reduce((sum, outcome) => sum + outcome.simulatedMs, 0),
    reached,
    notReached: rarePaths.filter((name) => reached[name] === 0),
  };
}
