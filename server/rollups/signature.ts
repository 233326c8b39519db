import { createHash } from 'node:crypto';

/** What is kept of a message that stands for many. */
const longest = 300;
/** What is looked at of one: beyond, only what the page showed differs. */
const lookedAt = 2000;

/**
 * The text by which messages of failures are taken for the same: ids, numbers and what stands in quotes are replaced by
 * signs, since they differ from run to run. What a locator is made of stays: it is the script's own, and says what was
 * looked for.
 */
export function normalised(message: string): string {
  const [said = ''] = message.slice(0, lookedAt).split(/\n\s*Call log:/);
  return rules
    .reduce((text, [pattern, sign]) => text.replace(pattern, sign), said)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, longest)
    .toWellFormed();
}

const escapeSign = String.fromCharCode(27);
const locator = String.raw`(?<!(?:getBy\w+|locator|filter)\([^)\n]{0,200}|\w)`;

const rules: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`${escapeSign}\\[[\\d;]*m`, 'g'), ''],
  // What follows the path of an address is another one each time.
  [/(\bhttps?:\/\/[^\s?#'"]+)[?#][^\s'"]*/g, '$1'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '#'],
  [/\b(?=[a-z]*\d)[0-9a-f]{8,}\b/gi, '#'],
  [new RegExp(`${locator}"[^"\\n]*"`, 'g'), '"…"'],
  [new RegExp(`${locator}'[^'\\n]*'(?!\\w)`, 'g'), "'…'"],
  [new RegExp(`${locator}“[^”\\n]*”`, 'g'), '“…”'],
  [/\d+(?:[.,:]\d+)*/g, '#'],
];

/** What tells one signature of a monitor's transaction from others: 32 bytes. */
export function signatureOf(code: string, message: string): Buffer {
  return createHash('sha256')
    .update(`${code}\n${normalised(message)}`)
    .digest();
}
