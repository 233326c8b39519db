import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fingerprint } from '../../db/copy/fingerprint.ts';
import { tablesOf } from '../../db/copy/tables.ts';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import { customerMigrations } from '../../db/customer/migrations.ts';
import { openReadOnly } from '../../db/engines/sqlite.ts';
import { openDatabase } from '../../db/open-database.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { buildWorld } from '../build-world.ts';
import { buildRun } from '../ingest/build-run.ts';
import { eraseCustomer } from './erase.ts';
import { exportCustomer } from './export.ts';
import { importCustomer } from './import.ts';

/** Writes the export `from` as it was made while details of a run lay in a table of their own. */
async function asBefore(from: string, to: string): Promise<void> {
  const given = openReadOnly(from);
  const made = await openDatabase(
    to,
    customerMigrations.filter(({ name }) => name < '021'),
  );
  const about = JSON.parse((await given('export_about').first()).about);
  about.tables = {};
  for (const table of await tablesOf(made)) {
    const isDetails = table.name === 'run_details';
    const rows: Record<string, unknown>[] = await (isDetails
      ? given('runs').whereNotNull('details').select({ run_id: 'id', facts: 'details' })
      : given(table.name).select(table.columns.map(({ name }) => name)));
    await insertAll(made, table.name, rows);
    about.tables[table.name] = await fingerprint(made, table);
  }
  for (const name of ['export_about', 'export_files', 'export_registry']) {
    await made.raw((await given('sqlite_master').where({ name }).first('sql')).sql);
    await insertAll(made, name, await given(name));
  }
  await made('export_about').update({ about: JSON.stringify(about) });
  await made.raw('pragma journal_mode = delete');
  await made.destroy();
  await given.destroy();
}

test('an export of an earlier version comes in as later steps have it, and one that was altered since is refused', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const id = await world.addCustomer('Acme');
  const monitor = await context.customers.use(id, (db) => buildMonitor(db));
  const sentinel = await world.enrolled(id);
  const usage = { cpuUs: 800_000, peakMemoryBytes: 200_000_000 };
  const runs = [buildRun({ monitorId: monitor.id, usage }), buildRun({ monitorId: monitor.id })];
  assert.equal((await sentinel.ask('POST', `${apiPrefix}/runs`, { body: { runs } })).status, 200);
  const late = { id: Buffer.alloc(16, 7), from_at: 0, part: 0, content_hash: Buffer.alloc(32) };
  const content = JSON.stringify({ run: {}, results: [], evidence: [], details: [] });
  await context.customers.use(id, (db) => db('late_runs').insert({ ...late, content }));
  const file = (name: string) => join(context.dataFolder, name);
  await exportCustomer(context, id, file('now'));
  await eraseCustomer(context, 'Acme');
  await asBefore(file('now'), file('earlier'));

  copyFileSync(file('earlier'), file('altered'));
  const altered = await openDatabase(file('altered'), 'up to date');
  await altered('run_details').update({ facts: '{}' });
  await altered.destroy();
  await assert.rejects(importCustomer(context, file('altered')), /the table run_details is not what the export says/);

  await importCustomer(context, file('earlier'));
  await context.customers.use(id, async (db) => {
    const found: string[] = await db('runs').whereNotNull('details').pluck('details');
    assert.deepEqual(
      found.map((text) => JSON.parse(text)),
      [{ usage }],
    );
    assert.deepEqual([(await db('runs')).length, await db('late_runs').pluck('content')], [2, [content]]);
  });
});
