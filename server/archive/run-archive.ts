import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { notFound } from '../http/problem.ts';
import { duePieces } from './due.ts';
import { type Moved, movePiece, type Step } from './move.ts';
import { nameOf, type Piece } from './piece.ts';
import { archiveSettings } from './settings.ts';
import type { Fence } from './state.ts';
import { type ArchiveStore, storeOf } from './store.ts';

export interface ArchiveWish {
  /** Months that ended before this instant (ms), whatever age they are to have. */
  before?: number | undefined;
  /** Of months that are due the first alone: a setting or a clock that is wrong then does little before somebody sees it. */
  oneMonth?: boolean;
  /** Another place than the folder, for tests. */
  store?: ArchiveStore;
  /** Under which lease; none on the command line. */
  fence?: Fence;
  /** Awaited before each step of each piece. */
  onStep?: (step: Step, piece: string) => Promise<void>;
}

/** What is to be moved of a customer, by name. */
export async function dueOf(server: ServerContext, id: CustomerId, wish: ArchiveWish = {}): Promise<Piece[]> {
  const row = await server.registry<CustomerRow>('customers').where({ id }).first();
  if (!row) throw notFound();
  const { monthsLive } = archiveSettings(row);
  const by = { now: server.now(), createdAt: row.created_at, monthsLive, before: wish.before };
  const pieces = await server.customers.use(id, (db) => duePieces(db, by));
  if (!wish.oneMonth) return pieces;
  const [first] = pieces.filter(({ part }) => part === 0);
  return pieces.filter((piece) => piece.part > 0 || piece === first);
}

/** Moves all that is due of a customer into its archive, one piece after the other; throws as `movePiece` at the first that fails. */
export async function runArchive(server: ServerContext, id: CustomerId, wish: ArchiveWish = {}): Promise<Moved[]> {
  const customer = await server.registry<CustomerRow>('customers').where({ id }).first('id', 'name');
  if (!customer) throw notFound();
  const store = wish.store ?? storeOf(server, id);
  const moved: Moved[] = [];
  for (const piece of await dueOf(server, id, wish)) {
    const before = async (step: Step) => wish.onStep?.(step, nameOf(piece));
    const one = await server.customers.use(id, (db) =>
      movePiece({ server, customer, db, fence: wish.fence, before, scratch: scratchFolder(), store }, piece),
    );
    server.log.info({ customer: id, ...one }, 'moved into the archive');
    moved.push(one);
  }
  return moved;
}

/** In memory where there is enough of it: what is not sealed yet then never lies on a disk. */
function scratchFolder(): string {
  const [inMemory, enough] = ['/dev/shm', 2 ** 31];
  return freeBytes(inMemory) > enough ? inMemory : tmpdir();
}

function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return 0; // not Linux
  }
}
