import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { makeSchema, schemaFile } from './generate.ts';

test('the checked-in schema is what the generator makes of the server’s API', async () => {
  const checkedIn = fs.readFileSync(schemaFile, 'utf8');
  assert.ok(checkedIn === (await makeSchema()), 'the API has changed: run node server/console/api/generate.ts');
});
