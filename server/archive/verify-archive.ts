import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { ServerContext } from '../http/context.ts';
import { keptIdentities } from './keys.ts';
import { readSigned, Seal } from './manifest.ts';
import { openPiece } from './open-piece.ts';
import { nameOf, type Piece } from './piece.ts';
import { openScratch } from './scratch.ts';
import { type ArchiveStore, storeOf } from './store.ts';
import { fileSums, sameSums } from './sums.ts';
import { faultOf } from './verify-entry.ts';

export interface VerifyWish {
  /** So many pieces, chosen at random; left out: all. */
  sample?: number | undefined;
  /** With which pieces are opened too, and their rows counted; without any the files are compared with their seals alone. */
  identities?: readonly string[];
}

export interface Verified {
  /** Names of the pieces that were looked at. */
  verified: string[];
  /** Of these, those that were opened and counted. */
  opened: string[];
  /** By piece, or for the archive as a whole (empty). */
  faults: { piece: string; fault: string }[];
}

/**
 * Verifies a customer's archive: that nothing is missing between its months, and that files are as they were sealed. Writes
 * down when each was verified, and what was wrong. What was carried away is left to whoever has it.
 */
export async function verifyArchive(server: ServerContext, id: CustomerId, wish: VerifyWish = {}): Promise<Verified> {
  return server.customers.use(id, async (db) => {
    const rows = await db<ArchiveMonthRow>('archive_months').orderBy(['from_at', 'part']);
    const store = storeOf(server, id);
    const result: Verified = { verified: [], opened: [], faults: gaps(server, rows) };
    const known = new Set(rows.map((row) => row.folder));
    for (const entry of await store.entries()) {
      if (!known.has(entry))
        result.faults.push({ piece: '', fault: `${entry} is in the archive and is not known here` });
    }
    const here = rows.filter((row) => row.folder !== null && row.state === 'removed');
    for (const row of sampleOf(here, wish.sample ?? here.length)) {
      const piece = nameOf(pieceOf(row));
      const fault = (await faultOf(server, store, row)) ?? (await openedFault(server, store, row, wish, result));
      if (fault) result.faults.push({ piece, fault });
      result.verified.push(piece);
      const { from_at, part } = row;
      const told = { verified_at: server.now(), fault: fault ?? null };
      await db<ArchiveMonthRow>('archive_months').where({ from_at, part }).update(told);
    }
    return result;
  });
}

/** Months that are not there between those that are, supplements likewise, and seals that do not follow each other. */
function gaps({ dataFolder }: ServerContext, rows: readonly ArchiveMonthRow[]): Verified['faults'] {
  const faults: Verified['faults'] = [];
  let before: ArchiveMonthRow | undefined;
  for (const row of rows) {
    const piece = nameOf(pieceOf(row));
    const follows =
      !before ||
      (row.from_at === before.from_at
        ? row.part === before.part + 1
        : row.part === 0 && row.from_at === monthOf(before.from_at).to);
    if (!follows) faults.push({ piece, fault: 'what comes before it is not there' });
    const seal = row.seal === null ? undefined : readSigned(row.seal, Seal, dataFolder);
    if (row.seal !== null && !seal) faults.push({ piece, fault: 'its seal was not signed by this server' });
    before = row;
  }
  return [...faults, ...brokenChain({ dataFolder }, rows)];
}

/** A month's seal names the one that was last when it was made: that of an earlier piece, which must still be the same. */
function brokenChain({ dataFolder }: Pick<ServerContext, 'dataFolder'>, rows: readonly ArchiveMonthRow[]) {
  const hashes = new Set(rows.flatMap(({ seal }) => (seal === null ? [] : hashOf(seal))));
  const erased = rows.some(({ state }) => state === 'erased');
  return rows.flatMap((row) => {
    const seal = row.seal === null ? undefined : readSigned(row.seal, Seal, dataFolder);
    if (!seal?.before || hashes.has(seal.before) || erased) return [];
    return [{ piece: nameOf(pieceOf(row)), fault: 'the seal that it follows is not there as it was' }];
  });
}

function hashOf(seal: string): string {
  return createHash('sha256').update(seal).digest('hex');
}

/** What is wrong with what is in it; opened in a folder that is gone afterwards. */
async function openedFault(
  server: ServerContext,
  store: ArchiveStore,
  row: ArchiveMonthRow,
  { identities = [] }: VerifyWish,
  result: Verified,
): Promise<string | undefined> {
  if (identities.length === 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'vedette-verify-'));
  try {
    await using scratch = await openScratch(join(folder, 'open'));
    const manifest = await openPiece(server, store, row, identities, scratch.folder);
    result.opened.push(nameOf(pieceOf(row)));
    return sameSums(await fileSums(scratch), manifest.sums)
      ? undefined
      : 'its rows are not those that its manifest tells of';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sampleOf<T>(all: readonly T[], count: number): T[] {
  if (count >= all.length) return [...all];
  return all
    .map((one) => ({ one, by: Math.random() }))
    .sort((a, b) => a.by - b.by)
    .slice(0, count)
    .map(({ one }) => one);
}

function pieceOf({ from_at, part }: Pick<ArchiveMonthRow, 'from_at' | 'part'>): Piece {
  return { month: monthOf(from_at), part };
}

const weekMs = 7 * 86_400_000;

/**
 * Verifies a piece chosen at random where none was for a week, opened where the customer left a copy of the identity here;
 * null where it is not due.
 */
export async function drill(server: ServerContext, id: CustomerId): Promise<Verified | null> {
  if (!(await server.customers.use(id, (db) => drillIsDue(db, server.now())))) return null;
  return verifyArchive(server, id, { sample: 1, identities: await keptIdentities(server, id) });
}

/** Whether there is something to verify, and nothing was for a week. */
export async function drillIsDue(db: CustomerDb, now: number): Promise<boolean> {
  const rows = await db<ArchiveMonthRow>('archive_months').where({ state: 'removed' }).whereNotNull('folder');
  return rows.length > 0 && rows.every(({ verified_at }) => now - (verified_at ?? 0) >= weekMs);
}
