import type { AuditRow } from '../../db/audit-table.ts';
import { hashOf } from './audit.ts';

/** The last entry of a trail at some time. */
export interface Head {
  /** 0 for a trail without entries */
  id: number;
  hash: string;
}

/** What is wrong at one entry of a trail. */
export interface TrailFault {
  /** 0: of the trail as a whole */
  id: number;
  what: string;
}

export interface TrailReport {
  entries: number;
  head: Head;
  /** In order of the entries, and then that not all could be read; not more than `mostFaults`. */
  faults: TrailFault[];
  /** Why not all could be read. */
  error?: unknown;
}

export const firstHash = '0'.repeat(64);
const mostFaults = 100;

/**
 * Looks whether every entry is as it was written and follows the one before, and whether those that were once signed as
 * the head (`signed`: hash by id) are still there. `slices` are the entries in order of their ids; where they end in an error,
 * those before it are judged.
 */
export async function verifyTrail(
  slices: AsyncIterable<readonly AuditRow[]> | Iterable<readonly AuditRow[]>,
  signed: ReadonlyMap<number, string> = new Map(),
): Promise<TrailReport> {
  const awaited = new Map(signed);
  const faults: TrailFault[] = [];
  let entries = 0;
  let head: Head = { id: 0, hash: firstHash };
  try {
    for await (const rows of slices) {
      for (const row of rows) {
        const what = faultOf(row, head) ?? faultAgainst(awaited.get(row.id), row);
        if (what !== undefined && faults.length < mostFaults) faults.push({ id: row.id, what });
        awaited.delete(row.id);
        head = { id: row.id, hash: row.hash };
        entries++;
      }
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const unread = { id: 0, what: `it could not be read${entries > 0 ? ' to its end' : ''}: ${why}` };
    return { entries, head, faults: [...faults, unread].slice(0, mostFaults), error };
  }
  const gone = [...awaited.keys()].sort((a, b) => a - b).map((id) => ({ id, what: missing }));
  return { entries, head, faults: [...faults, ...gone].slice(0, mostFaults) };
}

const missing = 'it was signed as the last entry and is not there any more: the trail was cut';

function faultOf(row: AuditRow, before: Head): string | undefined {
  if (row.hash !== hashOf(row)) return 'it is not as it was written';
  if (row.id > before.id + 1) return `${row.id - before.id - 1} entries before it are missing`;
  if (row.previous_hash !== before.hash || row.id !== before.id + 1)
    return 'it does not follow the entry before: one was put in, taken out or moved';
  return undefined;
}

function faultAgainst(signed: string | undefined, { hash }: AuditRow): string | undefined {
  const isAsSigned = signed === undefined || signed === hash;
  return isAsSigned ? undefined : 'it is another entry than the one that was signed: the trail was written anew';
}
