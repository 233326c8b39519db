import { plain } from './protocol/plain.ts';

/* All that a sentinel's commands print goes through here, so that none of it can command the terminal it shows on. */

/** Prints for people, or JSON as `plainJson` gives it. */
export function say(text: string): void {
  console.log(plain(text));
}

/** Prints text whose styles are ours, and whose every other part was made `plain` before. */
export function sayStyled(text: string): void {
  console.log(text);
}

/** Tells of what went wrong. */
export function complain(message: string): void {
  console.error(plain(`vedette-sentinel: ${message}`));
}
