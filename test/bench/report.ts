import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildMonitor, buildSentinel } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { runKey } from '../../db/customer/run-key.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { Session } from '../../server/accounts/shapes.ts';
import { addUser } from '../../server/accounts/users.ts';
import { pinnedAgent, send } from '../../server/build-client.ts';
import { serverConfig } from '../../server/config.ts';
import { openContext, type ServerContext } from '../../server/http/context.ts';
import { type Period, ReportAnswer } from '../../server/reports/shapes.ts';
import { closeHours } from '../../server/rollups/close-hours.ts';
import { startProgram } from '../faults/program.ts';
import { memory } from '../mariadb.ts';
import { databaseFor } from './ingest.ts';

const dayMs = 86_400_000;
const everyMs = 300_000;
const names = ['Open', 'Login', 'Search', 'Order', 'Log out'];
const rowsADay = (dayMs * names.length) / everyMs;
const rounds = 15;

/**
 * `[--engine sqlite|mariadb] [--rows N] [--days N]`: how long the server takes to tell 18 months of a monitor by the day,
 * with percentiles, availability and coverage, over pinned HTTPS; against SQL on the very rows, with which it must agree.
 * In turn with it the same is asked of a customer that has results of other monitors in its tables, N in all.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    engine: { type: 'string', default: 'sqlite' },
    rows: { type: 'string', default: '4000000' },
    days: { type: 'string', default: '549' },
  } as const;
  const { engine, rows, days } = parseArgs({ args, options }).values;
  const folder = mkdtempSync(join(tmpdir(), 'vedette-report-'));
  await using stack = new AsyncDisposableStack();
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  // What is asked for lies in memory anyway; to make it takes hundreds of thousands of statements.
  const databaseUrl = (await databaseFor(engine, stack, memory()))?.product;
  return { engine, ...(await measure({ folder, databaseUrl }, Number(days), Number(rows))) };
}

interface Databases {
  folder: string;
  databaseUrl: string | undefined;
}

async function measure(
  { folder, databaseUrl }: Databases,
  days: number,
  rows: number,
): Promise<Record<string, unknown>> {
  await using context = await openContext(serverConfig({ dataFolder: folder, databaseUrl, logLevel: 'silent' }, {}));
  const to = Math.floor(context.now() / dayMs) * dayMs;
  const period = { from: to - days * dayMs, to };
  const placed = (name: string) => place(context, name, period);
  const [alone, crowded] = await Promise.all([placed('Alone'), placed('Crowded')]);
  const raw = await context.customers.use(alone.customerId, (db) => rawSql(db, period));
  await context.customers.use(crowded.customerId, (db) => addOthers(db, period, rows - days * rowsADay));
  const command = ['server/cli.ts', 'run', '--data', folder, '--port', '0', '--log-level', 'warn'];
  const env = databaseUrl === undefined ? {} : { VEDETTE_DATABASE_URL: databaseUrl };
  const server = await startProgram({ command, folder, env });
  try {
    const trust = { ca: context.authority.caPem, pins: new Set(context.authority.pins) };
    const url = `https://127.0.0.1:${/\d{4,5}\b/.exec(server.lastWords())?.[0]}`;
    const asker = async ({ user, path }: Placed) => {
      const get = await signedIn(url, trust, user);
      return (of: Period, group: string) => () => get(`${path}?from=${of.from}&to=${of.to}&${group}`);
    };
    const ask = await asker(alone);
    const one = ask(period, 'transaction=Login');
    const oneOfMany = (await asker(crowded))(period, 'transaction=Login');
    const month = ask({ from: to - 30 * dayMs, to }, 'transaction=Login');
    mustAgree(ReportAnswer.parse(JSON.parse(await one())), raw.days, days);
    const asked = [one, ask(period, 'group=transaction'), month, oneOfMany];
    const [oneMs = 0, fiveMs = 0, monthMs = 0, oneOfManyMs = 0] = await inTurn(asked);
    return {
      rows,
      one_transaction_ms: round(oneMs),
      five_transactions_ms: round(fiveMs),
      raw_sql_ms: round(raw.ms),
      ratio_to_raw: round(oneMs / raw.ms, 4),
      growth_18mo_over_1mo: round(oneMs / monthMs, 2),
      growth_with_rows: round(oneOfManyMs / oneMs, 2),
    };
  } finally {
    await server.stop();
  }
}

interface Placed {
  customerId: CustomerId;
  user: { name: string; password: string };
  /** Of the report of its monitor. */
  path: string;
}

/** A customer with the monitor that is asked for, and a user of it. */
async function place(context: ServerContext, name: string, period: Period): Promise<Placed> {
  const { id: customerId } = await addCustomer(context, name, { timeZone: 'UTC' });
  const { password } = await addUser(context, { name, role: 'viewer', customerId });
  const monitorId = await context.customers.use(customerId, (db) => seed(db, period));
  await context.customers.use(customerId, (db) => closeHours(db, context.now()));
  const path = `/api/v1/customers/${customerId}/monitors/${monitorId}/report`;
  return { customerId, user: { name, password }, path };
}

/** A monitor that one sentinel runs every 5 minutes; most are quick, some slow, a few fail. Returns its id. */
async function seed(db: CustomerDb, { from, to }: Period): Promise<string> {
  const { id: monitor_id } = await buildMonitor(db, { every_ms: everyMs, created_at: from });
  const { id: sentinel_id, locationId: location_id } = await buildSentinel(db, { enrolled_at: from });
  await db('transactions').insert(names.map((name, position) => ({ monitor_id, name, position })));
  const about = { monitor_id, sentinel_id, location_id, script_sha256: 'a'.repeat(64), script_version: 1 };
  for (let day = from; day < to; day += dayMs) {
    const starts = Array.from(
      { length: dayMs / everyMs },
      (_, i) => day + i * everyMs + Math.floor(Math.random() * 1000),
    );
    const runs = starts.map((started_at) => {
      const outcome = Math.random() < 0.015 ? 'failed' : 'passed';
      const times = { due_at: started_at, started_at, sentinel_started_at: started_at, received_at: started_at };
      return {
        id: runKey(newRunId(started_at)),
        ...about,
        ...times,
        duration_us: 900_000,
        outcome,
        content_hash: Buffer.alloc(32),
      };
    });
    await db.transaction(async (trx) => {
      await insertAll(trx, 'runs', runs);
      await insertAll(
        trx,
        'transaction_results',
        runs.flatMap(({ id, started_at, outcome }) => resultsOf(id, started_at, outcome)),
      );
    });
  }
  return monitor_id;
}

function resultsOf(run_id: Buffer, started_at: number, outcome: string, firstId = 1) {
  return names.map((_, position) => {
    const usual = 250_000 * Math.exp(0.4 * (Math.random() + Math.random() + Math.random() - 1.5) * 2);
    const response_us = outcome === 'passed' ? Math.round(usual * (Math.random() < 0.02 ? 6 : 1)) : null;
    const times = { start_us: position * 400_000, duration_us: 400_000, response_us };
    return { transaction_id: firstId + position, started_at, run_id, position, ...times, outcome };
  });
}

/** Results of transactions of other monitors, as many as are asked for. */
async function addOthers(db: CustomerDb, { from, to }: Period, rows: number): Promise<void> {
  const atOnce = 2000;
  for (let done = 0, firstId = 1000; done < rows; firstId += names.length) {
    for (let at = from; at < to && done < rows; at += atOnce * everyMs) {
      const starts = Array.from({ length: atOnce }, (_, i) => at + i * everyMs);
      const results = starts.flatMap((start) => resultsOf(runKey(newRunId(start)), start, 'passed', firstId));
      await db.transaction((trx) => insertAll(trx, 'transaction_results', results)); // the server writes there too
      done += results.length;
    }
  }
}

interface Day {
  day: number;
  p50: number;
  p95: number;
  p99: number;
  availability: number;
}

/** The same figures of Login by SQL alone, and how long it took. */
async function rawSql(db: CustomerDb, { from, to }: Period): Promise<{ ms: number; days: Day[] }> {
  const of = `from transaction_results where transaction_id = 2 and started_at >= ${from} and started_at < ${to}`;
  const day = `started_at - started_at % ${dayMs} as day`;
  const percentiles = ['50', '95', '99'].map(
    (p) => `min(case when place * 100 >= n * ${p} then response_us end) as p${p}`,
  );
  const ranked = `select ${day}, response_us,
      row_number() over (partition by started_at - started_at % ${dayMs} order by response_us) as place,
      count(*) over (partition by started_at - started_at % ${dayMs}) as n
    ${of} and outcome = 'passed' and response_us is not null`;
  const shares = `select ${day}, avg(case when outcome = 'passed' then 1.0 else 0 end) as availability ${of}
    and outcome in ('passed', 'failed') group by day`;
  const begun = performance.now();
  const sql = `select q.*, s.availability from (select day, ${percentiles.join()} from (${ranked}) as r group by day) as q
    join (${shares}) as s on s.day = q.day order by q.day`;
  const answer = await db.raw(sql);
  const ms = performance.now() - begun;
  const found: Day[] = Array.isArray(answer[0]) ? answer[0] : answer;
  return { ms, days: found.map((row) => ({ ...row, availability: Number(row.availability) })) };
}

function mustAgree({ series }: ReportAnswer, raw: readonly Day[], days: number): void {
  const login = series.find(({ transaction }) => transaction === 'Login')?.points ?? [];
  const runs = series.find(({ transaction }) => transaction === null)?.points ?? [];
  if (login.length !== days || runs.some((point) => point.coverage === null || point.coverage < 0.99)) {
    throw new Error(`${login.length} days of ${days} were told, or not all runs`);
  }
  for (const [i, { day, p50, p95, p99, availability }] of raw.entries()) {
    const point = login[i];
    const near = (found: number | null | undefined, truth: number) =>
      Math.abs((found ?? 0) - truth) <= truth * 0.0101 + 1;
    const agree = near(point?.p50Us, p50) && near(point?.p95Us, p95) && near(point?.p99Us, p99);
    if (point?.from !== day || !agree || Math.abs((point.availability ?? 0) - availability) > 1e-4) {
      throw new Error(`the report is not what the rows say: ${JSON.stringify([point, raw[i]])}`);
    }
  }
}

/** The median time of each (ms), asked in turn. */
async function inTurn(asked: readonly (() => Promise<string>)[]): Promise<number[]> {
  const times = asked.map((): number[] => []);
  for (let round = -2; round < rounds; round++) {
    for (const [i, ask] of asked.entries()) {
      const begun = performance.now();
      await ask();
      if (round >= 0) times[i]?.push(performance.now() - begun); // the first two warm up
    }
  }
  return times.map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN);
}

async function signedIn(
  url: string,
  trust: Parameters<typeof pinnedAgent>[0],
  { name, password }: { name: string; password: string },
): Promise<(path: string) => Promise<string>> {
  const agent = pinnedAgent(trust);
  const question = { agent, method: 'POST', path: '/api/v1/session', headers: { 'content-type': 'application/json' } };
  const answer = await send(url, question, JSON.stringify({ name, password }));
  Session.parse(JSON.parse(answer.body.toString()));
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return async (path) => {
    const { status, body } = await send(url, { agent, method: 'GET', path, headers: { cookie } });
    if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
    return body.toString();
  };
}

function round(value: number, digits = 1): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
