import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

/** `npx playwright test` as its documentation sets it up, on the browser that all sides have. */
export default defineConfig({
  testDir: '.',
  testMatch: 'login.spec.ts',
  outputDir: join(process.env.BENCH_FOLDER ?? '', 'playwright'), // it empties that folder
  reporter: 'dot',
  use: {
    baseURL: process.env.SHOP_URL ?? '',
    launchOptions: {
      executablePath: process.env.BENCH_BROWSER ?? '',
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
});
