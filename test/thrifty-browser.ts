import { findBrowser } from '../sentinel/runner/browser/browser.ts';

/** The one that users have: for tests of what keeps it in bounds, and of its times. */
export const usersBrowser: string = findBrowser(process.env) ?? '';

/** The browser that takes least, for tests of what lies around it; where it is not there, the one that is. */
export const thriftyBrowser: string = findBrowser(process.env, 'headless-shell') ?? usersBrowser;
