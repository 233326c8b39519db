/*
 * Playwright's library is two large files, and loading them costs more than all else a child does. Most of what they set up
 * while they load is for other programs: its command line, its servers for agents. Where a text is not as expected it stays
 * as it is, which is slower and as good.
 */

/** In ASCII: Node reads any other text as one of two bytes a character. What it means stays the same. */
function inAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** `lib/coreBundle.js` that sets up only the library itself, as `require('playwright-core')` and `expect` use it. */
export function trimmedCore(text: string): string {
  return inAscii(text).replace(
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
  const files = inAscii(text).split(/^(?=\/\/ (?:node_modules|packages)\/)/m);
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
export const trimming = [inAscii, trimmedCore, trimmedUtilities, isForOthers, notForScripts].join('\n');
