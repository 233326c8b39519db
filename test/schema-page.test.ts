import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { renewedSchemaPage, schemaPageFile } from './schema-page.ts';

test('the page of the schema shows the tables, columns and keys that a migrated database has', async () => {
  const page = readFileSync(schemaPageFile, 'utf8');
  assert.equal(page, await renewedSchemaPage(page), '`npm run fix` writes it into db/README.md');
  assert.match(page, / {2}runs \{\n {4}blob id PK\n/);
  assert.match(page, / {2}customers \|\|--o\{ users : customer_id\n/);
});

test('a column that the page does not know, or that is gone, shows', async () => {
  const page = readFileSync(schemaPageFile, 'utf8');
  const without = page.replace('    blob content_hash\n', '');
  assert.notEqual(without, page);
  assert.equal(await renewedSchemaPage(without), page);
});
