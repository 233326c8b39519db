import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { type Browser, chromium, type Page, type Route } from 'playwright-core';
import type { Printed, PrintJob } from './print-pdf.ts';

/* The process of `printPdf`: prints one report and ends. */

/** A host that there is not: all that is asked of it is answered here, and nothing else is answered at all. */
const origin = 'http://report.invalid';
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.svg': 'image/svg+xml',
};

process.once('message', async (job: PrintJob) => {
  const printed = await print(job).then(
    (pdf): Printed => ({ pdf }),
    (error: unknown): Printed => ({ failed: error instanceof Error ? error.message : String(error) }),
  );
  process.send?.(printed, () => process.disconnect?.());
});

async function print({ browser: executablePath, pages, report, generatedAt }: PrintJob): Promise<Uint8Array> {
  const browser = await launch(executablePath);
  try {
    const page = await browser.newPage({ serviceWorkers: 'block', colorScheme: 'light', locale: 'en-GB' });
    const data = JSON.stringify({ report, generatedAt });
    await page.route('**/*', (route) => fulfil(route, pages, data));
    await page.goto(`${origin}/print.html`);
    return await paper(page);
  } finally {
    await browser.close();
  }
}

/**
 * In Chromium's own sandbox where there is one to be had: not as root, nor where a service may make no namespaces. What is
 * drawn is our own page either way.
 */
async function launch(executablePath: string): Promise<Browser> {
  const args = ['--disable-gpu', '--host-resolver-rules=MAP * ~NOTFOUND'];
  const plainly = () => chromium.launch({ executablePath, args, chromiumSandbox: false });
  if (process.getuid?.() === 0) return plainly();
  return chromium.launch({ executablePath, args, chromiumSandbox: true }).catch(plainly);
}

async function fulfil(route: Route, pages: string, data: string): Promise<void> {
  const url = new URL(route.request().url());
  if (url.origin !== origin) return route.abort();
  if (url.pathname === '/report.json') return route.fulfill({ contentType: 'application/json', body: data });
  const name = filesIn(pages).find((file) => `/${file.replaceAll(sep, '/')}` === url.pathname);
  if (name === undefined) return route.fulfill({ status: 404 });
  const contentType = types[extname(name)] ?? 'application/octet-stream';
  return route.fulfill({ contentType, body: readFileSync(join(pages, name)) });
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

/** Once every figure is drawn, in its typeface. Page numbers and margins are the page's own. */
async function paper(page: Page): Promise<Uint8Array> {
  await page.locator('[data-report]').waitFor({ timeout: 30_000 });
  await page.evaluate(() => document.fonts.ready);
  return page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true, outline: true });
}
