import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

/*
 * For trying a flow with plain Playwright: BASE_URL is the application's address, BROWSER the path of a browser to use.
 * Without BROWSER it is Debian's Chromium if there is one, else the browser that Playwright brought.
 */
const browser =
  process.env.BROWSER || ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const isRoot = process.getuid?.() === 0;

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test/out/scripts-library',
  timeout: 30_000,
  workers: 1,
  reporter: 'list',
  use: {
    ...(process.env.BASE_URL && { baseURL: process.env.BASE_URL }),
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(browser && { executablePath: browser }),
      args: isRoot ? ['--no-sandbox'] : [], // Chromium has no sandbox of its own for root
    },
  },
});
