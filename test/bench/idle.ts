import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { layOut } from '../../packaging/lay-out.ts';
import { platforms } from '../../packaging/platforms.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { changeMonitor } from '../../server/assignments/change-monitor.ts';
import { addMonitor } from '../../server/assignments/monitors.ts';
import { publish } from '../../server/assignments/publish.ts';
import { serverConfig } from '../../server/config.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import { type RunningServer, startServer } from '../../server/main.ts';
import { startShop } from '../apps/shop/shop.ts';
import { processesNaming } from '../faults/processes.ts';

const monitors = 20;
/** Years may pass until it is due. */
const seldom = '0 3 29 2 *';
/** What a start needs once is given back by then. */
const settleMs = 20_000;

/**
 * `[--seconds N] [--browser PATH]`: what an installed sentinel takes while nothing is due: resident memory (the most of
 * what was seen), processor time, how long after its start it first asks the server; and after a run the proportional
 * memory of all its processes, with the browser that waits for the next.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = { seconds: { type: 'string', default: '120' }, browser: { type: 'string' } } as const;
  const { values } = parseArgs({ args, options });
  const folder = mkdtempSync(join(tmpdir(), 'vedette-idle-'));
  const installed = join(folder, 'installed');
  const platform = platforms.find(({ name }) => name === `${process.platform}-${process.arch}`);
  if (!platform) throw new Error(`nothing is installed on ${process.platform}-${process.arch}`);
  await layOut(platform, installed);
  const shop = await startShop({ password: 'correct horse battery' });
  const server = await startServer(serverConfig({ dataFolder: join(folder, 'server'), port: 0, logLevel: 'warn' }, {}));
  const home = join(folder, 'home');
  const customerId = await seed(server, shop.port, home);
  const chosen = values.browser === undefined ? [] : ['--browser', values.browser];
  const root = process.getuid?.() === 0 ? ['--allow-root'] : [];
  try {
    for (let start = 0; start < 2; start++) await firstPollMs(server, installed, home, [...root, ...chosen]); // files are read from memory then
    const sentinel = await startSentinel(server, installed, home, [...root, ...chosen]);
    try {
      await wait(settleMs);
      const idle = await watch(sentinel.pid, Number(values.seconds) * 1000);
      await oneRun(server, customerId);
      await wait(settleMs / 2);
      const all = processesNaming(home);
      const pss = all.reduce((sum, pid) => sum + kib(pid, 'smaps_rollup', 'Pss'), 0) / 1024;
      console.error(`after a run ${all.length} processes`);
      return { ...idle, rss_with_browser_pss_mib: round(pss), first_poll_ms: Math.round(sentinel.firstPollMs) };
    } finally {
      await stop(sentinel.process);
    }
  } finally {
    await server.close();
    await shop[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function seed(server: RunningServer, shopPort: number, home: string) {
  const { context } = server;
  const { id } = await addCustomer(context, 'Aurora');
  const host = `127.0.0.1:${shopPort}`;
  const source = `import { test } from '@playwright/test'; test('Open', async ({ page }) => { await page.goto('http://${host}/'); });`;
  await publish(context, id, { script: { name: 'shop.spec.ts', source }, author: 'bench', hosts: [host] });
  for (let i = 0; i < monitors; i++)
    await addMonitor(context, id, { name: `Shop ${i}`, script: 'shop.spec.ts', cron: seldom });
  const code = await addEnrolmentCode(context, id, { location: 'Utrecht' });
  const [pin = ''] = context.authority.pins;
  await enrol({ server: server.url, pin, code, name: 'PC', home }, new AbortController().signal);
  return id;
}

/** Starts it and ends it again; how long after its start it first asked, ms. */
async function firstPollMs(server: RunningServer, installed: string, home: string, args: string[]): Promise<number> {
  const sentinel = await startSentinel(server, installed, home, args);
  await stop(sentinel.process);
  return sentinel.firstPollMs;
}

async function startSentinel(server: RunningServer, installed: string, home: string, args: string[]) {
  const seen = once(server.context.events, 'sentinelSeen');
  const began = performance.now();
  const program = join(installed, 'bin', 'vedette-sentinel');
  const child = spawn(program, ['--home', home, 'run', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the sentinel ended with ${code} before it asked`);
  });
  await Promise.race([seen, ended]);
  return { process: child, pid: child.pid ?? 0, firstPollMs: performance.now() - began };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

async function watch(pid: number, ms: number) {
  const [ticks, began] = [cpuTicks(pid), performance.now()];
  const seen: number[] = [];
  while (performance.now() - began < ms) {
    await wait(Math.min(5000, ms));
    seen.push(kib(pid, 'status', 'VmRSS') / 1024);
  }
  const cpu = ((cpuTicks(pid) - ticks) * 10 * 100) / (performance.now() - began);
  return { rss_mib: round(Math.max(...seen)), cpu_percent: Math.round(cpu * 1000) / 1000 };
}

/** One of the monitors is run once, and then has years again. */
async function oneRun(server: RunningServer, customerId: Awaited<ReturnType<typeof seed>>): Promise<void> {
  const stored = once(server.context.events, 'runsStored');
  await addMonitor(server.context, customerId, { name: 'Once', script: 'shop.spec.ts', everyMs: 3_600_000 });
  await stored;
  await changeMonitor(server.context, customerId, 'Once', { cron: seldom });
}

/** 100 a second on Linux. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function kib(pid: number, file: 'status' | 'smaps_rollup', field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))?.[1]);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
