import type { BrowserContext, Page, Request } from 'playwright-core';

interface MainDocument {
  /** Its address without query, which may hold what was typed. */
  url: string;
  /** HTTP status, 0 if unknown. */
  status: number;
  /** The request for the document that is to come, if one is. */
  pending: Request | undefined;
  /** Where a redirect has led to that has not been answered; without query. */
  redirectedTo: string | undefined;
  hasCrashed: boolean;
}

const none: MainDocument = { url: '', status: 0, pending: undefined, redirectedTo: undefined, hasCrashed: false };
const documents = new Map<Page, MainDocument>();
let latestPage: Page | undefined;

/**
 * The main document of the page the script last opened or navigated: its address and HTTP status, and the address of the
 * document it waits for, if it does; and whether the page has crashed.
 */
export function mainDocument(): Omit<MainDocument, 'pending'> & { pending: string | undefined } {
  const state = (latestPage && documents.get(latestPage)) ?? none;
  return { ...state, pending: state.pending && bare(state.pending.url()) };
}

/** A selector of Playwright's as the script would write it. */
export function asLocator(selector: string): string | undefined {
  return latestPage?.locator(selector).toString();
}

/** Keeps track of the documents in a context's pages. */
export function watchDocuments(context: BrowserContext): void {
  context.on('page', watch);
}

function watch(page: Page): void {
  const state = { ...none };
  documents.set(page, state);
  latestPage = page;
  page.on('request', (request) => {
    if (!isDocumentOf(page, request)) return;
    latestPage = page;
    state.pending = request;
    state.redirectedTo = request.redirectedFrom() ? bare(request.url()) : undefined;
  });
  page.on('response', (response) => {
    if (!isDocumentOf(page, response.request())) return;
    const url = bare(response.url());
    Object.assign(state, { url, status: response.status(), pending: undefined, redirectedTo: undefined });
  });
  page.on('requestfailed', (request) => {
    if (state.pending === request) state.pending = undefined;
  });
  page.on('crash', () => {
    state.hasCrashed = true;
  });
  page.on('close', () => {
    documents.delete(page);
    if (latestPage === page) latestPage = [...documents.keys()].at(-1);
  });
}

function isDocumentOf(page: Page, request: Request): boolean {
  try {
    return request.isNavigationRequest() && request.frame() === page.mainFrame();
  } catch {
    return false; // Playwright throws for a request that is older than its frame
  }
}

function bare(url: string): string {
  return url.replace(/[?#].*$/, '');
}
