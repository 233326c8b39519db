import assert from 'node:assert/strict';
import { cpSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { CustomerDb } from '../db/customers.ts';
import { openDatabase } from '../db/open-database.ts';
import { buildArchive, january, present } from '../server/archive/build-archive.ts';
import { namedTables, restoreMonth } from '../server/archive/restore.ts';
import { auditKeyFiles } from '../server/audit/audit-key.ts';
import { rowsOfMonth } from './recorded-archive/rows.ts';

/*
 * A month as each version sealed it, one folder each, made by `recorded-archive/record.ts`. Archives stay for ever, so a file
 * is never changed: whoever changes how months are written or read sees here that those of before still open.
 */

const folder = join(import.meta.dirname, 'recorded-archive');

test('a month that any version sealed is restored by this one, row by row', async () => {
  const months = globSync('*/month.json', { cwd: folder });
  assert.ok(months.length > 0);
  for (const month of months) {
    const { identity, publicKey, row, names, rows } = JSON.parse(readFileSync(join(folder, month), 'utf8'));
    if (rows.run_details) withDetails(rows);
    await using world = await buildArchive();
    const { server, customer, root } = world;
    writeFileSync(join(server.dataFolder, auditKeyFiles[1] ?? ''), publicKey);
    cpSync(join(folder, dirname(month)), join(root, customer.id, row.folder), { recursive: true });
    await world.use(async (db) => {
      for (const table of namedTables.toReversed()) await db(table).delete();
      for (const table of namedTables) for (const one of names[table]) await db(table).insert(one);
      await db('archive_months').insert(row);
    });
    const restored = await restoreMonth(server, customer.id, january, {
      identities: [identity],
      until: present + 1000,
    });
    const db = (await openDatabase(restored.file, 'up to date')) as CustomerDb;
    const found = await rowsOfMonth(db).finally(() => db.destroy());
    assert.deepEqual(found, rows, month);
  }
});

/** Rows as they were recorded while details of a run lay in a table of their own. */
function withDetails(rows: Record<string, Record<string, unknown>[]>): void {
  const details = new Map(rows.run_details?.map(({ run_id, facts }) => [run_id, facts]));
  for (const run of rows.runs ?? []) run.details = details.get(run.id) ?? null;
  delete rows.run_details;
}
