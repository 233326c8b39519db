import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atomically } from '../../db/atomically.ts';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { type CustomerDb, type CustomerId, connectionsEach } from '../../db/customers.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { serverConfig } from '../../server/config.ts';
import { openContext, type ServerContext } from '../../server/http/context.ts';
import { newToken, tokenHash } from '../../server/http/token.ts';
import { type Program, type ProgramSettings, startProgram } from '../faults/program.ts';
import { startMariaDb } from '../mariadb.ts';
import type { Load, Outcome, Sender, Senders } from './ingest/clients.ts';

const monitorsPerCustomer = 20;
const fewestSenders = 16;
const atOnce = 16;
const rounds = 3;

/** A database server of its own has room for what is written in a minute, and for hundreds of customers: see docs/server.md. */
const mariaDbOptions = [
  ...['--innodb-buffer-pool-size=4G', '--innodb-log-file-size=512M', '--max-connections=2000'],
  ...['--innodb-open-files=20000', '--table-open-cache=20000', '--table-definition-cache=20000'],
];

/**
 * `[--engine sqlite|mariadb] [--customers N] [--seconds N]`: results a second that the whole server takes in over pinned HTTPS,
 * committed, from sentinels that send batches of 100 runs as after an outage; and in turn the bare way, Koa, JSON.parse and
 * one INSERT a request, with the very same bodies. Then the time to an acknowledgement at half that load. Of several
 * customers also, in turn: all of the load from one of them, and the bare way with a file or a table for each.
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
  const count = Number(values.customers);
  const [one, many] = await seed(folder, database?.product, count);
  const connections = String(Math.max(100, connectionsEach * count)); // as whoever has so many sets it
  const env = {
    VEDETTE_SERVER_DATABASE_CONNECTIONS: connections,
    ...(database && { VEDETTE_DATABASE_URL: database.product }),
  };
  const cli = ['server/cli.ts', 'run', '--data', folder, '--port', '0', '--log-level', 'warn'];
  const product = await start(stack, { folder, command: cli, env });
  const bareServer = ['test/bench/ingest/bare-server.ts', database?.bare ?? folder, join(folder, 'certs')];
  const bare = await start(stack, { folder, command: bareServer });
  const apart = await start(stack, { folder, command: [...bareServer, 'apart'] });
  const [fromOne, fromMany] = [stack.use(new Clients(one)), stack.use(new Clients(many))];
  const all = [
    { to: product, from: fromMany },
    { to: bare, from: fromMany },
  ];
  if (count > 1) all.push({ to: apart, from: fromMany }, { to: product, from: fromOne });
  // Connect, and warm up: code is made quick, and a table's file, which grows by pages at first, each synced by itself, is large.
  for (const { to, from } of all)
    await from.load({ port: to.port, seconds: from === fromMany ? 3 + count / 5 : 3, atOnce });
  const measures = all.map((): Measured[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, { to, from }] of all.entries())
      measures[i]?.push(await measured(to, () => from.load({ port: to.port, seconds, atOnce })));
    console.error(`round ${round + 1}: ${measures.map((of) => rate(of.slice(-1))).join(', ')} results/s`);
  }
  const [ours = [], theirs = [], theirsApart = [], oursOfOne = []] = measures;
  const batchesPerSecond = rate(ours) / 500 / 2;
  const half = await fromMany.load({ port: product.port, seconds, atOnce: many.senders.length, batchesPerSecond });
  return {
    engine: values.engine,
    customers: count,
    results_per_s: rate(ours),
    bare_results_per_s: rate(theirs),
    ratio_to_bare: round(rate(ours) / rate(theirs), 3),
    ...(count > 1 && {
      ratio_to_one_customer: round(rate(ours) / rate(oursOfOne), 3),
      ratio_to_bare_apart: round(rate(ours) / rate(theirsApart), 3),
      bare_apart_to_bare: round(rate(theirsApart) / rate(theirs), 3),
    }),
    server_cpu_us_per_result: round(cpuUs(ours), 1),
    bare_cpu_us_per_result: round(cpuUs(theirs), 1),
    p95_ack_ms: round(half.ackMs[Math.ceil(half.ackMs.length * 0.95) - 1] ?? Number.NaN, 1),
  };
}

/** A private server for MariaDB, with a schema for each of the two; a file needs none. Its data lie below `parent`. */
export async function databaseFor(engine: string, stack: AsyncDisposableStack, parent = tmpdir()) {
  if (engine === 'sqlite') return undefined;
  if (engine !== 'mariadb') throw new Error(`there is no engine ${engine}: choose sqlite or mariadb`);
  const server = await startMariaDb(parent, mariaDbOptions);
  stack.defer(() => server.close());
  await server.sql('create database vedette_registry; create database vedette_bare');
  return { server, product: `${server.url}/vedette_registry`, bare: `${server.url}/vedette_bare` };
}

/** Customers with monitors and sentinels, as enrolment leaves them; one of them with sentinels enough for all the load. */
async function seed(dataFolder: string, databaseUrl: string | undefined, count: number): Promise<[Senders, Senders]> {
  await using context = await openContext(serverConfig({ dataFolder, databaseUrl, logLevel: 'silent' }, {}));
  const { authority } = context;
  const group = (): Senders & { senders: Sender[] } => ({ senders: [], ca: authority.caPem, pins: authority.pins });
  const [one, many] = [group(), group()];
  let isFirst = true;
  await severalAtOnce(count, async (name) => {
    const [each, hasAll] = [Math.ceil(fewestSenders / count), isFirst];
    isFirst = false;
    const { id } = await addCustomer(context, name);
    const sentinels = await equip(context, id, hasAll ? each + fewestSenders : each);
    many.senders.push(...sentinels.slice(0, each));
    one.senders.push(...sentinels.slice(each)); // others, since two processes with one key are told apart
  });
  return [one, many];
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
  readonly #ended: Promise<[]>;

  constructor(senders: Senders) {
    this.#child = fork(join(import.meta.dirname, 'ingest/clients.ts'));
    this.#ended = once(this.#child, 'exit').then(() => []);
    this.#child.send(senders);
  }

  async load(load: Load): Promise<Outcome> {
    this.#child.send(load);
    const [outcome]: Outcome[] = await Promise.race([once(this.#child, 'message'), this.#ended]);
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
