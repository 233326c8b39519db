import { type Browser, chromium } from 'playwright-core';
import { thriftyBrowser } from '../thrifty-browser.ts';

/** A browser to look at a console with. It trusts the authority with this pin, as a person's does once its certificate is imported. */
export function openBrowser(pin: string | undefined): Promise<Browser & AsyncDisposable> {
  const args = ['--no-sandbox', '--disable-gpu', `--ignore-certificate-errors-spki-list=${pin}`];
  return chromium.launch({ executablePath: thriftyBrowser, args });
}
