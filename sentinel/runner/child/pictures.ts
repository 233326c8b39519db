import type { LookAt } from '../messages.ts';
import { tell } from './channel.ts';
import { countPending } from './playwright.ts';

const waiting: (() => void)[] = [];

/** Lets the sentinel look at the pages as they are, with what passed or went wrong; resolves when nothing is changed by going on. */
export async function pictured(what: { kind: 'picture' } | { kind: 'failing'; at: LookAt }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push(resolve);
  countPending(1); // at the run's limit it is the page that was waited for: the script is not busy with itself
  tell(what);
  await promise;
  countPending(-1);
}

/** The sentinel is done with the one that has waited longest. */
export function hearPictured(): void {
  waiting.shift()?.();
}
