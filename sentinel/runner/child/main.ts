import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, ConnectOverCDPTransport } from 'playwright-core';
import type { Start } from '../messages.ts';
import { listen, tell } from './channel.ts';
import { classify } from './classify.ts';
import { closeDoors } from './doors.ts';
import { execute } from './execute.ts';
import { library } from './library.ts';
import { hearPictured } from './pictures.ts';
import { newSuite, type Suite } from './plan.ts';
import { chromium } from './playwright.ts';
import { hearOfSocket } from './sockets.ts';
import { compile } from './source.ts';
import { testApi } from './test-api.ts';
import { runningTest } from './test-run.ts';
import { traceInto } from './traces.ts';
import { pageChanged } from './wakeful-waits.ts';

/*
 * The sandboxed child: it holds one script and nothing else, and is gone after one run. It reaches the browser only
 * through the sentinel. Everything it needs from disk is loaded before it is given the script.
 */

const transport: ConnectOverCDPTransport = {
  send: (message) => tell({ kind: 'cdp', message: message as { id: number; method: string } }),
  close: () => {},
};

/** Where Playwright keeps what pages load down, and traces. */
let artifactsDir = '';
let connected: Promise<Browser> | undefined;
const browser = () => {
  connected ??= connect();
  return connected;
};

/** The first context is the browser's own, which a script can do nothing with: a browser just started shows none. */
async function connect(): Promise<Browser> {
  const opened = await chromium.connectOverCDP(transport, { isLocal: true, timeout: 0, artifactsDir });
  const [own] = opened.contexts();
  const all = opened.contexts.bind(opened);
  return Object.assign(opened, { contexts: () => all().filter((context) => context !== own) });
}

const closeContexts = async () => {
  const made = (await connected)?.contexts() ?? [];
  await Promise.allSettled(made.map((context) => context.close()));
};

listen((message) => {
  if (message.kind === 'cdp') transport.onmessage?.(message.message);
  else if (message.kind === 'changed') pageChanged();
  else if (message.kind === 'pictured') hearPictured();
  else if (message.kind === 'start') void start(message);
  else hearOfSocket(message);
});
// What nobody caught, in a timer or an event of the script, fails the test that runs, as under Playwright Test.
process.on('uncaughtException', (error) => {
  const test = runningTest();
  if (test) test.interrupt(error);
  else tell({ kind: 'done', loadError: classify(error) });
});
const { NODE_COMPILE_CACHE: compiled } = process.env;
// Mounted read-only as well; without this the permission model would let a script try.
if (compiled !== undefined) process.permission.drop('fs.write', `${compiled}/`);
tell({ kind: 'ready' });

async function start(order: Start): Promise<void> {
  try {
    await run(order);
    tell({ kind: 'done' });
  } catch (error) {
    tell({ kind: 'done', loadError: classify(error) });
  }
}

async function run(order: Start): Promise<void> {
  if (!order.doorsOpen) closeDoors();
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, order.env);
  const main = compile(order.bundle);
  artifactsDir = order.trace ? traceInto(order.scratch) : mkdtempSync(join(order.scratch, 'playwright-artifacts-'));
  const { use, file, scratch, testTimeoutMs: timeoutMs, expectTimeoutMs, looksAtEnd, picturesWhenPassed } = order;
  const settings = { use, file, scratch, timeoutMs, expectTimeoutMs, looksAtEnd, picturesWhenPassed };
  await execute(() => declared(main), { browser, closeContexts, ...settings });
}

/** What the script declares when it is loaded, with an import of the one library it may have. */
function declared(main: ReturnType<typeof compile>): Suite {
  const root = newSuite('', undefined);
  const { test, mergeTests } = testApi(root, library.expect);
  const imported = { __esModule: true, ...library, test, default: test, mergeTests };
  const module = { exports: {} };
  const require = (name: string) => {
    if (name === '@playwright/test') return imported;
    throw new Error(`A script can only import "@playwright/test" and its own files, not "${name}"`);
  };
  main(module.exports, require, module);
  return root;
}
