import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isScriptFile } from './script-file.ts';

test('of what a server names only the files of scripts are written', () => {
  for (const good of ['login.spec.ts', 'pages/login.ts', 'data/teas.json', 'a/b/c.mjs'])
    assert.ok(isScriptFile(good), good);
  const bad = [
    ...['../login.spec.ts', '/etc/cron.d/x.ts', 'C:/x.ts', 'a\\b.ts', 'a//b.ts', ''],
    ...['.git/hooks/pre-commit', '.vscode/tasks.json', 'pages/.env', 'node_modules/x/index.js', 'run.sh'],
    ...['package.json', 'sub/package.json', 'vedette.config.ts', 'playwright.config.js', 'tsconfig.json'],
  ];
  for (const file of bad) assert.ok(!isScriptFile(file), file);
});
