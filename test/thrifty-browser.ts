import { findBrowser } from '../sentinel/runner/browser/browser.ts';

/** The browser that takes least, for tests of what lies around it; where it is not there, the one that is. */
export const thriftyBrowser: string = findBrowser(process.env, 'headless-shell') ?? findBrowser(process.env) ?? '';
