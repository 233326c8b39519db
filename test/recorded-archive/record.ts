import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CustomerDb } from '../../db/customers.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { buildArchive, january, present } from '../../server/archive/build-archive.ts';
import { namedTables } from '../../server/archive/restore.ts';
import { runArchive } from '../../server/archive/run-archive.ts';
import { auditKeys } from '../../server/audit/audit-key.ts';
import { evidenceOf } from '../../server/evidence/evidence-store.ts';
import { buildFailedRun } from '../../server/ingest/build-run.ts';
import { ingest } from '../../server/ingest/ingest.ts';
import { rollUpDirty } from '../../server/rollups/roll-up.ts';
import { inHex, rowsOfMonth } from './rows.ts';

/* `node test/recorded-archive/record.ts VERSION`: seals a small month as this version does, for every later one to open. */

const folder = join(import.meta.dirname, process.argv[2] ?? '');
mkdirSync(folder);
await using world = await buildArchive();
const { server, customer, monitorId, key, root } = world;
const seen = Buffer.from('- heading "Out of order"');
const sha256 = sha256Hex(seen);
const failed = buildFailedRun({
  monitorId,
  startedAt: january.from + 5000,
  evidence: [{ kind: 'aria', sha256, bytes: seen.length, mediaType: 'text/yaml' }],
  page: { url: 'https://shop.test/cart', consoleErrors: [], failedRequests: [] },
  error: { code: 'ASSERTION', message: 'it said "no, never";\r\n\tthen, \\ nothing: ’s avonds 🌙,' },
});
await evidenceOf(server, customer.id).put(sha256, seen);
await world.use(async (db) => {
  await ingest(db, world.sentinel, [failed], january.from + 60_000);
  await db('evidence').update({ stored_sha256: sha256 });
  await rollUpDirty(db);
});
await world.send([...Array.from({ length: 9 }, (_, i) => january.from + (i + 1) * 3_600_000), present - 60_000]);
const rows = await world.use(rowsOfMonth);
await runArchive(server, customer.id, { oneMonth: true });
const [row] = await world.use((db) => db('archive_months').where({ from_at: january.from }));
const from = join(root, customer.id, row.folder);
for (const file of readdirSync(from)) copyFileSync(join(from, file), join(folder, file));
const [publicKey] = [...auditKeys(server.dataFolder).values()].map((one) =>
  one.export({ format: 'pem', type: 'spki' }),
);
const about = { identity: key.identity, publicKey, row, names: await world.use(names), rows };
writeFileSync(join(folder, 'month.json'), `${JSON.stringify(about, null, 2)}\n`);

async function names(db: CustomerDb): Promise<Record<string, unknown>> {
  const all = await Promise.all(namedTables.map(async (table) => [table, (await db(table)).map(inHex)] as const));
  return Object.fromEntries(all);
}
