import { isCounted, readJournal, type SentItem } from './read-journal.ts';

/** For tests: what a sentinel has sent that carried something, oldest first. */
export function sentOf(home: string): SentItem[] {
  return [...readJournal(home)].flatMap((item) => (isCounted(item) ? [] : [item]));
}
