/*
 * How a secret looks once it was written into addresses, JSON, HTML, headers and dumps: as the source of a regular expression
 * that finds it in a text, whatever its case. Which program escapes which characters differs, so every character but letters
 * and digits may stand as itself or in any escape; whole texts in base64, hexadecimal or character codes are forms of their own.
 */

/** Longer texts are not looked for in hexadecimal and character codes: nobody writes a certificate that way. */
const longestInCodes = 60;
/** Of what was cut off with an ellipsis so much is recognized. */
const longestPrefix = 24;
const shortestPrefix = 4;
const shortestBase64 = 4;

/*
 * Nothing here can be found in two ways at the same place, or a text could be made that takes for ever: a run of the same sign
 * is one part, white space and plus signs are one gap, and a run of backslashes belongs to what comes first.
 */
const ampersand = '&(?:amp;){0,3}';
const percent = '%(?:25){0,3}';
const backslashes = '\\\\{0,16}';
/** White space is collapsed by pages, lost between elements, and turned into plus signs and escapes. */
const gap = `(?:[\\s+]|${percent}(?:2[0b]|09|0[ad]|a0|c2${percent}a0)|\\\\{1,16}(?:[nrt]|u00(?:2[0b]|a0|0[9ad]))|${ampersand}(?:nbsp|plus|#(?:x(?:2[0b]|9|a|d|a0)|32|43|9|10|13|160));|<br ?/?>)*`;

/** A secret without what pages and addresses make nothing of; too little of it left, and it would be found everywhere. */
export function substance(secret: string): string {
  return secret.replace(/[\s+]+/g, '');
}

/** Sources of all forms of a secret that has some substance, the one of `writtenForm` first. */
export function formsOf(text: string): string[] {
  const parts = partsOf(text);
  const secret = text.trim().normalize('NFC');
  return [...new Set([parts.join(''), ...prefix(parts), ...codes(secret), ...base64(secret)])];
}

/** Source of a text as it is or escaped, but not encoded as a whole. */
export function writtenForm(text: string): string {
  return partsOf(text).join('');
}

/** Source of a text as it is, or with quotes and backslashes escaped once; white space as a page or a program leaves it. */
export function plainForm(text: string): string {
  const words = text.trim().normalize('NFC').split(/\s+/);
  return words.map((word) => literal(word).replace(/"|\\\\/g, '\\\\?$&')).join('\\s*');
}

function partsOf(text: string): string[] {
  return (
    text
      .trim()
      .normalize('NFC')
      .match(/[\s+]+|([^\p{L}\p{N}])\1*|./gsu) ?? []
  ).map(part);
}

/** A gap, one character, or the same sign several times. */
function part(text: string): string {
  const [first = '', ...more] = text;
  if (/[\s+]/.test(first)) return gap;
  if (first === '\\') return `(?:(?:${signs(first)}){${more.length + 1}}|\\\\{1,16}(?!\\\\)[nrt]?)`;
  if (more.length > 0) return `(?:${backslashes}${literal(first)}|${signs(first)}){${more.length + 1}}`;
  return /[a-z0-9]/i.test(first) ? first : character(first);
}

/** One character as itself, also doubled if it is a quote, or in any escape of one. */
function character(c: string): string {
  const decomposed = c.normalize('NFD');
  const apart = decomposed === c ? [] : [[...decomposed].map(part).join('')];
  return `(?:${[`${backslashes}${literal(c)}${/["']/.test(c) ? '{1,2}' : ''}`, signs(c), ...apart].join('|')})`;
}

/** Escapes of one character. */
function signs(c: string): string {
  const point = c.codePointAt(0) ?? 0;
  const hex = point.toString(16);
  const units = [...Array(c.length).keys()].map((i) => c.charCodeAt(i).toString(16).padStart(4, '0'));
  const bytes = bytesOf(c).map(hexOf);
  return [
    ...bytes.map((pairs) => pairs.map((pair) => percent + pair).join('')),
    ...bytes.map((pairs) => pairs.map((pair) => `${backslashes}x${pair}`).join('')),
    units.map((unit) => `${backslashes}u${unit}`).join(''),
    `${backslashes}u\\{0*${hex}\\}`,
    `\\\\{1,16}0{0,4}${hex} ?`,
    `${ampersand}#(?:0*${point}|x0*${hex});?`,
    `${ampersand}(?!nbsp|plus)[a-z]{2,8}[1-4]?;`,
  ].join('|');
}

/** The beginning of a secret that something cut off with an ellipsis. */
function prefix(parts: readonly string[]): string[] {
  if (parts.length <= shortestPrefix) return [];
  const rest = parts.slice(shortestPrefix, longestPrefix).reduceRight((after, part) => `(?:${part}${after})?`, '');
  return [`${parts.slice(0, shortestPrefix).join('')}${rest}(?:…|\\.{3})`];
}

/** All characters as numbers: hexadecimal dumps, escapes of every character, lists of character codes. */
function codes(secret: string): string[] {
  if (secret.length > longestInCodes) return [];
  const units = [...Array(secret.length).keys()].map((i) => secret.charCodeAt(i));
  const asHex = [...bytesOf(secret), Buffer.from(secret, 'utf16le')].map(hexOf);
  return [
    ...asHex.map((pairs) => pairs.join('\\W{0,4}(?:0?x|u00|u\\{)?')),
    ...asHex.map((pairs) => pairs.map((pair) => percent + pair).join('')),
    units.map((unit) => `0{0,3}${unit.toString(16)}`).join('\\W{0,4}[xu]?'),
    ...[units, [...Buffer.from(secret)]].map((list) => list.join('\\D{1,6}')),
  ];
}

/** What is the same in base64 whatever stands around the secret: each alignment, the neighbours' characters left out. */
function base64(secret: string): string[] {
  const uri = encodeURIComponent(secret.toWellFormed());
  const texts = new Set([secret, JSON.stringify(secret).slice(1, -1), uri, uri.replaceAll('%20', '+')]);
  const all = [...[...texts].flatMap(bytesOf), Buffer.from(secret, 'utf16le')];
  return all.flatMap((bytes) =>
    [0, 1, 2].flatMap((offset) => {
      const bits = (offset + bytes.length) * 8;
      const whole = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
      const core = whole.slice(Math.ceil((offset * 8) / 6), Math.floor(bits / 6));
      return core.length < shortestBase64 ? [] : [core.replace(/[+/]/g, base64Sign)];
    }),
  );
}

function base64Sign(c: string): string {
  return c === '+' ? `(?:[+-]|${percent}2b)` : `(?:\\\\*[/_]|${percent}2f)`;
}

/** In UTF-8, and in Latin-1 where that is another. */
function bytesOf(text: string): Buffer[] {
  const isLatin = /^[\0-\xff]*$/.test(text) && !/^[\0-\x7f]*$/.test(text);
  return [Buffer.from(text), ...(isLatin ? [Buffer.from(text, 'latin1')] : [])];
}

function hexOf(bytes: Buffer): string[] {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
}

function literal(c: string): string {
  return c.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
