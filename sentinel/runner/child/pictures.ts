import { tell } from './channel.ts';

const waiting: (() => void)[] = [];

/** Lets the sentinel take a picture of the pages as they are; resolves when nothing is changed by going on. */
export function pictured(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  waiting.push(resolve);
  tell({ kind: 'picture' });
  return promise;
}

/** The sentinel is done with the one that has waited longest. */
export function hearPictured(): void {
  waiting.shift()?.();
}
