/*
 * Names, reasons and messages come from strangers, and a terminal takes some characters for commands, or turns lines round
 * by them.
 */

/** Text that only shows: control and format characters become spaces; line breaks and tabs stay. */
export function plain(text: string): string {
  return text.replace(/[^\P{C}\n\t]/gu, ' ');
}

/** JSON in which such characters are escaped, so that it says the same. On one line, unless it is indented. */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(/[^\P{C}\n]/gu, escaped);
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
