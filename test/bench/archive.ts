import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createGzip } from 'node:zlib';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { monthOf } from '../../db/customer/months.ts';
import type { TransactionRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { execArgv } from '../../server/archive/apart.ts';
import { makeArchiveKey } from '../../server/archive/keys.ts';
import type { Moved } from '../../server/archive/move.ts';
import { commandLine } from '../../server/audit/audit.ts';
import { serverConfig } from '../../server/config.ts';
import { closeContext, openContext, type ServerContext } from '../../server/http/context.ts';
import { memory, startMariaDb } from '../mariadb.ts';

const [monitors, sentinels, transactions] = [20, 10, 5];
/** What a run and its results are together. */
const rowsOfRun = 1 + transactions;
const lookEveryMs = 20;
/** So that the month is old enough to leave. */
const aheadMs = 62 * 86_400_000;

/**
 * `[--rows N]`: a month of so many rows, runs and their results, with jittered times and random ids, from MariaDB through
 * Parquet and age to verified and removed, in a process of its own as the job starts it.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const { values } = parseArgs({ args, options: { rows: { type: 'string', default: '5000000' } } });
  const runs = Math.round(Number(values.rows) / rowsOfRun);
  await using stack = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-archive-bench-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const options = ['--innodb-buffer-pool-size=1G', '--innodb-log-file-size=512M', '--innodb-flush-log-at-trx-commit=2'];
  const server = stack.use(await startMariaDb(memory(), options));
  await server.sql('create database bench');
  const root = join(folder, 'archive');
  mkdirSync(root);
  const given = { dataFolder: join(folder, 'server'), databaseUrl: `${server.url}/bench`, archiveFolder: root };
  const now = Date.now() + aheadMs;
  const context = await openContext({ ...serverConfig({ ...given, logLevel: 'silent' }, {}), now: () => now });
  stack.defer(() => closeContext(context));
  const month = monthOf(Date.now(), -1); // the oldest that a new database has a partition of
  const id = await equip(context, month.from);
  await context.customers.use(id, (db) => fill(db, month, runs));
  const live = await context.customers.use(id, liveBytes);
  const csv = await context.customers.use(id, (db) => csvGzBytes(db));
  const child = fork(join(import.meta.dirname, 'archive/mover.ts'), { execArgv: [...execArgv] });
  const peak = watched(child);
  const began = performance.now();
  child.send({ given: { ...given, logLevel: 'silent' }, id, before: month.to, now });
  const [moved] = await new Promise<Moved[]>((resolve, reject) => {
    child.once('message', (told: { moved: Moved[] }) => resolve(told.moved));
    child.once('exit', (code) => reject(new Error(`the mover ended with ${code}`)));
  });
  const seconds = (performance.now() - began) / 1000;
  const rows = runs * rowsOfRun;
  if (!moved || moved.runs + moved.results !== rows) throw new Error(`${JSON.stringify(moved)} is not ${rows} rows`);
  return {
    rows_per_s: Math.round(rows / seconds),
    bytes_per_row: round(moved.bytes / rows),
    live_bytes_per_row: round(live / rows),
    ratio_csv_gz: round(csv / moved.bytes),
    remove_ms: Math.round(moved.removeMs),
    peak_rss_mib: await peak(),
  };
}

async function equip(context: ServerContext, from: number): Promise<CustomerId> {
  const { id, name } = await addCustomer(context, 'Bench');
  const created_at = from + 61 * 86_400_000; // months are looked for from 60 days before; nothing is expected in this one
  await context.registry<CustomerRow>('customers').where({ id }).update({ created_at });
  await makeArchiveKey(context, { id, name }, { name: 'bench', keepCopy: false }, commandLine);
  await context.customers.use(id, async (db) => {
    await db('locations').insert({ id: crypto.randomUUID(), name: 'Utrecht' });
    const [{ id: location_id }] = await db('locations');
    for (let n = 0; n < sentinels; n++) {
      const about = { name: `desk-${n}`, location_id, platform: 'linux', version: '0.1.0', enrolled_at: 0 };
      await db('sentinels').insert({ id: crypto.randomUUID(), ...about });
    }
    for (let m = 0; m < monitors; m++) {
      const { id: monitor_id } = await buildMonitor(db, { name: `Monitor ${m}`, created_at });
      for (let t = 0; t < transactions; t++)
        await db('transactions').insert({ monitor_id, name: `Transaction ${t}`, position: t });
    }
  });
  return id;
}

/** The database makes the rows itself: every monitor on every sentinel in turn, up to 20 s late, ids as UUIDv7 are. */
async function fill(db: CustomerDb, { from, to }: { from: number; to: number }, runs: number): Promise<void> {
  const rounds = Math.ceil(runs / (monitors * sentinels));
  const everyMs = Math.floor((to - from - 60_000) / rounds);
  await db.raw(`create table places as select m.id as monitor_id, s.id as sentinel_id, s.location_id,
    (row_number() over (order by m.id, s.id) - 1) as place from monitors m cross join sentinels s`);
  const random = (digits: number) => `lpad(hex(floor(rand() * pow(16, ${digits}))), ${digits}, '0')`;
  const step = Math.ceil(rounds / 20);
  for (let first = 0; first < rounds; first += step) {
    const last = Math.min(first + step, rounds) - 1;
    await db.raw(`insert into runs (id, monitor_id, sentinel_id, location_id, script_sha256, script_version, due_at, started_at,
      sentinel_started_at, received_at, clock_offset_ms, duration_us, outcome, content_hash, sandbox_level, browser, counts)
      select unhex(concat(lpad(hex(at - 12), 12, '0'), '7', ${random(3)}, '8', ${random(7)}, ${random(8)})), monitor_id, sentinel_id,
        location_id, sha2(monitor_id, 256), 1, due, at, at - 7, at + 4000 + floor(rand() * 2000), 7,
        3000000 + floor(rand() * 2000000), 'passed', unhex(sha2(rand(), 256)), 3, 'Chromium 140', 1
      from (select *, ${from + 1000} + seq * ${everyMs} as due, ${from + 1000} + seq * ${everyMs} + floor(rand() * 20000) as at
        from seq_${first}_to_${last} cross join places where seq * ${monitors * sentinels} + place < ${runs}) as q`);
  }
  for (const { id, monitor_id, position } of await db<TransactionRow>('transactions')) {
    await db.raw(
      `insert into transaction_results (transaction_id, started_at, run_id, position, start_us, duration_us, response_us, outcome)
      select ${id}, started_at, id, ${position}, ${position * 700_000} + floor(rand() * 100000),
        200000 + floor(exp(rand() * 2.5) * 50000), 150000 + floor(exp(rand() * 2.5) * 500) * 100, 'passed'
      from runs where monitor_id = ?`,
      [monitor_id],
    );
  }
  await db.raw('drop table places');
}

async function liveBytes(db: CustomerDb): Promise<number> {
  await db.raw('analyze table runs, transaction_results');
  const [rows] = await db.raw(`select sum(data_length + index_length) as bytes from information_schema.tables
    where table_schema = database() and table_name in ('runs', 'transaction_results')`);
  return Number(rows[0].bytes);
}

/** What the results would be as text, packed as usual. */
async function csvGzBytes(db: CustomerDb): Promise<number> {
  let bytes = 0;
  const gzip = createGzip({ level: 6 });
  gzip.on('data', (piece: Buffer) => {
    bytes += piece.length;
  });
  const ended = new Promise((resolve) => gzip.once('end', resolve));
  const ids: number[] = await db('transactions').orderBy('id').pluck('id');
  for (const id of ids) {
    const rows = await db('transaction_results')
      .where({ transaction_id: id })
      .select({
        line: db.raw(
          "concat_ws(',', transaction_id, started_at, hex(run_id), position, start_us, duration_us, response_us, outcome)",
        ),
      });
    gzip.write(rows.map(({ line }) => `${line}\n`).join(''));
  }
  gzip.end();
  await ended;
  return bytes;
}

/** The most memory that a process had, MiB: Linux keeps it for as long as the process lives. */
function watched(child: ChildProcess): () => Promise<number> {
  let most = 0;
  const look = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      most = Math.max(most, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      clearInterval(look); // it has ended
    }
  }, lookEveryMs);
  return async () => {
    clearInterval(look);
    return Math.round(most / 1024);
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
