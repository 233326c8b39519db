import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../../scripts-library/publish/bundle.ts';
import { buildAssignment } from '../../sentinel/build-assignment.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { openRunner } from '../../sentinel/runner/runner.ts';
import { IdleProcessors } from '../../sentinel/schedule/idle-processors.ts';
import { openRunners, type Runners, usualConcurrency } from '../../sentinel/schedule/runners.ts';
import { startProgram } from '../faults/program.ts';
import { runSchedule } from '../run-schedule.ts';

const password = 'correct horse battery';
/** More than any sentinel does at that interval, so that something always waits. */
const monitorsAtOnce = 40;
const everyMs = 10_000;
/** Alone means alone: the run before has long ended, and what is made ready for the next does not meet it. */
const aloneEveryMs = 6000;

/**
 * `[--minutes N] [--concurrency N] [--browser PATH]`: how many runs of the shop flow a sentinel does in a minute when more
 * are due than it can do, and how long its Login takes then against a run alone. Alone and crowded take turns.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    minutes: { type: 'string', default: '4' },
    concurrency: { type: 'string', default: String(usualConcurrency()) },
    browser: { type: 'string' },
  } as const;
  const { values } = parseArgs({ args, options });
  const folder = mkdtempSync(join(tmpdir(), 'vedette-bench-'));
  const env = { SHOP_PASSWORD: password };
  const shop = await startProgram({ command: ['test/apps/shop/main.ts'], folder, env });
  const settings = { folder, allowRoot: true, log: () => {}, ...(values.browser ? { browser: values.browser } : {}) };
  const concurrency = Number(values.concurrency);
  try {
    await using runners = await openRunners(openRunner, settings, concurrency);
    const flow = await shopFlow(/http:\S+\d/.exec(shop.lastWords())?.[0] ?? '');
    const turnMs = (Number(values.minutes) * 60_000) / 4;
    await flow(runners, 1, turnMs / 4); // warm
    const alone: Run[] = [];
    const crowd: Run[] = [];
    for (let turn = 0; turn < 2; turn++) {
      alone.push(...(await flow(runners, 1, turnMs)));
      crowd.push(...(await flow(runners, monitorsAtOnce, turnMs)));
    }
    return figures(alone, crowd, concurrency, (2 * turnMs) / 60_000);
  } finally {
    await shop.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The shop's flow as a sentinel runs it for so many monitors, for so long. */
async function shopFlow(url: string) {
  const { code } = await bundle(join(import.meta.dirname, '../../scripts-library/shop/shop.spec.ts'));
  const { host } = new URL(url);
  const secrets = { SHOP_PASSWORD: password };
  const statement = { bundleSha256: sha256Hex(code), hosts: [host], secrets: Object.keys(secrets) };
  return async (runners: Runners, monitors: number, ms: number): Promise<Run[]> => {
    const schedule = { everyMs: monitors === 1 ? aloneEveryMs : everyMs };
    const wishes = { use: { baseURL: url }, secrets: Object.keys(secrets), schedule };
    const assignments = Array.from({ length: monitors }, () => buildAssignment(wishes, statement));
    const stop = new AbortController();
    const runs: Run[] = [];
    const over = setTimeout(() => stop.abort(), ms);
    const processors = new IdleProcessors();
    for await (const run of runSchedule({ assignments, code, secrets, runners, processors }, stop)) runs.push(run);
    clearTimeout(over);
    return runs;
  };
}

function figures(alone: readonly Run[], crowd: readonly Run[], concurrency: number, minutes: number) {
  const passed = (runs: readonly Run[]) => runs.filter(({ outcome }) => outcome === 'passed');
  const codes = Object.groupBy(crowd, ({ outcome, error }) => error?.code ?? outcome);
  const [one, many] = [median(logins(passed(alone))), median(logins(passed(crowd)))];
  console.log(`alone: ${passed(alone).length} runs, median Login ${ms(one)} ms`);
  console.log(
    `crowded: ${Object.entries(codes)
      .map(([code, runs = []]) => `${runs.length} ${code}`)
      .join(', ')}, median Login ${ms(many)} ms`,
  );
  return {
    runs_per_minute: Math.round((passed(crowd).length / minutes) * 10) / 10,
    login_median_ratio_to_single: Math.round((many / one) * 1000) / 1000,
    login_median_single_ms: ms(one),
    concurrency,
    runs: passed(crowd).length,
    overload: codes.SENTINEL_OVERLOAD?.length ?? 0,
  };
}

function logins(runs: readonly Run[]): number[] {
  return runs.flatMap(({ transactions }) => transactions.filter((t) => t.name === 'Login').map((t) => t.durationUs));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function ms(us: number): number {
  return Math.round(us / 100) / 10;
}
