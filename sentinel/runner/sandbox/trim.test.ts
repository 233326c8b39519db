import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { trimmedCore, trimmedUtilities } from './trim.ts';

const core = dirname(createRequire(import.meta.url).resolve('playwright-core/package.json'));
const installed = (name: string) => readFileSync(join(core, 'lib', name), 'utf8');

test("the installed library is as expected: what only other programs than a script's need is not set up", () => {
  const text = trimmedCore(installed('coreBundle.js'));
  assert.doesNotMatch(text, /^init_coreBundle\(\);$/m);
  assert.match(text, /^init_isomorphic\(\); init_utils\(\); init_eventEmitter\(\); init_inprocess\(\);$/m);
  const utilities = installed('utilsBundle.js');
  const trimmed = trimmedUtilities(utilities);
  assert.match(utilities, /^\/\/ node_modules\/zod\//m);
  assert.doesNotMatch(trimmed, /^\/\/ node_modules\/zod\//m);
  assert.match(trimmed, /^\/\/ node_modules\/yazl\//m);
});

test('a library that is not as expected stays as it is', () => {
  const text = 'var x = 1;\n// packages/a.ts\nexports.x = x;\n';
  assert.equal(trimmedCore(text), text);
  assert.equal(trimmedUtilities(text), text);
});
