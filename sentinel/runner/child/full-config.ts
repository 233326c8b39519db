import { createRequire } from 'node:module';
import type { TestSettings } from './test-run.ts';

const { version } = createRequire(import.meta.url)('playwright/package.json') as { version: string };

/**
 * What a script sees of a configuration: one worker, one project, no retries, nothing stored.
 * https://playwright.dev/docs/api/class-fullconfig
 */
export function configOf({ scratch, timeoutMs, use }: TestSettings) {
  const shared = { grep: /.*/, grepInvert: null, metadata: {} };
  const project = {
    ...{ ...shared, name: 'vedette', timeout: timeoutMs, use, retries: 0, repeatEach: 1, dependencies: [] },
    ...{ testDir: scratch, outputDir: scratch, snapshotDir: '', ignoreSnapshots: true, testIgnore: [], testMatch: [] },
  };
  return {
    ...{ ...shared, version, rootDir: scratch, projects: [project], filteredProjects: [project], workers: 1 },
    ...{ argv: [], tags: [], reporter: [], reportSlowTests: null, quiet: true, shard: null, webServer: null },
    ...{ forbidOnly: false, fullyParallel: false, failOnFlakyTests: false, maxFailures: 0, globalTimeout: 0 },
    ...{ globalSetup: null, globalTeardown: null, preserveOutput: 'never', updateSnapshots: 'none' },
    updateSourceMethod: 'patch',
  };
}
