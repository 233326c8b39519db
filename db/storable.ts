/** A text as every engine gives it back: no NUL, at which some would end it, and no half characters. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
