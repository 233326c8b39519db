import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { buildArchive, january, present } from '../server/archive/build-archive.ts';
import { runArchive } from '../server/archive/run-archive.ts';

const page = readFileSync(join(import.meta.dirname, '../docs/archive.md'), 'utf8');
const [, ways = ''] = page.split('\n## Read it without Vedette\n');
const block = (language: string) => new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``).exec(ways)?.[1] ?? '';

test('a sealed month is read as the page says, with age and DuckDB and nothing of ours', async () => {
  await using world = await buildArchive();
  const { server, customer, root, key } = world;
  const hours = Array.from({ length: 30 }, (_, i) => january.from + i * 3_600_000);
  await world.send([...hours, present - 3_600_000]);
  await runArchive(server, customer.id);
  const entry = readdirSync(join(root, customer.id)).find((name) => name.startsWith('2025-01-')) ?? '';
  const folder = mkdtempSync(join(tmpdir(), 'vedette-auditor-'));
  writeFileSync(join(folder, 'acme.identity'), `${key.identity}\n`);
  for (const file of readdirSync(join(root, customer.id, entry))) {
    writeFileSync(join(folder, file), readFileSync(join(root, customer.id, entry, file)));
  }
  execFileSync('sh', ['-ec', block('sh')], { cwd: folder });
  const duckdb = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await duckdb.connect();
  await connection.run(`set file_search_path = '${folder}'`);
  const answers: Record<string, unknown>[][] = [];
  for (const sql of block('sql')
    .split(';')
    .filter((text) => text.trim() !== '')) {
    answers.push((await connection.runAndReadAll(sql)).getRowObjectsJson());
  }
  connection.closeSync();
  duckdb.closeSync();
  const [quick = [], failed = []] = answers;
  assert.deepEqual(
    quick.map((row) => [row.monitor, row.transaction, row.day, row.results, row.median_ms]),
    [
      ['Web, "shop"', 'Login', '2025-01-01 00:00:00', '20', 250],
      ['Web, "shop"', 'Login', '2025-01-02 00:00:00', '4', 250],
      ['Web, "shop"', 'Open', '2025-01-01 00:00:00', '24', 250],
      ['Web, "shop"', 'Open', '2025-01-02 00:00:00', '6', 250],
    ],
  );
  assert.equal(failed.length, 6);
  assert.deepEqual(
    [failed[0]?.started_at, failed[0]?.sentinel, failed[0]?.location, failed[0]?.error_code, failed[0]?.error_message],
    ['2025-01-01 04:00:00', 'desk-12', 'Utrecht', 'ASSERTION', 'the heading Welcome was not there'],
  );
  const { statement } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  assert.equal(JSON.parse(statement).month, '2025-01');
  rmSync(folder, { recursive: true });
});
