import { createRequire } from 'node:module';
import type { Browser, ConnectOverCDPTransport } from 'playwright-core';
import type { Start } from '../messages.ts';
import { listen, tell } from './channel.ts';
import { classify } from './classify.ts';
import { execute } from './execute.ts';
import { wrapExpect } from './expect.ts';
import { newSuite } from './plan.ts';
import { watchBrowser } from './playwright.ts';
import { compile } from './source.ts';
import { testApi } from './test-api.ts';

/*
 * The sandboxed child: it holds one script and nothing else, and is gone after one run. It reaches the browser only
 * through the sentinel, over its IPC channel. Everything it needs from disk is loaded before it is given the script.
 */

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core') as typeof import('playwright-core');
const { expect } = require('playwright/test') as { expect: Parameters<typeof wrapExpect>[0] };

const transport: ConnectOverCDPTransport = {
  send: (message: object) => tell({ kind: 'cdp', message: JSON.stringify(message) }),
  close: () => {},
};

let connected: Promise<Browser> | undefined;
const browser = () => {
  connected ??= chromium.connectOverCDP(transport).then((b) => {
    watchBrowser(b);
    return b;
  });
  return connected;
};

listen(
  (order) => void run(order),
  (message) => transport.onmessage?.(message),
);
// What nobody caught, in a timer or an event of the script, ends the run as it would end a Playwright worker.
process.on('uncaughtException', (error) => tell({ kind: 'done', loadError: classify(error) }));
tell({ kind: 'ready' });

async function run(order: Start): Promise<void> {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, order.env);
  const root = newSuite('', undefined);
  try {
    load(order.bundle, testApi(root, wrapExpect(expect)));
  } catch (error) {
    tell({ kind: 'done', loadError: classify(error) });
    return;
  }
  await execute(root, {
    browser,
    use: order.use,
    file: order.file,
    scratch: order.scratch,
    testTimeoutMs: order.testTimeoutMs,
  });
  tell({ kind: 'done' });
}

function load(bundle: string, test: Record<string, unknown>): void {
  const library = { __esModule: true, test, default: test, expect: test.expect };
  const module = { exports: {} };
  compile(bundle)(
    module.exports,
    (name) => {
      if (name === '@playwright/test') return library;
      throw new Error(`A script can only import "@playwright/test" and its own files, not "${name}"`);
    },
    module,
  );
}
