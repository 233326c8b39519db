/** The beginning of a text: at most so many UTF-16 units, and no character cut in two. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
}

/** A text as others can store and show it: whole characters, spaces for control characters but line ends, not too long. */
export function clean(text: string, most: number): string {
  return cut(text.toWellFormed(), most).replace(/[^\P{Cc}\n]/gu, ' ');
}
