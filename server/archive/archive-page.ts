import { firstIdAt, idTime, type Month, monthNamed, monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow, RunRow } from '../../db/customer/rows.ts';
import type { CustomerDb, CustomerId } from '../../db/customers.ts';
import type { ArchiveRestoreRow, CustomerRow } from '../../db/registry/rows.ts';
import type { ServerContext } from '../http/context.ts';
import { notFound } from '../http/problem.ts';
import { duePieces, nothingBefore } from './due.ts';
import { archiveKeys, lossExplained } from './keys.ts';
import { nameOf } from './piece.ts';
import { listPieces, type PieceTold } from './pieces.ts';
import { restoredMonths } from './restore.ts';
import { archiveSettings } from './settings.ts';
import type { ArchiveAnswer, ArchiveMonth } from './shapes.ts';

/** All that the page of a customer's archive shows. */
export async function archivePage(server: ServerContext, id: CustomerId): Promise<ArchiveAnswer> {
  const row = await server.registry<CustomerRow>('customers').where({ id }).first();
  if (!row) throw notFound();
  const settings = archiveSettings(row);
  const restores = await restoresOf(server, id);
  const by = { now: server.now(), createdAt: row.created_at, monthsLive: settings.monthsLive };
  return server.customers.use(id, async (db) => {
    const pieces = await listPieces(server, db);
    const due = new Set((await duePieces(db, by)).map(nameOf));
    const gone = [...Map.groupBy(pieces, ({ name }) => name.slice(0, 7))].map(([name, own]) => archived(name, own));
    const live = await liveMonths(db, by, due);
    const months = [...gone, ...live].map((month) => ({ ...month, restore: restores.get(month.month) ?? null }));
    const next = live.find(({ state }) => state === 'live');
    return {
      hasStore: server.archiveFolder !== undefined,
      settings,
      keys: (await archiveKeys(server, id)).map(presentKey),
      lossExplained,
      months: months.toReversed(),
      next: next ? { month: next.month, at: next.dueAt ?? 0 } : null,
      drill: drillOf(pieces),
    };
  });
}

type Told = Omit<ArchiveMonth, 'restore'>;

function archived(name: string, own: readonly PieceTold[]): Told {
  const { from, to } = monthNamed(name);
  const sum = (of: 'runs' | 'bytes') => own.reduce((total, piece) => total + (piece[of] ?? 0), 0);
  return {
    ...{ month: name, from, to, state: stateOf(own), runs: sum('runs'), bytes: sum('bytes'), dueAt: null },
    pieces: own.map(({ state: _, folder: _folder, removedAt, ...piece }) => ({
      ...{ ...piece, movedAt: removedAt, hasManifest: piece.runs !== null },
    })),
  };
}

const states: Record<ArchiveMonthRow['state'], ArchiveMonth['state']> = {
  closed: 'moving',
  sealed: 'moving',
  removing: 'moving',
  removed: 'archived',
  erased: 'erased',
};

/** Of the month itself: a supplement on its way leaves it where it is. */
function stateOf([whole]: readonly PieceTold[]): ArchiveMonth['state'] {
  if (!whole) return 'archived';
  return whole.state === 'removed' && whole.folder === null ? 'exported' : states[whole.state];
}

/** Months of which rows are in the database, from the first one that was not moved to the present one. */
async function liveMonths(
  db: CustomerDb,
  { now, createdAt, monthsLive }: { now: number; createdAt: number; monthsLive: number },
  due: ReadonlySet<string>,
): Promise<Told[]> {
  const last = await db<ArchiveMonthRow>('archive_months').orderBy('from_at', 'desc').first('from_at');
  const from = last ? monthOf(last.from_at).to : await oldestRun(db, nothingBefore(createdAt), now);
  if (!Number.isFinite(from)) return [];
  const months: Month[] = [];
  for (let month = monthOf(from); month.from <= now; month = monthOf(month.to)) months.push(month);
  const runs = await runsByMonth(db, months[0]?.from ?? now);
  return months.map((month) => ({
    ...{ month: month.name, from: month.from, to: month.to, runs: runs.get(month.name) ?? 0 },
    ...{ state: due.has(month.name) ? 'due' : 'live', bytes: null, pieces: [] },
    dueAt: monthOf(month.from, monthsLive + 1).from,
  }));
}

/** When the oldest run of the database was made, at `from` at the earliest; infinite where there is none. */
async function oldestRun(db: CustomerDb, from: number, now: number): Promise<number> {
  const ids = db<RunRow>('runs')
    .where('id', '>=', firstIdAt(from))
    .where('id', '<', firstIdAt(monthOf(now).to));
  const oldest = await ids.orderBy('id').first('id');
  return oldest ? idTime(oldest.id) : Number.POSITIVE_INFINITY;
}

/** By the figures of days: rows are too many to be counted while somebody waits. */
async function runsByMonth(db: CustomerDb, from: number): Promise<Map<string, number>> {
  const days: { day: number; runs: number }[] = await db('day_rollups')
    .whereIn('monitor_id', db('monitors').select('id'))
    .where({ scope: 'all', business: 0, transaction_id: 0 })
    .where('day', '>=', from)
    .groupBy('day')
    .select('day')
    .sum({ runs: db.raw('passed + failed + errored + skipped') });
  const sums = new Map<string, number>();
  for (const { day, runs } of days) {
    const { name } = monthOf(day);
    sums.set(name, (sums.get(name) ?? 0) + Number(runs));
  }
  return sums;
}

async function restoresOf(server: ServerContext, id: CustomerId): Promise<Map<string, ArchiveMonth['restore']>> {
  const wishes = await server.registry<ArchiveRestoreRow>('archive_restores').where({ customer_id: id });
  const told = wishes.map(({ from_at, asked_at: at, asked_by: by, fault }): [string, ArchiveMonth['restore']] => [
    monthOf(from_at).name,
    fault === null ? { state: 'asked', at, by } : { state: 'failed', at, by, fault },
  ]);
  const there = restoredMonths(server, id).map(({ month, until }) => [month, { state: 'restored', until }] as const);
  return new Map([...told, ...there]);
}

function presentKey(row: Awaited<ReturnType<typeof archiveKeys>>[number]): ArchiveAnswer['keys'][number] {
  const { recipient, name, added_by, created_at, retired_at, identity, waiting } = row;
  return {
    ...{ recipient, name, addedBy: added_by, addedAt: created_at, retiredAt: retired_at },
    ...{ copyKept: identity !== null, waits: waiting !== null },
  };
}

function drillOf(pieces: readonly PieceTold[]): ArchiveAnswer['drill'] {
  const looked = pieces.filter(({ verifiedAt, removedAt }) => (verifiedAt ?? 0) > (removedAt ?? 0));
  const last = looked.reduce<PieceTold | undefined>(
    (latest, one) => ((one.verifiedAt ?? 0) > (latest?.verifiedAt ?? 0) ? one : latest),
    undefined,
  );
  return last ? { at: last.verifiedAt ?? 0, piece: last.name, fault: last.fault } : null;
}
