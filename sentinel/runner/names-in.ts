import { existsSync, readdirSync } from 'node:fs';

/** What lies in a folder; nothing if there is none. For a sentinel's start: Node's `globSync` loads much before its first answer. */
export function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
