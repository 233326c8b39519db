import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { layOut, layOutPrograms } from '../../packaging/lay-out.ts';
import { platforms } from '../../packaging/platforms.ts';
import { bundle } from '../../scripts-library/publish/bundle.ts';
import { findBrowser, versionOf } from '../../sentinel/runner/browser/browser.ts';
import { startShop } from '../apps/shop/shop.ts';
import { counting, type Metered, startMetered } from './meter.ts';

/*
 * What one run of a three-step login costs on a sentinel, beside the plain library with a warm browser (the floor) and
 * others that run the same script. All sides run in turn on the same build of the browser. Times are from the moment a run
 * was asked for, on the sentinel from the moment it was due, to its end: the result returned, the program gone, the run
 * safe in the spool. Processor time is that of all processes of a side, from the request until they are at rest again: what
 * the sentinel does for a run before it is due and after it counts.
 */

const root = join(import.meta.dirname, '../..');
const folder = join(import.meta.dirname, 'run-cost');
const password = 'correct horse battery';
const delays = { home: 50, login: 100, basket: 50 };
const restMs = 600;
const lookMs = 100;
/** What a side gets to clean up. */
const closeMs = 5000;

interface Cost {
  wallMs: number;
  cpuS: number;
  pssMiB: number;
}

interface Side {
  name: string;
  /** One run. With `watchMemory` its peak is taken, which slows it down. */
  run(watchMemory: boolean): Promise<Cost>;
  close(): Promise<void>;
}

export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    browser: { type: 'string', default: 'chromium' },
    runs: { type: 'string', default: '12' },
  } as const;
  const { browser, runs } = parseArgs({ args, options }).values;
  const path = findBrowser(process.env, browser);
  if (path === undefined) throw new Error(`there is no ${browser} on this machine`);
  await using stack = new AsyncDisposableStack();
  const shop = stack.use(await startShop({ password, delays }));
  const temporary = mkdtempSync(join(tmpdir(), 'vedette-bench-'));
  stack.defer(() => rmSync(temporary, { recursive: true, force: true, maxRetries: 5 }));
  writeFileSync(join(temporary, 'login.bundle.js'), (await bundle(join(folder, 'login.spec.ts'))).code);
  const env = { SHOP_URL: shop.url, SHOP_PASSWORD: password, BENCH_BROWSER: path, BENCH_FOLDER: temporary };
  const sides = [
    await resident('plain library', [process.execPath, join(folder, 'floor.ts')], env),
    await resident('sentinel', await installedSentinel(join(temporary, 'installed')), env),
    program('playwright test', ['npx', 'playwright', 'test', '-c', folder], env),
    ...elastic(env),
  ];
  for (const side of sides) stack.defer(() => side.close());
  console.error(`${await versionOf(path)}; processor time counted by ${counting}`);
  const rounds = await rounded(sides, Number(runs), false);
  const peaks = await rounded(sides, Math.max(2, Math.ceil(Number(runs) / 4)), true);
  return report(browser, sides, rounds, peaks);
}

/** Every side once a round, in turn; the first round warms up and is not counted. */
async function rounded(sides: readonly Side[], count: number, watchMemory: boolean): Promise<Cost[][]> {
  const rounds: Cost[][] = [];
  for (let round = 0; round <= count; round++) {
    const costs: Cost[] = [];
    for (const side of sides) costs.push(await side.run(watchMemory));
    console.error(`${watchMemory ? 'memory' : 'time'} ${round}/${count}: ${costs.map(inShort).join(' · ')}`);
    if (round > 0) rounds.push(costs);
  }
  return rounds;
}

/** A side whose process stays, and runs when it gets a message. */
async function resident(name: string, command: string[], env: Record<string, string>): Promise<Side> {
  const metered = startMetered({ command, cwd: root, env, channel: true });
  await answerOf(name, metered);
  const run = async () => {
    metered.process.send('run');
    const { wallMs } = await answerOf(name, metered);
    await wait(restMs);
    return wallMs;
  };
  const close = async () => {
    const gone = once(metered.process, 'exit');
    metered.process.disconnect();
    await Promise.race([gone, wait(closeMs)]);
    await metered.end();
  };
  return { name, run: (watchMemory) => costOf(metered, run, watchMemory), close };
}

/** The sentinel as an archive of this platform lays it out, with the flags of its launcher, but for its main program. */
async function installedSentinel(place: string): Promise<string[]> {
  const platform = platforms.find(({ name }) => name === `${process.platform}-${process.arch}`);
  if (!platform) throw new Error(`nothing is installed on ${process.platform}-${process.arch}`);
  await layOut(platform, place);
  await layOutPrograms(place, ['test/bench/run-cost/sentinel.ts']);
  const launcher = readFileSync(join(place, 'bin', 'vedette-sentinel'), 'utf8');
  const [, flags = ''] = /^exec \S+ (.*) -- /m.exec(launcher) ?? [];
  return [
    join(place, 'runtime', 'node'),
    ...flags.split(' '),
    '--',
    join(place, 'test', 'bench', 'run-cost', 'sentinel.js'),
  ];
}

/** A side whose program is started for each run. */
function program(name: string, command: string[], env: Record<string, string>): Side {
  return {
    name,
    async run(watchMemory) {
      const began = performance.now();
      const metered = startMetered({ command, cwd: root, env, channel: false });
      const run = async () => {
        const [code] = await once(metered.process, 'exit');
        if (code !== 0) throw new Error(`${name} ended with ${code}`);
        return performance.now() - began;
      };
      try {
        return await costOf(metered, run, watchMemory);
      } finally {
        await metered.end();
      }
    },
    close: async () => {},
  };
}

/** Elastic's runner takes part where somebody has installed it; it is no dependency of this project. */
function elastic(env: Record<string, string>): Side[] {
  try {
    createRequire(import.meta.url).resolve('@elastic/synthetics/package.json');
  } catch {
    console.error('@elastic/synthetics is not installed, and left out');
    return [];
  }
  const launch = { executablePath: env.BENCH_BROWSER, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] };
  const options = ['--no-throttling', '--screenshots', 'off', '--playwright-options', JSON.stringify(launch)];
  return [program('@elastic/synthetics', ['npx', '@elastic/synthetics', join(folder, 'elastic'), ...options], env)];
}

async function answerOf(name: string, { process: child }: Metered): Promise<{ wallMs: number }> {
  const over = new AbortController();
  const { signal } = over;
  try {
    const gone = once(child, 'exit', { signal }).then(([code]) => ({ fault: `its process ended with ${code}` }));
    const [answer] = [await Promise.race([once(child, 'message', { signal }).then(([message]) => message), gone])];
    if (answer.fault !== undefined) throw new Error(`${name}: ${answer.fault}`);
    return answer;
  } finally {
    over.abort();
  }
}

async function costOf(metered: Metered, run: () => Promise<number>, watchMemory: boolean): Promise<Cost> {
  const before = metered.cpuS();
  let pssMiB = 0;
  const timer = setInterval(() => {
    if (watchMemory) pssMiB = Math.max(pssMiB, metered.pssMiB());
  }, lookMs);
  try {
    const wallMs = await run();
    return { wallMs, cpuS: metered.cpuS() - before, pssMiB };
  } finally {
    clearInterval(timer);
  }
}

function report(
  browser: string,
  sides: readonly Side[],
  rounds: readonly Cost[][],
  peaks: readonly Cost[][],
): Record<string, unknown> {
  const of = (costs: readonly Cost[][], side: number, what: keyof Cost) =>
    costs.map((round) => round[side]?.[what] ?? NaN);
  const ratio = (costs: readonly Cost[][], side: number, to: number, what: keyof Cost) => {
    const divisors = of(costs, to, what);
    return rounded2(median(of(costs, side, what).map((value, i) => value / (divisors[i] ?? NaN))));
  };
  const rows = sides.map(({ name }, i) => ({
    side: name,
    'wall ms': Math.round(median(of(rounds, i, 'wallMs'))),
    'CPU s': rounded2(median(of(rounds, i, 'cpuS'))),
    'peak PSS MiB': Math.round(median(of(peaks, i, 'pssMiB'))),
    'wall / floor': ratio(rounds, i, 0, 'wallMs'),
    'CPU / floor': ratio(rounds, i, 0, 'cpuS'),
    'PSS / floor': ratio(peaks, i, 0, 'pssMiB'),
  }));
  console.table(rows);
  return {
    browser,
    wall_ratio_to_floor: ratio(rounds, 1, 0, 'wallMs'),
    cpu_ratio_to_floor: ratio(rounds, 1, 0, 'cpuS'),
    pss_ratio_to_floor: ratio(peaks, 1, 0, 'pssMiB'),
    cpu_ratio_to_playwright_test: ratio(rounds, 1, 2, 'cpuS'),
    runs: rounds.length,
  };
}

function inShort({ wallMs, cpuS, pssMiB }: Cost): string {
  return pssMiB > 0 ? `${Math.round(pssMiB)} MiB` : `${Math.round(wallMs)} ms ${cpuS.toFixed(2)} s`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

function rounded2(value: number): number {
  return Math.round(value * 100) / 100;
}
