import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { buildWorld } from '../server/build-world.ts';

const docs = resolve(import.meta.dirname, '../docs');
const read = (page: string) => readFileSync(join(docs, page), 'utf8');
const classes = ['restricted', 'sensitive', 'internal', 'public'];

/** The rows of the table below a heading: cells without their backticks. */
function rowsBelow(page: string, heading: string): string[][] {
  const [, below = ''] = page.split(`\n## ${heading}\n`);
  const lines = (below.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  return lines.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const named = (rows: string[][]) => rows.map(([name = '']) => name.replaceAll('`', '')).sort();

test('every table and every file that the server keeps has a class on the page of data, and no other is there', async () => {
  const page = read('data.md');
  const parts = ['The registry', "A customer's database", 'Files of the server'].map((title) => rowsBelow(page, title));
  for (const [name, kind = ''] of parts.flat()) assert.ok(classes.includes(kind), `${name}: ${kind}`);
  const diagrams = readFileSync(resolve(docs, '../db/README.md'), 'utf8').split('\n## A customer\n');
  for (const [i, diagram] of diagrams.entries()) {
    const tables = [...diagram.matchAll(/^ {2}(\w+) \{$/gm)].map(([, table = '']) => table);
    assert.deepEqual(named(parts[i] ?? []), tables.sort());
  }

  await using world = await buildWorld();
  const customerId = await world.addCustomer('Acme');
  await (await world.enrolled(customerId)).ask('GET', `${apiPrefix}/assignments`);
  const names = named(parts[2] ?? []);
  const folder = world.context.dataFolder;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  for (const { parentPath, name } of files) {
    const path = join(parentPath, name)
      .slice(folder.length + 1)
      .replace(customerId, 'ID')
      .replace(/-(wal|shm)$/, '');
    assert.ok(
      names.some((known) => path === known || path.startsWith(`${known}/`)),
      `${path} has no class`,
    );
  }
});

test('every requirement says how it is met, and by a test that exists; or that it is open, or met by design', () => {
  const lines = read('asvs.md')
    .split('\n')
    .filter((line) => /^\| \d/.test(line));
  assert.ok(lines.length > 60, `${lines.length} rows`);
  for (const line of lines) {
    const [number = '', about = '', how = '', tests = ''] = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim());
    assert.match(number, /^\d+\.\d+(\.\d+)?(( to |, )\d+\.\d+(\.\d+)?)*$/, line);
    assert.ok(about !== '' && how !== '', line);
    for (const [, file = ''] of tests.matchAll(/\]\(([^)]+)\)/g)) {
      assert.match(file, /\.test\.ts$/, line);
      assert.ok(existsSync(join(docs, file)), `${number}: ${file}`);
    }
  }
});

test('every key that the server has stands on the page of security, with how it is changed', () => {
  const rows = rowsBelow(read('security.md'), 'Keys');
  const keys = rowsBelow(read('data.md'), 'Files of the server').filter(([, kind]) => kind === 'restricted');
  for (const [name = ''] of keys.filter(([file = '']) => /key|certs/.test(file))) {
    assert.ok(
      rows.some(([, where = '']) => where.includes(name)),
      `${name} is not named below "Keys"`,
    );
  }
});
