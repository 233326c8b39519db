import { createHash } from 'node:crypto';
import { Run } from '../../sentinel/protocol/messages.ts';
import { faults } from '../http/router.ts';

export interface ReadRun {
  run: Run;
  /** On the server's clock, as far as the sentinel's offset was known, ms. */
  startedAt: number;
  /** Of the sentinel and all it said of the run: tells a repeat from another run under the same id. */
  contentHash: Buffer;
}

export type Reading = { ok: true; read: ReadRun } | { ok: false; id: string; reason: string };

/** The furthest a Date reaches, ms on either side of 1970. */
const lastInstantMs = 8_640_000_000_000_000;
const deepest = 32;

/** Reads one run of a batch by itself, so that a bad one spoils no other. The reason names the place of each fault. */
export function readRun(raw: unknown, sentinelId: string): Reading {
  const refused = (reason: string): Reading => ({ ok: false, id: idOf(raw), reason: reason.slice(0, 500) });
  const parsed = Run.safeParse(raw);
  if (!parsed.success) return refused(faults(parsed.error));
  const startedAt = parsed.data.startedAt + (parsed.data.clockOffsetMs ?? 0);
  if (Math.abs(startedAt) > lastInstantMs) return refused('clockOffsetMs: leads beyond the calendar');
  const content = canonical(raw, deepest);
  if (content === undefined) return refused(`the whole: is nested more than ${deepest} deep`);
  const contentHash = createHash('sha256').update(`${sentinelId} ${content}`).digest();
  return { ok: true, read: { run: parsed.data, startedAt, contentHash } };
}

/**
 * JSON with its keys in order. Of what was sent, not of what was understood: a run that is repeated after this server
 * learnt a new field is still the same run. Undefined when it is nested deeper than `depth`.
 */
function canonical(value: unknown, depth: number): string | undefined {
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

function idOf(raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
  return typeof id === 'string' ? id.slice(0, 100) : '';
}
