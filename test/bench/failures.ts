import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildMonitor, buildSentinel } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { FailureHourRow } from '../../db/customer/rows.ts';
import { runKey } from '../../db/customer/run-key.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import { addCustomer } from '../../server/accounts/customers.ts';
import { serverConfig } from '../../server/config.ts';
import { openContext } from '../../server/http/context.ts';
import { failureGroupAnswer } from '../../server/reports/failure-group.ts';
import { failures } from '../../server/reports/failures.ts';
import { signatureOf } from '../../server/rollups/signature.ts';
import { startMariaDb } from '../mariadb.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const days = 549;
const [monitors, sentinels, kinds] = [50, 20, 10];

/**
 * `[--engine sqlite|mariadb] [--failures N]`: how long it takes to tell what went wrong in a week and in 18 months, and one
 * kind with its newest runs, with N failed runs (a million) of 500 kinds at 20 locations: outages of hours, and single ones.
 */
export async function bench(args: string[]): Promise<Record<string, unknown>> {
  const options = {
    engine: { type: 'string', default: 'sqlite' },
    failures: { type: 'string', default: '1000000' },
  } as const;
  const { engine, failures: wanted } = parseArgs({ args, options }).values;
  const folder = mkdtempSync(join(tmpdir(), 'vedette-failures-'));
  const database = engine === 'mariadb' ? await startMariaDb(tmpdir()) : undefined;
  try {
    await database?.sql('create database vedette');
    const databaseUrl = database && `${database.url}/vedette`;
    await using context = await openContext(serverConfig({ dataFolder: folder, databaseUrl, logLevel: 'silent' }, {}));
    const { id } = await addCustomer(context, 'Acme', { timeZone: 'UTC' });
    return await context.customers.use(id, async (db) => ({ engine, ...(await measure(db, Number(wanted))) }));
  } finally {
    await database?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(db: CustomerDb, wanted: number): Promise<Record<string, unknown>> {
  const to = Math.floor(Date.now() / dayMs) * dayMs;
  const rows = await seed(db, to, wanted);
  const limit = 100;
  const all = { from: to - days * dayMs, to };
  const [month = 0, whole = 0, group = 0] = [
    await median(() => failures(db, { period: { from: to - 7 * dayMs, to }, limit })),
    await median(() => failures(db, { period: all, limit })),
    await median(() => failureGroupAnswer(db, 1, all, { limit: 25 })),
  ];
  return { failures: wanted, hours: rows, week_ms: month, months18_ms: whole, group_ms: group };
}

async function median(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 7; i++) {
    const begun = performance.now();
    await work();
    times.push(performance.now() - begun);
  }
  return Math.round((times.sort((a, b) => a - b)[3] ?? 0) * 10) / 10;
}

/** Half of the failures lie in outages of six hours at all locations of a monitor, half by themselves. Returns the rows. */
async function seed(db: CustomerDb, to: number, wanted: number): Promise<number> {
  const ids: string[] = [];
  for (let i = 0; i < monitors; i++) ids.push((await buildMonitor(db, { name: `Monitor ${i}` })).id);
  const places: { id: string; locationId: string }[] = [];
  for (let i = 0; i < sentinels; i++) places.push(await buildSentinel(db));
  const groups = ids.flatMap((monitor_id) =>
    Array.from({ length: kinds }, (_, kind) => {
      const message = `the field of kind ${String.fromCharCode(97 + kind)} was not found`;
      return { monitor_id, transaction_id: kind, code: 'TIMEOUT', message, signature: signatureOf('TIMEOUT', message) };
    }),
  );
  await insertAll(db, 'failure_groups', groups);
  const rows = new Map<string, FailureHourRow>();
  const add = (hour: number, monitor: number, place: number, kind: number, count: number) => {
    const sentinel = places[place % sentinels];
    const monitor_id = ids[monitor % monitors];
    if (!sentinel || monitor_id === undefined) return;
    const group_id = (monitor % monitors) * kinds + (kind % kinds) + 1;
    const named = Buffer.concat(Array.from({ length: count }, () => runKey(newRunId(hour))));
    const key = { hour, monitor_id, sentinel_id: sentinel.id, location_id: sentinel.locationId, group_id };
    rows.set(Object.values(key).join(' '), { ...key, count, first_at: hour, last_at: hour + 1, runs: named });
  };
  for (let i = 0, done = 0; done < wanted; i++) {
    const hour = to - hourMs - ((i * 7919) % (days * 24 - 6)) * hourMs;
    for (let n = 0; n < 120; n++) add(hour - (n % 6) * hourMs, i, Math.floor(n / 6), i, 12);
    for (let n = 0; n < 1440; n++)
      add(to - hourMs - ((i * 1440 + n * 13) % (days * 24)) * hourMs, n * 31 + i, n * 17, n, 1);
    done += 2880;
  }
  const all = [...rows.values()];
  for (let at = 0; at < all.length; at += 20_000) {
    await db.transaction((trx) => insertAll(trx, 'failure_hours', all.slice(at, at + 20_000)));
  }
  return all.length;
}
