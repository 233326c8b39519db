import type { CustomerDb } from '../../db/customers.ts';
import { maxAnswerBytes } from '../../sentinel/protocol/messages.ts';
import { Refused } from '../http/refused.ts';
import { openTrials } from '../trials/open-trials.ts';
import { presentAssignment, readRows } from './assignments.ts';

/** Kept free of what a sentinel is to do, for keys, pins and the names of fields. */
const besideBytes = 64 * 1024;
const mostBytes = maxAnswerBytes - besideBytes;
const MiB = 1024 * 1024;
const mostNamed = 3;

interface Part {
  what: string;
  bytes: number;
  /** Undefined: all of them. */
  sentinels: ReadonlySet<string> | undefined;
}

/** All that the sentinels of a customer have to read. */
export type Reading = readonly Part[];

/**
 * Called in the transaction that gives sentinels other work, at its end, with what they had to read at its beginning. Throws
 * `Refused` if one of them had more to read than before, and than it takes in one answer: it would then learn of no change at
 * all. What makes it less is never refused, or nobody could mend it.
 */
export async function checkRoom(db: CustomerDb, now: number, before: Reading): Promise<void> {
  const parts = await readingOf(db, now);
  if (sum(parts) <= mostBytes) return; // as good as always: nobody can have more than all
  const named = new Set(parts.flatMap(({ sentinels }) => [...(sentinels ?? [])]));
  for (const id of [...named, undefined]) {
    const own = partsOf(parts, id);
    if (sum(own) > Math.max(mostBytes, sum(partsOf(before, id)))) throw new Refused(await tooMuch(db, id, own));
  }
}

/** What of it a sentinel reads; undefined: one that no monitor names. */
function partsOf(reading: Reading, id: string | undefined): Reading {
  return reading.filter(({ sentinels }) => sentinels === undefined || (id !== undefined && sentinels.has(id)));
}

/** Called in the transaction that gives sentinels other work, before anything else is done. */
export async function readingOf(db: CustomerDb, now: number): Promise<Reading> {
  const { rows, chosen } = await readRows(db);
  const trials = await openTrials(db, now);
  return [
    ...rows.map((row) => ({
      what: `"${row.name}"`,
      bytes: bytesOf(presentAssignment(row)),
      sentinels: chosen.get(row.id),
    })),
    ...[...trials].flatMap(([id, own]) =>
      own.map((trial) => ({ what: `the draft ${trial.name}`, bytes: bytesOf(trial), sentinels: new Set([id]) })),
    ),
  ];
}

function bytesOf(part: object): number {
  return Buffer.byteLength(JSON.stringify(part)) + 1;
}

function sum(parts: readonly Part[]): number {
  return parts.reduce((bytes, part) => bytes + part.bytes, 0);
}

async function tooMuch(db: CustomerDb, id: string | undefined, own: readonly Part[]): Promise<string> {
  const name = id && (await db('sentinels').where({ id }).first('name'))?.name;
  const who = name === undefined ? 'Each sentinel' : `The sentinel "${name}"`;
  const largest = own.toSorted((a, b) => b.bytes - a.bytes).slice(0, mostNamed);
  const which = largest.map(({ what, bytes }) => `${what} with ${inMiB(bytes)}`).join(', ');
  return (
    `${who} would have ${inMiB(sum(own))} to read of what it is to do, and it takes ${inMiB(mostBytes)}: nothing was changed. ` +
    `The largest: ${which}. Shorten their variables and options (a storageState, say), or give monitors to fewer sentinels each`
  );
}

function inMiB(bytes: number): string {
  return `${(bytes / MiB).toFixed(bytes < MiB ? 2 : 1)} MiB`;
}
