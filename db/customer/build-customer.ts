import { randomUUID } from 'node:crypto';
import type { CustomerDb } from '../customers.ts';
import { openDatabase } from '../open-database.ts';
import { testDatabase } from '../test-database.ts';
import { customerMigrations } from './migrations.ts';
import type { AssignmentEraRow, MonitorRow, SentinelRow } from './rows.ts';

export interface BuiltCustomer {
  db: CustomerDb;
  folder: string;
  /** Adds a sentinel at a location of its own, unless one is given. */
  buildSentinel(values?: Partial<SentinelRow>): Promise<{ id: string; locationId: string }>;
  buildMonitor(values?: Partial<MonitorRow>): Promise<MonitorRow>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** For tests: a real customer database on the engine they run on, and what it takes to fill it. Gone when disposed. */
export async function buildCustomer(): Promise<BuiltCustomer> {
  const place = await testDatabase();
  const db = (await openDatabase(place.at, customerMigrations, { connections: 2 })) as CustomerDb;
  return {
    db,
    folder: place.folder,
    buildSentinel: (values) => buildSentinel(db, values),
    buildMonitor: (values) => buildMonitor(db, values),
    async [Symbol.asyncDispose]() {
      await db.destroy();
      await place[Symbol.asyncDispose]();
    },
  };
}

export async function buildSentinel(db: CustomerDb, values: Partial<SentinelRow> = {}) {
  const id = values.id ?? randomUUID();
  const locationId = values.location_id ?? randomUUID();
  const location = { id: locationId, name: `Location ${locationId}` };
  await db('locations').insert(location).onConflict('id').merge(['id']);
  const usual = { name: 'desk-12', platform: 'linux', version: '0.1.0', enrolled_at: 0 };
  await db('sentinels').insert({ ...usual, ...values, id, location_id: locationId });
  return { id, locationId };
}

/** To a location that is made for it. */
export async function moveSentinel(db: CustomerDb, id: string, locationId: string): Promise<void> {
  await db('locations').insert({ id: locationId, name: `Location ${locationId}` });
  await db('sentinels').where({ id }).update({ location_id: locationId });
}

/** One that all sentinels have. */
export async function buildMonitor(db: CustomerDb, values: Partial<MonitorRow> = {}): Promise<MonitorRow> {
  const script_id = values.script_id ?? randomUUID();
  await db('scripts')
    .insert({ id: script_id, name: `${script_id}.spec.ts` })
    .onConflict('id')
    .merge(['id']);
  const id = values.id ?? randomUUID();
  const row: MonitorRow = {
    ...{ id, name: `Monitor ${id}`, script_id, script_version: 1, every_ms: 60_000, timeout_ms: 30_000 },
    ...{ use: '{"baseURL":"https://shop.test/"}', variables: '{}', secrets: '[]', mask_selectors: '[]' },
    ...{ thresholds: null, policy: null, tags: null, paused: 0, created_at: 0 },
    ...{ cron: null, hours: null, time_zone: null, run_now_id: null, run_now_at: null },
    ...{ managed_by: null, project: null, chosen_by: null, retired_at: null },
    ...values,
  };
  await db('monitors').insert(row);
  const era: AssignmentEraRow = { monitor_id: id, sentinel_id: '', from_at: 0, to_at: 8.64e15 };
  await db('assignment_eras').insert(era);
  return row;
}
