import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { carriedAs, type Packages } from './carried.ts';

/** Of the snapshot that this process began with, else loaded. */
export const packages: Packages = carried() ?? load(createRequire(import.meta.url));

function carried(): Packages | undefined {
  const scope = globalThis as { [carriedAs]?: () => Packages };
  const take = scope[carriedAs];
  delete scope[carriedAs]; // it is not for scripts
  return take?.();
}

function load(require: NodeJS.Require): Packages {
  const playwright = dirname(require.resolve('playwright/package.json'));
  return {
    playwright: require('playwright-core'),
    matchers: require(join(playwright, 'lib/matchers/expect.js')),
    acorn: require('acorn'),
  };
}
