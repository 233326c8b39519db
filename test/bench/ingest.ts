import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atomically } from '../../db/atomically.ts';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { serverConfig } from '../../server/config.ts';
import { openContext, type ServerContext } from '../../server/http/context.ts';
import { newToken, tokenHash } from '../../server/http/token.ts';
import { type Program, type ProgramSettings, startProgram } from '../faults/program.ts';
import { startMariaDb } from '../mariadb.ts';
import type { Load, Outcome, Sender, Senders } from './ingest/clients.ts';

const monitorsPerCustomer = 20;
const fewestSenders = 8;
const atOnce = 8;
const rounds = 3;

/** A database server of its own has room for what is written in a minute. */
const mariaDbOptions = ['--innodb-buffer-pool-size=1G', '--innodb-log-file-size=512M', '--max-connections=1000'];

/**
 * `[--engine sqlite|mariadb] [--customers N] [--seconds N]`: results a second that the whole server takes in over pinned HTTPS,
 * committed, from sentinels that send batches of 100 runs as after an outage; and in turn the bare way, Koa, JSON.parse and
 * one INSERT a request, with the very same bodies. Then the time to an acknowledgement at half that load.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    engine: { type: 'string', default: 'sqlite' },
    customers: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '30' },
  } as const;
  const { values } = parseArgs({ args, options });
  const folder = mkdtempSync(join(tmpdir(), 'vedette-ingest-'));
  const seconds = Number(values.seconds) / (2 * rounds + 1);
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const database = await databaseFor(values.engine, stack);
  const seeded = await seed(folder, database?.product, Number(values.customers));
  const connections = String(Math.max(100, 2 * Number(values.customers))); // as whoever has so many sets it
  const env = {
    VEDETTE_SERVER_DATABASE_CONNECTIONS: connections,
    ...(database && { VEDETTE_DATABASE_URL: database.product }),
  };
  const cli = ['server/cli.ts', 'run', '--data', folder, '--port', '0', '--log-level', 'warn'];
  const product = await start(stack, { folder, command: cli, env });
  const bareServer = ['test/bench/ingest/bare-server.ts', database?.bare ?? folder, join(folder, 'certs')];
  const bare = await start(stack, { folder, command: bareServer });
  const clients = stack.use(new Clients(seeded));
  const { senders } = seeded;
  for (const { port } of [product, bare]) await clients.load({ port, seconds: 1, atOnce }); // connect, and warm up
  const [ours, theirs]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push(await measured(product, () => clients.load({ port: product.port, seconds, atOnce })));
    theirs.push(await measured(bare, () => clients.load({ port: bare.port, seconds, atOnce })));
    console.error(`round ${round + 1}: ${rate(ours.slice(-1))} results/s, bare ${rate(theirs.slice(-1))}`);
  }
  const batchesPerSecond = rate(ours) / 500 / 2;
  const half = await clients.load({ port: product.port, seconds, atOnce: senders.length, batchesPerSecond });
  return {
    engine: values.engine,
    customers: Number(values.customers),
    results_per_s: rate(ours),
    bare_results_per_s: rate(theirs),
    ratio_to_bare: round(rate(ours) / rate(theirs), 3),
    server_cpu_us_per_result: round(cpuUs(ours), 1),
    bare_cpu_us_per_result: round(cpuUs(theirs), 1),
    p95_ack_ms: round(half.ackMs[Math.ceil(half.ackMs.length * 0.95) - 1] ?? Number.NaN, 1),
  };
}

/** A private server for MariaDB, with a schema for each of the two; a file needs none. */
export async function databaseFor(engine: string, stack: AsyncDisposableStack) {
  if (engine === 'sqlite') return undefined;
  if (engine !== 'mariadb') throw new Error(`there is no engine ${engine}: choose sqlite or mariadb`);
  const server = await startMariaDb(tmpdir(), mariaDbOptions);
  stack.defer(() => server.close());
  await server.sql('create database vedette_registry; create database vedette_bare');
  return { server, product: `${server.url}/vedette_registry`, bare: `${server.url}/vedette_bare` };
}

/** Customers with monitors and sentinels, as enrolment leaves them. */
async function seed(dataFolder: string, databaseUrl: string | undefined, count: number): Promise<Senders> {
  await using context = await openContext(serverConfig({ dataFolder, databaseUrl, logLevel: 'silent' }, {}));
  const senders: Sender[] = [];
  const each = Math.max(1, Math.ceil(fewestSenders / count));
  await severalAtOnce(count, async (name) => {
    const { id } = await addCustomer(context, name);
    senders.push(...(await equip(context, id, each)));
  });
  return { senders, ca: context.authority.caPem, pins: context.authority.pins };
}

/** Makes so many customers, a few at a time: on MariaDB each takes a second, of which it waits most. */
export async function severalAtOnce(count: number, make: (name: string) => Promise<void>): Promise<void> {
  const names = Array.from({ length: count }, (_, i) => `Customer ${i + 1}`).values();
  const work = async () => {
    for (const name of names) await make(name);
  };
  await Promise.all(Array.from({ length: 4 }, work));
}

/** Monitors, and sentinels with their keys. */
export async function equip(context: ServerContext, customer_id: CustomerId, sentinels: number): Promise<Sender[]> {
  const made = Array.from({ length: sentinels }, () => ({ id: randomUUID(), apiKey: newToken() }));
  const at = context.now();
  const fill = async (db: CustomerDb) => {
    const location = { id: randomUUID(), name: 'Utrecht' };
    await db('locations').insert(location);
    const about = { platform: 'bench', version: '1', location_id: location.id, enrolled_at: at };
    await db('sentinels').insert(made.map(({ id }, i) => ({ id, name: `PC ${i}`, ...about })));
    const monitors = Array.from({ length: monitorsPerCustomer }, () => buildMonitor(db));
    return (await Promise.all(monitors)).map(({ id }) => id);
  };
  const monitorIds = await context.customers.use(customer_id, (db) => atomically(db, fill));
  const rows = made.map(({ id, apiKey }) => ({ key_hash: tokenHash(apiKey), sentinel_id: id }));
  await context.registry('sentinel_keys').insert(rows.map((row) => ({ ...row, customer_id, created_at: at })));
  return made.map((sentinel) => ({ ...sentinel, monitorIds }));
}

export interface Listening extends Program {
  port: number;
}

export async function start(stack: AsyncDisposableStack, settings: ProgramSettings): Promise<Listening> {
  const program = await startProgram(settings);
  stack.defer(() => program.stop());
  return { ...program, port: Number(/\d{4,5}\b/.exec(program.lastWords())?.[0]) };
}

export class Clients {
  readonly #child: ChildProcess;

  constructor(senders: Senders) {
    this.#child = fork(join(import.meta.dirname, 'ingest/clients.ts'));
    this.#child.send(senders);
  }

  async load(load: Load): Promise<Outcome> {
    this.#child.send(load);
    const [outcome]: Outcome[] = await once(this.#child, 'message');
    if (!outcome || outcome.failures.length > 0) throw new Error(`not all was taken: ${outcome?.failures.join('; ')}`);
    return outcome;
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }
}

interface Measured extends Outcome {
  cpuS: number;
}

async function measured({ pid }: Program, work: () => Promise<Outcome>): Promise<Measured> {
  const before = cpuTicks(pid);
  const outcome = await work();
  return { ...outcome, cpuS: (cpuTicks(pid) - before) / 100 };
}

/** Of the process; 100 a second on Linux. */
function cpuTicks(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Results a second, over all rounds. */
function rate(measured: readonly Outcome[]): number {
  return Math.round(sum(measured, ({ results }) => results) / sum(measured, ({ seconds }) => seconds));
}

function cpuUs(of: readonly Measured[]): number {
  return (sum(of, ({ cpuS }) => cpuS) * 1e6) / sum(of, ({ results }) => results);
}

function sum<T>(all: readonly T[], figure: (one: T) => number): number {
  return all.reduce((total, one) => total + figure(one), 0);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
