import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { enoughToReachAll, type Sum, simulateMany } from './many.ts';
import type { Outcome } from './simulation.ts';
import { type Sabotage, sabotages } from './stage.ts';

const usage = `usage: npm run simulate -- [--seeds N] [--seed S] [--threads T] [--plant FAULT] [--json]

Lives N simulated worlds through, each named by a seed: real sentinel and ingest on a simulated clock, disk and network
full of faults. Then compares what was promised with what is in the customer's database. A seed always gives the same
history.

  --seeds N      how many worlds (150; with --seed alone, 1)
  --seed S       the seed of the first one (1)
  --threads T    how many at a time (one for each processor)
  --plant FAULT  plants a fault in the product, which must be found: ${sabotages.map((name) => `"${name}"`).join(', ')}
  --json         nothing but the last line, which is JSON

Exit code 0 if all promises were kept, 1 if not or if a rare path was never reached, 2 if asked wrongly.`;

const options = {
  seeds: { type: 'string' },
  seed: { type: 'string' },
  threads: { type: 'string' },
  plant: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});

async function main(): Promise<number> {
  const asked = read();
  if (!asked) return 2;
  if (asked.help) {
    console.log(usage);
    return 0;
  }
  const began = performance.now();
  const sum = await simulateMany({ ...asked, onOutcome: (outcome) => tell(outcome, asked) });
  const seconds = (performance.now() - began) / 1000;
  const isBlind = sum.notReached.length > 0 && sum.seeds >= enoughToReachAll && !asked.sabotage;
  if (!asked.json) sumUp(sum, isBlind);
  console.log(JSON.stringify(figures(sum, seconds)));
  return sum.broken.length > 0 || isBlind ? 1 : 0;
}

interface Asked {
  first: number;
  seeds: number;
  threads: number;
  sabotage: Sabotage | undefined;
  json: boolean;
  help: boolean;
}

function read(): Asked | undefined {
  try {
    const { values } = parseArgs({ options, strict: true });
    const sabotage = sabotages.find((name) => name === values.plant);
    if (values.plant !== undefined && !sabotage) throw new Error(`there is no fault "${values.plant}" to plant`);
    const first = whole(values.seed ?? '1', 'seed');
    const seeds = whole(values.seeds ?? (values.seed === undefined ? '150' : '1'), 'seeds');
    const threads = whole(values.threads ?? String(availableParallelism()), 'threads');
    return { first, seeds, threads, sabotage, json: values.json === true, help: values.help === true };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    return undefined;
  }
}

function whole(text: string, name: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`--${name} takes a whole number from 1, not "${text}"`);
  return value;
}

/** Stops at the first broken promise: its history is what is wanted then. */
function tell({ seed, broken, events, hash }: Outcome, { json, sabotage }: Asked): boolean {
  if (!json && !broken && seed % 100 === 0) console.log(`seed ${seed}: ${events} events, history ${hash}`);
  if (!broken) return false;
  console.error(`seed ${seed}: ${broken.why}\nHow it came to that (the end of the history ${hash}):`);
  for (const line of broken.tail) console.error(line);
  console.error(`Again: npm run simulate -- --seed ${seed}${sabotage ? ` --plant "${sabotage}"` : ''}`);
  return true;
}

function sumUp({ reached, notReached }: Sum, isBlind: boolean): void {
  for (const [name, times] of Object.entries(reached))
    if (times > 0) console.log(`${String(times).padStart(8)}  ${name}`);
  if (isBlind) console.error(`never reached, so the simulation is blind there: ${notReached.join(', ')}`);
}

function figures({ seeds, broken, hash, simulatedMs, reached, notReached }: Sum, seconds: number) {
  return {
    ...{ seeds, broken: broken.map(({ seed }) => seed), history: hash, seconds: round(seconds) },
    ...{ seeds_per_s: round(seeds / seconds), simulated_to_real: Math.round(simulatedMs / 1000 / seconds) },
    ...{ reached, not_reached: notReached },
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
