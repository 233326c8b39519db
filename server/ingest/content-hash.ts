import { hash } from 'node:crypto';

/** Levels of nesting that are followed. */
export const deepest = 32;

/** SHA-256 of who sent it and of what, as `canonical` writes it. */
export function contentHash(sentinelId: string, content: string): Buffer {
  // As a text first: a Buffer that is handed out by itself costs more than the hash.
  return Buffer.from(hash('sha256', `${sentinelId} ${content}`, 'latin1'), 'latin1');
}

/** JSON with the keys of every object in the order of their letters. Undefined when it is nested more than `depth` deep. */
export function canonical(value: unknown, depth = deepest): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (depth === 0) return undefined;
  const isList = Array.isArray(value);
  const entries = isList ? [...value.entries()] : Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const parts: string[] = [];
  for (const [key, item] of entries) {
    const text = canonical(item, depth - 1);
    if (text === undefined) return undefined;
    parts.push(isList ? text : `${JSON.stringify(key)}:${text}`);
  }
  return isList ? `[${parts}]` : `{${parts}}`;
}
