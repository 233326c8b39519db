import assert from 'node:assert/strict';
import { test } from 'node:test';
import pino from 'pino';
import { HttpProblem } from '../../../http/problem.ts';
import type { Made } from './exporter.ts';
import { printPdf } from './print-pdf.ts';

const log = pino({ level: 'silent' });
const made = { report: {}, generatedAt: 0 } as Made;

async function refusal(browser: { chosen: string | undefined; searchPath: string }): Promise<string> {
  const error: unknown = await printPdf({ browser, log, stopping: new AbortController() }, made).catch(
    (thrown: unknown) => thrown,
  );
  return error instanceof HttpProblem ? `${error.status} ${error.code} ${error.message}` : assert.fail(String(error));
}

test('a server without a browser says so, and what to do', async () => {
  assert.match(
    await refusal({ chosen: undefined, searchPath: '/nowhere' }),
    /^503 NO_BROWSER .*apt-get install chromium/,
  );
  assert.match(await refusal({ chosen: '/nowhere/chromium', searchPath: '' }), /^503 NO_BROWSER .*\/nowhere\/chromium/);
});

test('a program that is no browser prints nothing, and leaves nothing behind', { timeout: 60_000 }, async () => {
  assert.match(await refusal({ chosen: '/bin/false', searchPath: '' }), /^503 PRINT_FAILED /);
});
