/*
 * Playwright's library is two large files, and loading them costs more than all else a child does. Most of what they set up
 * while they load is for other programs: its command line, its servers for agents. Where a text is not as expected it stays
 * as it is, which is slower and as good.
 */

/** In characters of one byte each, half of what V8 takes for a text that has others; what it means stays the same. */
function inOneByte(text: string): string {
  return text.replace(/[^\0-\xff]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `lib/coreBundle.js` that sets up only the library itself, as `require('playwright-core')` and `expect` use it. */
export function trimmedCore(text: string): string {
  return inOneByte(text).replace(
    /^init_coreBundle\(\);$/m,
    'init_isomorphic(); init_utils(); init_eventEmitter(); init_inprocess();',
  );
}

const notForScripts = [
  '@hono',
  '@modelcontextprotocol',
  'commander',
  'eventsource',
  'eventsource-parser',
  'hono',
  'pkce-challenge',
  'zod',
  'zod-to-json-schema',
];

/** `lib/utilsBundle.js` without the packages that only those other programs use. */
export function trimmedUtilities(text: string): string {
  const files = inOneByte(text).split(/^(?=\/\/ (?:node_modules|packages)\/)/m);
  return files.filter((file) => !isForOthers(file)).join('');
}

/** A CommonJS package is set up by who uses it; the others are where they stand. */
function isForOthers(file: string): boolean {
  const name = /^\/\/ node_modules\/(?:.*\/node_modules\/)?([^/\n]+)\//.exec(file)?.[1] ?? '';
  return notForScripts.includes(name) && !/^var require_\w+ = __commonJS\(/m.test(file);
}

/** Files of `playwright-core/lib`, and what is made of their texts. */
export const trimmedFiles: Record<string, (text: string) => string> = {
  'coreBundle.js': trimmedCore,
  'utilsBundle.js': trimmedUtilities,
};

/** Another text where another version makes something else of them. */
export const trimming = [inOneByte, trimmedCore, trimmedUtilities, isForOthers, notForScripts].join('\n');
