import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { customerMigrations } from '../../db/customer/migrations.ts';
import type { CustomerId } from '../../db/customers.ts';
import { openDatabase } from '../../db/open-database.ts';
import { pinnedAgent, send } from '../../server/build-client.ts';
import { serverConfig } from '../../server/config.ts';
import { addressOf, makeDatabase } from '../../server/databases/customer-database.ts';
import { closeContext, openContext, type ServerContext } from '../../server/http/context.ts';
import { sessionCookie } from '../../server/http/session-auth.ts';
import { newToken, tokenHash } from '../../server/http/token.ts';
import type { MariaDb } from '../mariadb.ts';
import type { Sender } from './ingest/clients.ts';
import { Clients, databaseFor, equip, type Listening, severalAtOnce, start } from './ingest.ts';

const [lookEveryMs, readers] = [250, 4];
const dayMs = 86_400_000;

/**
 * `[--engine sqlite|mariadb] [--customers N] [--seconds N] [--batches N]`: so many customers on one server with its usual
 * settings, of whose databases at most 50 are open on MariaDB. First all are brought from the first schema to the present one; then
 * their sentinels send in turn so many batches of 100 runs a second, while reports are asked for, of one customer after
 * the other.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    engine: { type: 'string', default: 'sqlite' },
    customers: { type: 'string', default: '300' },
    seconds: { type: 'string', default: '60' },
    batches: { type: 'string', default: '5' },
  } as const;
  const { values } = parseArgs({ args, options });
  const [count, seconds] = [Number(values.customers), Number(values.seconds)];
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-customers-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const database = await databaseFor(values.engine, stack);
  const env: Record<string, string> = database ? { VEDETTE_DATABASE_URL: database.product } : {};
  const config = serverConfig({ dataFolder: folder, databaseUrl: database?.product, logLevel: 'silent' }, {});
  const context = await openContext(config);
  const ids: CustomerId[] = [];
  await severalAtOnce(count, async (name) => {
    ids.push(await addOldCustomer(context, name));
  });
  const migrateS = await migrateAll(folder, env);
  const senders: Sender[] = [];
  const asked: Asked[] = [];
  for (const id of ids) {
    const [sender] = await equip(context, id, 1);
    if (!sender) throw new Error('a customer has no sentinel');
    senders.push(sender);
    asked.push(await signIn(context, id, sender));
  }

  await closeContext(context); // its connections are not the server's

  const command = ['server/cli.ts', 'run', '--data', folder, '--port', '0', '--log-level', 'warn'];
  const server = await start(stack, { folder, command, env });
  const { caPem: ca, pins } = context.authority;
  const clients = stack.use(new Clients({ senders, ca, pins }));
  const read = reader(server, { ca, pins: new Set(pins) });
  const looks = stack.use(new Looks(server, database?.server));
  const ending = new AbortController();
  const load = { port: server.port, seconds, atOnce: count, batchesPerSecond: Number(values.batches) };
  const [{ ackMs }, ...reports] = await Promise.all([
    clients.load(load).finally(() => ending.abort()),
    ...Array.from({ length: readers }, (_, n) => readOn(read, asked, n, ending.signal)),
  ]);
  const reportMs = reports.flat();
  console.error(
    `${ackMs.length} batches, ${reportMs.length} reports; the server said: ${server.lastWords().slice(-500)}`,
  );
  return {
    engine: values.engine,
    customers: count,
    rss_mib: Math.round(peakMib(server)),
    p95_ack_ms: p95(ackMs),
    p95_report_ms: p95(reportMs),
    max_connections: looks.most,
    migrate_s: migrateS,
  };
}

/** As the first version would have left it: its tables are those of the first step. */
async function addOldCustomer(context: ServerContext, name: string): Promise<CustomerId> {
  const id = randomUUID() as string as CustomerId;
  const place = await makeDatabase(context, id, null);
  const at = await addressOf(context, { id, ...place });
  await (await openDatabase(at, customerMigrations.slice(0, 1))).destroy();
  const about = { time_zone: 'UTC', created_at: Date.now(), suspended_at: null, suspended_why: null };
  await context
    .registry('customers')
    .insert({ id, name, ...about, ...place, schema_version: 1, business_hours: null, password_renewal: null });
  return id;
}

/** What an operator types, s. */
async function migrateAll(folder: string, env: Record<string, string>): Promise<number> {
  const began = performance.now();
  const cli = join(import.meta.dirname, '../../server/cli.ts');
  await promisify(execFile)(process.execPath, [cli, 'migrate', '--data', folder], { env: { ...process.env, ...env } });
  return round((performance.now() - began) / 1000);
}

/** The report of the last 60 days that a user of a customer asks for, and the session in which. */
interface Asked {
  path: string;
  cookie: string;
}

/** As signing in leaves it: hashing 300 passwords is not what is measured. */
async function signIn({ registry }: ServerContext, customer_id: CustomerId, { monitorIds }: Sender): Promise<Asked> {
  const [token, user_id, at] = [newToken(), randomUUID(), Date.now()];
  const user = {
    id: user_id,
    name: user_id,
    role: 'viewer',
    customer_id,
    password_hash: '',
    created_at: at,
    password_changed_at: at,
  };
  await registry('users').insert(user);
  const session = { token_hash: tokenHash(token), user_id, csrf_token: '', created_at: at, last_seen_at: at };
  await registry('sessions').insert(session);
  const to = Math.floor(at / dayMs) * dayMs;
  const period = `from=${to - 60 * dayMs}&to=${to}&step=day`;
  return {
    path: `/api/v1/customers/${customer_id}/monitors/${monitorIds[0]}/report?${period}`,
    cookie: `${sessionCookie}=${token}`,
  };
}

type Read = (asked: Asked | undefined) => Promise<void>;

function reader({ port }: Listening, trust: Parameters<typeof pinnedAgent>[0]): Read {
  const [agent, url] = [pinnedAgent(trust), `https://127.0.0.1:${port}`];
  return async ({ path, cookie } = { path: '', cookie: '' }) => {
    const { status, body } = await send(url, { agent, method: 'GET', path, headers: { cookie } });
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  };
}

/** Asks for the reports of one customer after the other; returns how long each took. */
async function readOn(read: Read, asked: readonly Asked[], from: number, signal: AbortSignal): Promise<number[]> {
  const took: number[] = [];
  for (let i = from; !signal.aborted; i += readers) {
    const began = performance.now();
    await read(asked[i % asked.length]);
    took.push(performance.now() - began);
    await wait(50);
  }
  return took;
}

/** Looks again and again how many customers' databases are open: connections on MariaDB, else files. */
class Looks {
  most = 0;
  readonly #ending = new AbortController();

  constructor({ pid }: Listening, mariadb: MariaDb | undefined) {
    void this.#look(mariadb ? () => connections(mariadb) : async () => openFiles(pid));
  }

  async #look(count: () => Promise<number>): Promise<void> {
    while (!this.#ending.signal.aborted) {
      this.most = Math.max(this.most, await count().catch(() => 0)); // it is being stopped
      await wait(lookEveryMs);
    }
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }
}

/** Those of customers' own accounts. The registry has five at most beside. */
async function connections({ sql }: MariaDb): Promise<number> {
  return Number(await sql("select count(*) from information_schema.processlist where user like 'vedette%'"));
}

function openFiles(pid: number): number {
  const links = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  return new Set(links.filter((path) => path.endsWith('/live.sqlite'))).size;
}

/** The most memory it ever had. */
function peakMib({ pid }: Listening): number {
  return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

function p95(all: readonly number[]): number {
  return round(all.toSorted((a, b) => a - b)[Math.ceil(all.length * 0.95) - 1] ?? Number.NaN);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
