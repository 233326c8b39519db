import type { APIRequestContext, BrowserContext, BrowserType } from 'playwright-core';
import { nowUs, tell } from './channel.ts';
import { watchDocuments } from './main-document.ts';
import { packages } from './packages.ts';
import { traceContext } from './traces.ts';
import { wakeWaits } from './wakeful-waits.ts';

/*
 * Playwright's client, listened to the way Playwright Test listens to it: which calls the script makes of it, and what every
 * new context is given. That listener is not public, so the compatibility tests watch over it.
 */

export interface Wait {
  fromUs: number;
  toUs: number;
}

interface ApiCall {
  apiName: string;
  error?: unknown;
  /** Where it was called, in the script's own files. */
  frames: readonly { file: string; line: number; column: number }[];
  /** Ours to keep something in. */
  userData: unknown;
}

interface Channel {
  type: string;
  method: string;
  params?: { waitUntil?: unknown; selector?: unknown };
}

interface Listener {
  onApiCallBegin(call: ApiCall, channel: Channel): void;
  onApiCallEnd(call: ApiCall): void;
  runBeforeCreateBrowserContext(options: Record<string, unknown>): Promise<void>;
  runAfterCreateBrowserContext(context: BrowserContext): Promise<void>;
  runBeforeCreateRequestContext(options: Record<string, unknown>): Promise<void>;
}

interface Playwright {
  chromium: BrowserType;
  devices: object;
  errors: object;
  request: { newContext(): Promise<APIRequestContext> };
  selectors: { setTestIdAttribute(name: string): void };
  _instrumentation: { addListener(listener: Partial<Listener>): void };
}

const playwright = packages.playwright as Playwright;
export const { chromium, devices, errors, request, selectors } = playwright;

const thrown = new WeakSet<object>();
const waits = new WeakMap<object, Wait>();
let pending = 0;
const calls = new Map<ApiCall, Channel>();
let contextDefaults: Record<string, unknown> = {};
let timeouts: { action: number; navigation: number } = { action: 0, navigation: 0 };

/** Whether an error came out of a call to Playwright, and not out of the script's own code. */
export function wasThrownByPlaywright(error: unknown): boolean {
  return typeof error === 'object' && error !== null && thrown.has(error);
}

/** The time that the call to Playwright or the assertion that threw this had taken, µs of the monotonic clock. */
export function waitOf(error: unknown): Wait | undefined {
  return typeof error === 'object' && error !== null ? waits.get(error) : undefined;
}

/** Notes since when it had been waited for what has thrown now. */
export function waitedInVain(error: unknown, fromUs: number): void {
  if (typeof error === 'object' && error !== null) waits.set(error, { fromUs, toUs: nowUs() });
}

/** Calls and assertions that wait for the browser or the application now. */
export function pendingCalls(): number {
  return pending;
}

interface PendingCall {
  /** As for a person. */
  name: string;
  selector: string | undefined;
  /** Whether it is a request of the script's own, without a page. */
  isRequest: boolean;
  /** An error made where it was called. */
  made: Error;
  wait: Wait;
}

/** The call to Playwright that was begun last and has not ended. */
export function pendingCall(): PendingCall | undefined {
  const [call, channel] = [...calls].at(-1) ?? [];
  if (!call) return undefined;
  const made = new Error(call.apiName);
  made.stack = call.frames.map(({ file, line, column }) => `at ${file}:${line}:${column}`).join('\n');
  const selector = channel?.params?.selector;
  const wait = { fromUs: (call.userData as Counted).began, toUs: nowUs() };
  return {
    name: call.apiName,
    selector: typeof selector === 'string' ? selector : undefined,
    isRequest: channel !== undefined && isRequest(channel),
    made,
    wait,
  };
}

/** Counts what waits; the sentinel hears of it when the count leaves 0 or comes back. */
export function countPending(by: 1 | -1): void {
  pending += by;
  if (pending === (by === 1 ? 1 : 0)) tell({ kind: 'pending', calls: pending });
}

/** Options that every new context gets, also one the script makes itself, and its time-outs in ms; 0 for none. */
export function setContextDefaults(options: Record<string, unknown>, times: typeof timeouts): void {
  contextDefaults = options;
  timeouts = times;
}

interface Counted {
  began: number;
  channel: Channel;
}

playwright._instrumentation.addListener({
  onApiCallBegin(call, channel) {
    if (/waitForTimeout$/.test(call.apiName)) return; // the script sleeps: nobody is waited for
    call.userData = { began: nowUs(), channel } satisfies Counted;
    calls.set(call, channel);
    countPending(1);
  },
  onApiCallEnd(call) {
    const counted = call.userData as Counted | undefined;
    if (typeof call.error === 'object' && call.error !== null) thrown.add(call.error);
    if (!counted) return;
    calls.delete(call);
    countPending(-1);
    waitedInVain(call.error, counted.began);
    if (call.error === undefined) satisfied(call, counted);
  },
  async runBeforeCreateBrowserContext(options) {
    addDefaults(options);
    for (const [name, why] of Object.entries(notForPages)) if (options[name] !== undefined) throw new Error(why);
  },
  async runBeforeCreateRequestContext(options) {
    addDefaults(options);
  },
  async runAfterCreateBrowserContext(context) {
    context.setDefaultTimeout(timeouts.action);
    context.setDefaultNavigationTimeout(timeouts.navigation);
    watchDocuments(context);
    wakeWaits(context);
    await traceContext(context);
  },
});

const notForPages = {
  clientCertificates: 'Client certificates are for the fixture "request" alone: a page of a sentinel shows none.',
  proxy: 'A page of a sentinel has no proxy of its own: everything goes through the gate.',
  recordVideo: 'A sentinel records no video: a monitor can ask for a trace.',
};

function addDefaults(options: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(contextDefaults)) if (!(name in options)) options[name] = value;
}

function isRequest({ type }: Channel): boolean {
  return type === 'APIRequestContext';
}

const navigations = new Set(['goto', 'reload', 'goBack', 'goForward']);

/** A call has come to its end, which may be where a response time ends. */
function satisfied({ apiName }: ApiCall, { began, channel }: Counted): void {
  if (isRequest(channel)) tell({ kind: 'answered', fromUs: began, toUs: nowUs() });
  else if (navigations.has(channel.method)) tell({ kind: 'arrived', state: stateOf(channel.params?.waitUntil) });
  else if (/\.waitFor/.test(apiName)) tell({ kind: 'waited' });
}

function stateOf(waitUntil: unknown): 'load' | 'domcontentloaded' | 'commit' {
  return waitUntil === 'domcontentloaded' || waitUntil === 'commit' ? waitUntil : 'load';
}
