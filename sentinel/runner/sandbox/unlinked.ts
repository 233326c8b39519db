import { readdirSync, statSync } from 'node:fs';

/**
 * Bytes of files that processes hold open though they lie in no folder any more: they take room until they are closed.
 * See proc(5), `/proc/PID/fd`; 0 where there is no such thing.
 */
export function bytesUnlinked(pids: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const pid of pids) {
    for (const name of openIn(pid)) {
      const file = unlessGone(() => statSync(`/proc/${pid}/fd/${name}`));
      if (file?.isFile() && file.nlink === 0) sizes.set(file.ino, file.size);
    }
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

function openIn(pid: number): string[] {
  return unlessGone(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined; // closed or ended meanwhile
  }
}
