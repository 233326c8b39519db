import { atomically } from '../../db/atomically.ts';
import type { EvidenceRow, MonitorRow, PassedPictureRow, RunRow, TrialEvidenceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { isMysql } from '../../db/engines/dialect.ts';
import { picturesWhatPassed } from '../assignments/policy.ts';
import { audit } from '../audit/audit.ts';
import { type EvidenceStore, namingTables, type StoredFile } from './evidence-store.ts';

/** A file that no row names is left alone for so long (ms): its row may be about to be written, or it to be ended. */
const orphanAfterMs = 3_600_000;
/** Once the quota is exceeded, so much of it is made free at once. */
const freed = 0.1;
const [namesAtOnce, filesAtOnce] = [1000, 100];
/** Pictures of what passed come daily: one that is older (ms) shows what is no longer run, or run there. */
const pictureStaysMs = 30 * 86_400_000;

export interface CleanUp {
  now: number;
  /** How many bytes the customer's evidence may take. */
  quotaBytes: number;
  /** The first to be done in each transaction that writes; what it throws leaves everything as it was. */
  guard: (trx: CustomerDb) => Promise<void>;
}

/** What was removed: files that nobody could have seen any more, and the oldest evidence where there was too much. */
export interface Removed {
  orphans: number;
  evidence: number;
  /** Of both. */
  bytes: number;
}

/**
 * Removes pictures of what passed where a newer one is there or none is wanted any more, files that no row names, and those
 * that a crash left half written. Where the rest exceeds the quota, the oldest
 * evidence goes, by the newest run that shows it, until a tenth of the quota is free: each of its runs says so, and so does
 * the customer's audit trail. What is new is always taken.
 */
export async function cleanUp(db: CustomerDb, store: EvidenceStore, how: CleanUp): Promise<Removed> {
  const removed: Removed = { orphans: 0, evidence: 0, bytes: 0 };
  await keepNewestPictures(db, how);
  const kept = new Map<string, StoredFile>();
  for await (const files of store.files()) {
    const named = await namesOf(db, files);
    for (const file of files) {
      if (file.sha256 !== undefined && named.has(file.sha256)) kept.set(file.sha256, file);
      else if (how.now - file.changedAt >= orphanAfterMs && (await store.remove(file))) {
        removed.orphans++;
        removed.bytes += file.bytes;
      }
    }
  }
  await keepQuota(db, store, kept, how, removed);
  return removed;
}

/**
 * One of each transaction at each location, and none of monitors that ask for none or are retired, nor of long ago. One that
 * has not arrived takes no other's place.
 */
async function keepNewestPictures(db: CustomerDb, { now, guard }: CleanUp): Promise<void> {
  const pictures = (on: CustomerDb) => on<PassedPictureRow>('passed_pictures');
  const newest: Pick<PassedPictureRow, 'transaction_id' | 'location_id' | 'taken_at'>[] = await pictures(db)
    .whereNotNull('stored_sha256')
    .groupBy('transaction_id', 'location_id')
    .having(db.raw('count(*) > 1'))
    .select('transaction_id', 'location_id', db.raw('max(taken_at) as taken_at'));
  const unwanted = await unwantedTransactions(db);
  const removals = [
    (trx: CustomerDb) => pictures(trx).where('taken_at', '<', now - pictureStaysMs),
    ...unwanted.map((transaction_id) => (trx: CustomerDb) => pictures(trx).where({ transaction_id })),
    ...newest.map(({ taken_at, ...place }) => (trx: CustomerDb) => {
      return pictures(trx).where(place).where('taken_at', '<', taken_at);
    }),
  ];
  for (const those of removals) {
    if (!(await those(db).first('run_id'))) continue;
    await atomically(db, async (trx) => {
      await guard(trx);
      await those(trx).delete();
    });
  }
}

/** Those with pictures of whose monitor none are wanted any more. */
async function unwantedTransactions(db: CustomerDb): Promise<number[]> {
  const pictured: (Pick<MonitorRow, 'policy' | 'retired_at'> & { id: number })[] = await db('transactions')
    .join('monitors', 'monitors.id', 'transactions.monitor_id')
    .whereIn('transactions.id', db('passed_pictures').distinct('transaction_id'))
    .select('transactions.id', 'policy', 'retired_at');
  return pictured.filter((monitor) => monitor.retired_at !== null || !picturesWhatPassed(monitor)).map(({ id }) => id);
}

async function namesOf(db: CustomerDb, files: readonly StoredFile[]): Promise<Set<string>> {
  const all = files.flatMap(({ sha256 }) => sha256 ?? []);
  const named = new Set<string>();
  for (let at = 0; at < all.length; at += filesAtOnce) {
    for (const table of namingTables) {
      const some: string[] = await db(table)
        .whereIn('stored_sha256', all.slice(at, at + filesAtOnce))
        .distinct()
        .pluck('stored_sha256');
      for (const sha256 of some) named.add(sha256);
    }
  }
  return named;
}

async function keepQuota(
  db: CustomerDb,
  store: EvidenceStore,
  kept: Map<string, StoredFile>,
  how: CleanUp,
  removed: Removed,
): Promise<void> {
  let bytes = sum([...kept.values()]);
  if (bytes <= how.quotaBytes) return;
  const enough = how.quotaBytes * (1 - freed);
  let passedOver = 0; // names without a file, which come first each time: it is missing, or was stored meanwhile
  while (bytes > enough) {
    const names = await oldest(db, passedOver);
    const there = names.flatMap((sha256) => kept.get(sha256) ?? []);
    passedOver += names.length - there.length;
    const going: StoredFile[] = [];
    for (const file of there) {
      if (bytes <= enough) break;
      going.push(file);
      bytes -= file.bytes;
    }
    for (let at = 0; at < going.length; at += filesAtOnce) {
      const some = going.slice(at, at + filesAtOnce);
      await forget(db, some, how);
      for (const file of some) {
        kept.delete(file.name);
        if (!(await store.remove(file))) continue;
        removed.evidence++;
        removed.bytes += file.bytes;
      }
    }
    if (names.length < namesAtOnce) return;
  }
}

/** Files whose newest run or trial is the oldest; ids of runs begin with their time, in six bytes. */
function oldest(db: CustomerDb, offset: number): Promise<string[]> {
  const asId = isMysql(db) ? "unhex(lpad(hex(asked_at), 12, '0'))" : "unhex(printf('%012x', asked_at))";
  const ofTrials = db('trial_evidence')
    .join('trials', 'trials.id', 'trial_evidence.trial_id')
    .whereNotNull('stored_sha256')
    .select('stored_sha256', db.raw(asId));
  const named = (table: string) => db(table).whereNotNull('stored_sha256').select('stored_sha256', 'run_id');
  return db
    .from(
      named('evidence')
        .unionAll([named('passed_pictures'), ofTrials])
        .as('named'),
    )
    .groupBy('stored_sha256')
    .orderByRaw('max(run_id), stored_sha256')
    .offset(offset)
    .limit(namesAtOnce)
    .pluck('stored_sha256');
}

/** The rows first: a crash before the files are gone leaves orphans, and no page that shows what is not there. */
function forget(db: CustomerDb, files: readonly StoredFile[], { now, quotaBytes, guard }: CleanUp): Promise<void> {
  const gib = Number((quotaBytes / 2 ** 30).toPrecision(3));
  const why = `removed on ${new Date(now).toISOString().slice(0, 10)} to make room: evidence takes ${gib} GiB at most here, and the oldest goes first`;
  return atomically(db, async (trx) => {
    await guard(trx);
    const rows = () => trx<EvidenceRow>('evidence').whereIn('stored_sha256', names);
    const names = files.map(({ name }) => name);
    const runs: Uint8Array[] = await rows().distinct().pluck('run_id');
    for (let at = 0; at < runs.length; at += filesAtOnce) {
      await trx<RunRow>('runs')
        .whereIn('id', runs.slice(at, at + filesAtOnce))
        .update({ evidence_missing: why });
    }
    await rows().update({ stored_sha256: null });
    await trx<TrialEvidenceRow>('trial_evidence').whereIn('stored_sha256', names).update({ stored_sha256: null });
    await trx<PassedPictureRow>('passed_pictures').whereIn('stored_sha256', names).delete();
    const detail = { files: files.length, bytes: sum(files), runs: runs.length };
    await audit(trx, { at: now, actor: { kind: 'server', name: 'clean-up' }, action: 'evidence-removed', detail });
  });
}

function sum(files: readonly StoredFile[]): number {
  return files.reduce((total, file) => total + file.bytes, 0);
}
