import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { customerMigrations } from '../../db/customer/migrations.ts';
import { removeMonth } from '../../db/customer/remove-month.ts';
import type { ArchiveMonthRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Customer } from '../accounts/customers.ts';
import { audit } from '../audit/audit.ts';
import { signedText } from '../audit/signed-text.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import type { ServerContext } from '../http/context.ts';
import { fileContent, type Measured, measure, meter, newIdentity, seal, unseal } from './age.ts';
import { ArchiveFault } from './archive-fault.ts';
import { checkJoining } from './joined-rows.ts';
import { keepIds, sealHoursBeyond } from './keep-ids.ts';
import { recipientsOf } from './keys.ts';
import { Manifest, manifestFile, readSigned, Seal, sealedName, sealFile } from './manifest.ts';
import { readNames } from './names.ts';
import { packEvidence } from './pack-evidence.ts';
import { nameOf, type Piece } from './piece.ts';
import { readMonth } from './read-month.ts';
import { readSupplement } from './read-supplement.ts';
import { removeSupplement } from './remove-supplement.ts';
import { openScratch, type Scratch } from './scratch.ts';
import { software } from './software.ts';
import { advance, type Claim, claim, type Fence } from './state.ts';
import type { ArchiveStore } from './store.ts';
import { fileSums, liveSums, sameSums } from './sums.ts';
import { faultOf } from './verify-entry.ts';
import { writeParquet } from './write-parquet.ts';

/** The steps of a move in their order; killed at any, it goes on with the next call, and nothing is lost or doubled. */
export const steps = [
  ...(['close', 'read', 'write', 'pack', 'seal', 'commit', 'prove', 'record'] as const),
  ...(['keep ids', 'compare', 'remove', 'end'] as const),
] as const;
export type Step = (typeof steps)[number];

export interface Move {
  server: ServerContext;
  customer: Pick<Customer, 'id' | 'name'>;
  db: CustomerDb;
  fence: Fence;
  /** Awaited before each step; what it throws ends the move there. */
  before(step: Step): Promise<void>;
  store: ArchiveStore;
  /** Below which a private folder is made for what is not sealed yet. */
  scratch: string;
}

/** What was moved. */
export interface Moved {
  piece: string;
  runs: number;
  results: number;
  evidence: number;
  /** Of all its files, sealed. */
  bytes: number;
  /** How long the rows took to be removed. */
  removeMs: number;
}

/**
 * Moves a month, or a supplement of one, into the archive: what is there is read, written as Parquet, sealed, read back from
 * the store, opened and compared with the database; only then does it leave the database. Throws `ArchiveFault` where
 * something is not as it must be, and `TakenOver`; then all rows are where they were.
 */
export async function movePiece(move: Move, piece: Piece): Promise<Moved> {
  const { server, customer, db, store } = move;
  const recipients = await recipientsOf(server, customer.id);
  if (recipients.length === 0) {
    throw new ArchiveFault(
      `the archive of "${customer.name}" has no key: make one with vedette-server archive keys make`,
    );
  }
  await checkJoining(db);
  await move.before('close');
  const { claim: own, row } = await claim(db, piece, server.now(), move.fence);
  if (row.state === 'closed') await fill({ ...move, recipients, own }, row);
  const present = (await rowOf(db, piece)) ?? row;
  if (present.state !== 'removing') {
    await move.before('keep ids');
    await keepIds(db, own);
    await sealHoursBeyond(db, own);
    await move.before('compare');
    await compare(move, own, store, present);
  }
  await move.before('remove');
  const began = performance.now();
  if (piece.part === 0) await removeMonth(db, piece.month, own.guard);
  else await removeSupplement(db, own);
  const removeMs = performance.now() - began;
  await move.before('end');
  return { ...(await end(move, own, present)), removeMs };
}

interface Filling extends Move {
  recipients: readonly string[];
  own: Claim;
}

/** Makes the entry of a closed piece, proves it and writes it down. */
async function fill(filling: Filling, row: ArchiveMonthRow): Promise<void> {
  const { db, store, own, server, before } = filling;
  if (row.folder !== null)
    await store.remove(row.folder); // of an attempt that did not hold
  else await store.remove(entryOf(own.piece, row.attempt));
  const folder = entryOf(own.piece, own.attempt);
  rmSync(scratchOf(filling, row.attempt), { recursive: true, force: true }); // of one that was killed
  await using scratch = await openScratch(scratchOf(filling, own.attempt));
  const written = await write(filling, scratch);
  const check = await newIdentity();
  await before('seal');
  const sealed = await sealEntry(filling, scratch, folder, written, check.recipient);
  await before('prove');
  await prove(store, folder, sealed, check.identity);
  await before('record');
  const { manifest, seal } = sealed;
  await advance(db, own, { state: 'sealed', sealed_at: server.now(), folder, manifest, seal });
}

function scratchOf({ scratch }: Filling, attempt: string): string {
  return join(scratch, `vedette-archive-${attempt}`);
}

/** By the attempt too, so that two that move the same never write in the same place. */
function entryOf(piece: Piece, attempt: string): string {
  return `${nameOf(piece)}-${attempt}`;
}

interface Written {
  files: string[];
  manifest: Omit<Manifest, 'files' | 'recipients'>;
  evidence: () => Promise<Readable | undefined>;
}

/** Reads the rows, and writes them as Parquet that holds as many of them, with the same sums, as the database. */
async function write({ server, customer, db, own, before }: Filling, scratch: Scratch): Promise<Written> {
  const { piece } = own;
  await before('read');
  const names = await readNames(db);
  const read =
    piece.part === 0 ? readMonth(db, piece.month, names, scratch) : readSupplement(db, piece, names, scratch);
  const [live] = await allSettled(liveSums(db, piece, names), read);
  await before('write');
  const files = await writeParquet(scratch, names, piece.part === 0);
  const sums = await fileSums(scratch);
  if (!sameSums(sums, live)) {
    throw new ArchiveFault(
      `what was written of ${nameOf(piece)} is not what lies in the database; nothing was removed`,
    );
  }
  await before('pack');
  const { evidence, content } = await packEvidence(scratch, files, evidenceOf(server, customer.id));
  const { month, part } = piece;
  const manifest = {
    ...{ form: 1 as const, customer: { id: customer.id, name: customer.name }, month: month.name, part },
    ...{ madeAt: server.now(), software, schema: customerMigrations.length, sums, evidence },
  };
  return { files, manifest, evidence: content };
}

/** What both give, once neither works any more. */
async function allSettled<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}

interface Sealed {
  /** Of each sealed file what was sealed, and what it became. */
  files: Map<string, { plain: Measured; sealed: Measured }>;
  manifest: string;
  seal: string;
}

async function sealEntry(
  { server, db, store, recipients, own, before }: Filling,
  scratch: Scratch,
  folder: string,
  written: Written,
  checkRecipient: string,
): Promise<Sealed> {
  const draft = await store.begin(folder);
  const files: Sealed['files'] = new Map();
  const add = async (name: string, content: Readable) => {
    const { sealed, plain } = await seal(content, [...recipients, checkRecipient]);
    const { through, measured } = meter(sealed);
    await draft.write(sealedName(name), through);
    files.set(name, { plain: plain(), sealed: measured() });
  };
  for (const name of written.files) await add(name, fileContent(join(scratch.folder, name)));
  const evidence = await written.evidence();
  if (evidence) await add('evidence.tar', evidence);
  const plain = Object.fromEntries([...files].map(([name, file]) => [name, file.plain]));
  const statement: Manifest = { ...written.manifest, files: plain, recipients: [...recipients] };
  const manifest = signedText(server.dataFolder, JSON.stringify(statement));
  await add(manifestFile, Readable.from([Buffer.from(manifest)]));
  const { customer, month, part, madeAt } = written.manifest;
  const outside: Seal = {
    ...{ form: 1, customer: customer.id, month, part, madeAt, before: await sealBefore(db, own.piece) },
    files: Object.fromEntries([...files].map(([name, file]) => [sealedName(name), file.sealed])),
  };
  const sealText = signedText(server.dataFolder, JSON.stringify(outside));
  await draft.write(sealFile, Readable.from([Buffer.from(sealText)]));
  await before('commit');
  await draft.commit();
  return { files, manifest, seal: sealText };
}

/** SHA-256 of the seal of the piece that comes before in the order of months and supplements. */
async function sealBefore(db: CustomerDb, { month, part }: Piece): Promise<string | null> {
  const row = await db<ArchiveMonthRow>('archive_months')
    .whereNotNull('seal')
    .where((earlier) =>
      earlier
        .where('from_at', '<', month.from)
        .orWhere((same) => same.where('from_at', month.from).where('part', '<', part)),
    )
    .orderBy([
      { column: 'from_at', order: 'desc' },
      { column: 'part', order: 'desc' },
    ])
    .first('seal');
  return row?.seal ? createHash('sha256').update(row.seal).digest('hex') : null;
}

/** Reads each file back from the store and opens it with the key that was made for this alone. */
async function prove(store: ArchiveStore, folder: string, { files }: Sealed, identity: string): Promise<void> {
  for (const [name, { plain, sealed }] of files) {
    const content = await store.read(folder, sealedName(name));
    if (!content) throw notAsWritten(name);
    const { through, measured } = meter(content);
    const opened = await measure(await unseal(through, [identity])).catch((cause) => {
      throw notAsWritten(name, cause);
    });
    if (measured().sha256 !== sealed.sha256 || opened.sha256 !== plain.sha256) throw notAsWritten(name);
  }
}

function notAsWritten(name: string, cause?: unknown): ArchiveFault {
  const next = 'see whether the disk of the archive is sound';
  return new ArchiveFault(`${name} read back from the archive is not what was written; nothing was removed: ${next}`, {
    cause,
  });
}

/** Once more before it is removed: the entry is there as it was sealed, and the rows are those it was made of. */
async function compare({ db, server }: Move, own: Claim, store: ArchiveStore, row: ArchiveMonthRow): Promise<void> {
  const manifest = readSigned(row.manifest ?? '', Manifest, server.dataFolder);
  const fault = await faultOf(server, store, row);
  const isSame = manifest && sameSums(manifest.sums, await liveSums(db, own.piece, await readNames(db)));
  if (!fault && isSame) return advance(db, own, { state: 'removing' });
  await advance(db, own, { state: 'closed' });
  throw new ArchiveFault(
    `${nameOf(own.piece)} was not removed, and is written anew with the next turn: ${fault ?? 'its rows changed meanwhile'}`,
  );
}

async function end({ db, server }: Move, own: Claim, row: ArchiveMonthRow): Promise<Omit<Moved, 'removeMs'>> {
  const manifest = readSigned(row.manifest ?? '', Manifest, server.dataFolder);
  const count = (isRun: boolean) =>
    (manifest?.sums.of ?? [])
      .filter(({ transaction }) => (transaction === null) === isRun)
      .reduce((sum, { rows }) => sum + rows, 0);
  const outside = readSigned(row.seal ?? '', Seal, server.dataFolder);
  const bytes = Object.values(outside?.files ?? {}).reduce((sum, file) => sum + file.bytes, 0);
  const moved = {
    ...{ piece: nameOf(own.piece), runs: count(true), results: count(false) },
    ...{ evidence: manifest?.evidence.rows ?? 0, bytes },
  };
  const at = server.now();
  await advance(db, own, { state: 'removed', removed_at: at, verified_at: at, fault: null }, (trx) =>
    audit(trx, {
      ...{ at, actor: { kind: 'server', name: 'archive' }, action: 'month-archived', subject: moved.piece },
      detail: { runs: moved.runs, results: moved.results, evidence: moved.evidence, bytes },
    }),
  );
  return moved;
}

function rowOf(db: CustomerDb, { month, part }: Piece): Promise<ArchiveMonthRow | undefined> {
  return db<ArchiveMonthRow>('archive_months').where({ from_at: month.from, part }).first();
}
