import { formsOf, plainForm, substance, writtenForm } from './secret-forms.ts';

const sign = '•••';
/** Shorter values are masked only where they stand alone, or every `1` in a text would go. */
const shortest = 4;
/** Lines of a secret that has more, such as a certificate, are looked for as they are and not in every form. */
const mostLinesInFull = 4;
/** So many characters of other texts are looked for in every escape: such a pattern takes a millisecond a character to make. */
const mostEscaped = 500;

/**
 * A function that takes secret values out of a text, as they are and in the encodings of `formsOf`. Of a secret of several
 * lines each line is one too. What a program made of a secret otherwise (reversed, encrypted, cut in pieces) is not recognized.
 * `others` are texts that are not to be told either, in fewer encodings, long ones as they are: what was typed into password
 * fields, above all.
 */
export function masker(secrets: readonly string[], others: readonly string[] = []): (text: string) => string {
  if (others.length > 0) return newMasker(secrets, others);
  const key = JSON.stringify(secrets);
  const known = maskers.get(key) ?? remembering(newMasker(secrets, []));
  if (maskers.size >= mostMaskers) maskers.clear();
  maskers.set(key, known);
  return known;
}

/** A monitor's secrets are the same in each run, and making patterns of them costs more than a run's texts do. */
const maskers = new Map<string, (text: string) => string>();
const mostMaskers = 200;
/** So are most texts: a pattern has to be compiled anew whenever it was long unused, which takes as long as a page. */
const mostTexts = 500;
const longestText = 200;

function remembering(mask: (text: string) => string): (text: string) => string {
  const answers = new Map<string, string>();
  return (text) => {
    const masked = answers.get(text) ?? mask(text);
    if (answers.size >= mostTexts) answers.clear();
    if (text.length <= longestText) answers.set(text, masked);
    return masked;
  };
}

function newMasker(secrets: readonly string[], others: readonly string[]): (text: string) => string {
  const sources = [...secretPatterns(secrets), ...loneWords(secrets), ...otherForms(others)];
  const patterns = sources.map((source) => new RegExp(source, 'gi'));
  if (patterns.length === 0) return (text) => text;
  return (text) => {
    const found = patterns.flatMap((pattern) =>
      [...text.matchAll(pattern)].map((m) => [m.index, m[0].length] as const),
    );
    return found.length === 0 ? text : covered(text, found);
  };
}

/** Sources of case-insensitive patterns that find secrets of 4 characters or more; a page uses them too. */
export function secretPatterns(secrets: readonly string[]): string[] {
  return [...new Set(secrets)].flatMap((secret) => {
    const lines = secret.split(/[\r\n]+/).filter((line) => isLong(line));
    const pieces = lines.length > 1 ? lines.map((line) => formsOf(line)) : [];
    const ofLines = pieces.map((forms) => (lines.length > mostLinesInFull ? forms.slice(0, 2) : forms));
    return isLong(secret) ? [formsOf(secret), ...ofLines].map((forms) => forms.join('|')) : [];
  });
}

function otherForms(others: readonly string[]): string[] {
  let left = mostEscaped;
  const written = others
    .filter(isLong)
    .sort((a, b) => a.length - b.length)
    .map((text) => {
      left -= text.length;
      return left >= 0 ? writtenForm(text) : plainForm(text);
    });
  return [...written, ...loneWords(others)];
}

function loneWords(secrets: readonly string[]): string[] {
  const short = secrets.map((secret) => secret.trim()).filter((secret) => secret !== '' && !isLong(secret));
  return short.map((secret) => `(?<![\\w\\u00c0-\\uffff])${RegExp.escape(secret)}(?![\\w\\u00c0-\\uffff])`);
}

function isLong(secret: string): boolean {
  return substance(secret).length >= shortest;
}

/** Found apart from each other, secrets may overlap: what any of them covers goes. */
function covered(text: string, found: (readonly [index: number, length: number])[]): string {
  let masked = '';
  let end = 0;
  for (const [index, length] of found.sort(([a], [b]) => a - b)) {
    if (index >= end) masked += text.slice(end, index) + sign;
    end = Math.max(end, index + length);
  }
  return masked + text.slice(end);
}
