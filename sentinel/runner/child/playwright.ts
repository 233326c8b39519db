import { type Browser, type BrowserContext, errors, type Page, type Request } from 'playwright-core';
import { ask, tell } from './channel.ts';

/*
 * Public methods of Playwright's client objects, wrapped where the sentinel must know of them: whether an error is
 * Playwright's, whether a call to the browser is under way, when a navigation or wait of the script was satisfied.
 */

const thrown = new WeakSet<object>();
const wrapped = new WeakSet<object>();
let calls = 0;

/** Whether an error came out of a call to Playwright, and not out of the script's own code. */
export function wasThrownByPlaywright(error: unknown): boolean {
  return error instanceof errors.TimeoutError || (typeof error === 'object' && error !== null && thrown.has(error));
}

interface MainDocument {
  url: string;
  status: number;
  pending: Request | undefined;
}

const documents = new Map<Page, MainDocument>();
let latestPage: Page | undefined;

/**
 * The main document of the page the script last opened or navigated: its address, its HTTP status (0 if unknown), and the
 * address of the document it waits for, if it does. Addresses without query, which may hold what was typed.
 */
export function mainDocument(): { url: string; status: number; pending: string | undefined } {
  const state = latestPage && documents.get(latestPage);
  const pending = state?.pending && bare(state.pending.url());
  return { url: state?.url ?? '', status: state?.status ?? 0, pending };
}

function bare(url: string): string {
  return url.replace(/[?#].*$/, '');
}

type Method = (this: object, ...args: unknown[]) => unknown;
const navigations = new Set(['goto', 'reload', 'goBack', 'goForward']);
const waits = /^waitFor/;

let contextDefaults: Record<string, unknown> = {};
let timeouts: { actionTimeout?: unknown; navigationTimeout?: unknown } = {};

/** Options that every new context gets, also one the script makes itself, as under Playwright Test. Times in ms. */
export function setContextDefaults(options: Record<string, unknown>, use: typeof timeouts): void {
  contextDefaults = options;
  timeouts = use;
}

export function watchBrowser(browser: Browser): void {
  wrapClass(browser);
}

function watchContext(context: BrowserContext): void {
  wrapClass(context);
  // No limit of their own unless set: the test's time is the limit, as under Playwright Test.
  context.setDefaultTimeout(Number(timeouts.actionTimeout ?? 0));
  context.setDefaultNavigationTimeout(Number(timeouts.navigationTimeout ?? 0));
  context.on('page', watchPage);
}

function watchPage(page: Page): void {
  latestPage = page;
  for (const object of [
    page,
    page.locator('html'),
    page.keyboard,
    page.mouse,
    page.touchscreen,
    page.frameLocator('html'),
  ])
    wrapClass(object);
  const state: MainDocument = { url: '', status: 0, pending: undefined };
  documents.set(page, state);
  const isDocument = (request: Request) => request.isNavigationRequest() && request.frame() === page.mainFrame();
  page.on('request', (request) => {
    if (!isDocument(request)) return;
    latestPage = page;
    state.pending = request;
  });
  page.on('response', (response) => {
    if (isDocument(response.request()))
      Object.assign(state, { url: bare(response.url()), status: response.status(), pending: undefined });
  });
  page.on('requestfailed', (request) => {
    if (state.pending === request) state.pending = undefined;
  });
  page.on('close', () => documents.delete(page));
}

// Not Frame: pages and locators call frames, and Playwright names the call in its messages after the stack it sees.
function wrapClass(object: object): void {
  const prototype: object | null = Object.getPrototypeOf(object);
  if (!prototype || wrapped.has(prototype)) return;
  wrapped.add(prototype);
  for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (name.startsWith('_') || name === 'constructor' || typeof property.value !== 'function') continue;
    Object.defineProperty(prototype, name, { ...property, value: wrap(name, property.value as Method) });
  }
}

let depth = 0;

function wrap(name: string, method: Method): Method {
  return function (...args) {
    // Only the call that the script makes counts: page.goto calls frame.goto.
    const outer = depth === 0;
    depth++;
    let result: unknown;
    try {
      result = method.apply(this, name === 'newContext' ? [{ ...contextDefaults, ...(args[0] as object) }] : args);
    } catch (error) {
      if (typeof error === 'object' && error !== null) thrown.add(error);
      throw error;
    } finally {
      depth--;
    }
    if (!(result instanceof Promise)) return result;
    if (!outer) return result;
    count(1);
    return result.then(
      async (value: unknown) => {
        count(-1);
        if (name === 'newContext') watchContext(value as BrowserContext);
        if (navigations.has(name)) await ask({ kind: 'arrived', state: stateOf(args) });
        else if (waits.test(name)) await ask({ kind: 'waited' });
        return value;
      },
      (error: unknown) => {
        count(-1);
        if (typeof error === 'object' && error !== null) thrown.add(error);
        throw error;
      },
    );
  };
}

function stateOf(args: unknown[]): 'load' | 'domcontentloaded' | 'commit' {
  const options = args.find((a): a is { waitUntil?: unknown } => typeof a === 'object' && a !== null);
  const state = options?.waitUntil;
  return state === 'domcontentloaded' || state === 'commit' ? state : 'load';
}

function count(by: 1 | -1): void {
  calls += by;
  if (calls === (by === 1 ? 1 : 0)) tell({ kind: 'pending', calls });
}
