import { expect, mergeExpects } from './expect.ts';
import { devices, errors, request, selectors } from './playwright.ts';

/** What a script imports from `@playwright/test`, beside its `test`. The browser is not among it: there is one already. */
export const library = { expect, mergeExpects, devices, errors, request, selectors };

/** The fixture `playwright`. */
export const playwrightFixture = {
  devices,
  errors,
  request,
  selectors,
  get chromium(): never {
    throw new Error('A script starts no browser of its own: ask for the fixture "browser".');
  },
};
