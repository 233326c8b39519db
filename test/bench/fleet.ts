import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { longestS } from '../../sentinel/link/patience.ts';
import { changeMonitor } from '../../server/assignments/change-monitor.ts';
import { memoryEnvironment } from '../../server/commands/systemd-unit.ts';
import { serverConfig } from '../../server/config.ts';
import { openContext, type ServerContext } from '../../server/http/context.ts';
import { type Program, startProgram } from '../faults/program.ts';
import { until } from '../faults/until.ts';
import type { Fleet, Told } from './fleet/clients.ts';
import { seed, type Watched } from './fleet/seed.ts';

const port = 20_443;
const counter = pathToFileURL(join(import.meta.dirname, 'fleet/count-handshakes.ts')).href;
/** What is still being put right after the last has come (garbage, buffers) is not the cost of waiting. */
const settleMs = 30_000;

/**
 * `[--sentinels N] [--seconds N]`: so many sentinels, each with an open question for news, at one server process over TLS:
 * memory and processor time while nothing changes, for so long or as long as a question lives; how long a change that
 * another process makes takes to reach the 1,000 of its customer; and how they come back when the server was restarted.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    sentinels: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: String(longestS) },
  } as const;
  const { values } = parseArgs({ args, options });
  const count = Number(values.sentinels);
  const folder = mkdtempSync(join(tmpdir(), 'vedette-fleet-'));
  const handshakes = join(folder, 'handshakes.json');
  const start = () =>
    startProgram({
      command: ['server/cli.ts', 'run', '--data', folder, '--port', String(port), '--log-level', 'warn'],
      folder,
      env: { ...memoryEnvironment, NODE_OPTIONS: `--import ${counter}`, HANDSHAKES_TO: handshakes },
    });
  await using context = await openContext(serverConfig({ dataFolder: folder, logLevel: 'silent' }, {}));
  const customers = await seed(context, count);
  let server = await start();
  const clients = new Clients({
    port,
    ca: context.authority.caPem,
    pins: context.authority.pins,
    sentinels: customers.flatMap(({ sentinels }) => sentinels),
    atOnce: 50,
  });
  try {
    const before = rssKib(server.pid);
    await clients.allWait(count, server);
    await wait(settleMs);
    const kibEach = () => (rssKib(server.pid) - before) / count;
    console.error(`${count} wait, ${before} KiB before, ${kibEach().toFixed(1)} KiB each at first`);
    const cpu = await cpuPercent(server.pid, Math.max(longestS, Number(values.seconds)) * 1000);
    const kib = kibEach();
    const p99 = await changeMs(context, customers[0], clients);
    await server.stop();
    server = await start();
    const began = Date.now();
    await clients.allWait(count, server);
    const back = (Date.now() - began) / 1000;
    await server.stop();
    return {
      sentinels: count,
      kib_per_sentinel: round(kib),
      cpu_percent_idle: round(cpu),
      p99_change_ms: Math.round(p99),
      back_after_restart_s: round(back),
      most_handshakes_in_a_second: mostInASecond(JSON.parse(readFileSync(handshakes, 'utf8'))),
      refused: clients.failures.size === 0 ? 0 : [...clients.failures],
    };
  } finally {
    clients.end();
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

class Clients {
  readonly news = new Map<number, number>();
  readonly failures = new Set<string>();
  readonly #child: ChildProcess;
  #waiting = 0;

  constructor(fleet: Fleet) {
    this.#child = fork(join(import.meta.dirname, 'fleet/clients.ts'), { execArgv: ['--max-old-space-size=4096'] });
    this.#child.on('message', (told: Told) => {
      if (told.kind === 'waiting') this.#waiting = told.count;
      else if (told.kind === 'news') this.news.set(told.index, told.at);
      else this.failures.add(told.why);
    });
    this.#child.send(fleet);
  }

  async allWait(count: number, server: Program): Promise<void> {
    const tell = () => `${this.#waiting} of ${count} wait. ${[...this.failures].join('; ')}`;
    const allWait = () => {
      server.mustRun();
      return this.#waiting >= count;
    };
    await until('all sentinels wait for news', allWait, { tell, everyMs: 50, limitMs: 600_000 });
  }

  end(): void {
    this.#child.kill();
  }
}

/** The 99th percentile of how long after a change each of the customer's sentinels had the news, ms. */
async function changeMs(context: ServerContext, customer: Watched | undefined, clients: Clients): Promise<number> {
  if (!customer) throw new Error('there is no customer');
  const began = Date.now();
  await changeMonitor(context, customer.id, 'Shop 0', { timeoutMs: 61_000 });
  const count = customer.sentinels.length;
  await until('all have the news', () => clients.news.size >= count, { tell: () => `${clients.news.size} have` });
  const times = [...clients.news.values()].map((at) => at - began).sort((a, b) => a - b);
  console.error(`news: first ${times[0]} ms, median ${times[count >> 1]} ms, last ${times.at(-1)} ms`);
  return times[Math.ceil(count * 0.99) - 1] ?? Number.NaN;
}

function mostInASecond(instants: readonly number[]): number {
  const sorted = instants.toSorted((a, b) => a - b);
  let [most, from] = [0, 0];
  sorted.forEach((at, i) => {
    while ((sorted[from] ?? at) <= at - 1000) from++;
    most = Math.max(most, i - from + 1);
  });
  return most;
}

async function cpuPercent(pid: number, ms: number): Promise<number> {
  const [ticks, began] = [cpuTicks(pid), performance.now()];
  await wait(ms);
  return ((cpuTicks(pid) - ticks) * 10 * 100) / (performance.now() - began);
}

/** 100 a second on Linux. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function rssKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
