/**
 * The beginning of a text: at most so many UTF-16 units, and no character cut in two. A copy, since a slice would keep the
 * whole text in memory, which may be as long as a page likes.
 */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const beginning = text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
  return Buffer.from(beginning, 'utf16le').toString('utf16le');
}

/** A text as others can store and show it: whole characters, spaces for control characters but line ends, not too long. */
export function clean(text: string, most: number): string {
  return cut(text.toWellFormed(), most).replace(/[^\P{Cc}\n]/gu, ' ');
}
