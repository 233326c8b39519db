import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fencedFolders } from './check.ts';

const root = resolve(import.meta.dirname, '..');

/** Forbidden imports, planted one at a time: a fence that reads no files is green too. */
const planted = [
  { rule: 'sentinel', file: 'sentinel/planted.ts', imports: '../server/config.ts' },
  { rule: 'protocol-alone', file: 'sentinel/protocol/planted.ts', imports: '../../certs/pin.ts' },
  { rule: 'console', file: 'server/console/planted.ts', imports: '../config.ts' },
  { rule: 'knex-in-db', file: 'server/planted.ts', imports: 'knex' },
];

test('each planted forbidden import is found', () => {
  try {
    for (const { file, imports } of planted)
      writeFileSync(join(root, file), `import * as x from '${imports}';\nexport default x;\n`);
    const cruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const { stdout, status } = spawnSync(process.execPath, [cruise, ...fencedFolders()], {
      cwd: root,
      encoding: 'utf8',
    });
    assert.notEqual(status, 0);
    for (const { rule, file } of planted)
      assert.match(stdout, new RegExp(`error ${rule}: ${file}`), `${rule} did not see ${file}`);
  } finally {
    for (const { file } of planted) rmSync(join(root, file), { force: true });
  }
});
