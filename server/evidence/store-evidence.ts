import { atomically } from '../../db/atomically.ts';
import type { EvidenceRow, PassedPictureRow, TrialEvidenceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { HttpProblem } from '../http/problem.ts';
import { turnstile } from '../http/turnstile.ts';
import { keptAsItIs } from './as-it-is.ts';
import type { RoomyStore } from './evidence-room.ts';
import { namingTables } from './evidence-store.ts';
import { PictureRefused, redraw } from './picture.ts';

/** A file that a sentinel sent under the hash that its run names. */
export interface Sent {
  customerId: string;
  sentinelId: string;
  sha256: string;
  content: Buffer;
}

type Stored = Pick<EvidenceRow, 'media_type' | 'bytes' | 'width' | 'height'> & { stored_sha256: string };

interface Made {
  stored: Stored;
  content: Buffer;
}

/** The largest picture takes some 160 MB while it is drawn. */
const oneOfFew = turnstile({ atOnce: 2, waiting: 50 });

/** Lends the customer's database, which nobody keeps while a picture waits to be drawn. */
type Use = <T>(work: (db: CustomerDb) => Promise<T>) => Promise<T>;

/**
 * Takes a file that a stored run of this sentinel names, a picture redrawn; a repeat is harmless. Problems: 404
 * `EVIDENCE_UNKNOWN` (the run may still come, keep the file) and 422 `EVIDENCE_REFUSED` (it will never be taken); as `redraw` and
 * `RoomyStore`.
 */
export async function storeEvidence(use: Use, store: RoomyStore, sent: Sent): Promise<void> {
  const rows = await use((db) => rowsNaming(db, sent.sha256));
  const own = rows.filter((row) => row.sentinel_id === sent.sentinelId);
  if (own.length === 0) {
    throw new HttpProblem(
      404,
      'EVIDENCE_UNKNOWN',
      'no stored run of this sentinel names this file; send the run first',
    );
  }
  if (own.every((row) => row.stored_sha256 !== null)) return;
  if (sha256Hex(sent.content) !== sent.sha256) throw refused('its content does not have the hash in the address');
  for (const kind of new Set(own.map((row) => row.kind))) {
    const known = rows.find((row): row is Naming & Stored => row.kind === kind && row.stored_sha256 !== null);
    if (known && (await use((db) => shareKnown(db, sent.sha256, kind, known)))) continue;
    await store.check();
    const { content, stored } = await make(kind, sent);
    await use(async (db) => {
      // Not before: a customer that was erased meanwhile is to leave no file.
      await store.put(stored.stored_sha256, content);
      await nameStored(db, sent.sha256, kind, stored);
    });
  }
}

/** False if clean-up took the file's last name away meanwhile, and so the file too. */
function shareKnown(db: CustomerDb, sent_sha256: string, kind: string, known: Stored): Promise<boolean> {
  return atomically(db, async (trx) => {
    const { stored_sha256 } = known;
    const still = await Promise.all(namingTables.map((table) => trx(table).where({ stored_sha256 }).first('kind')));
    if (still.every((row) => row === undefined)) return false;
    await nameStored(trx, sent_sha256, kind, known);
    return true;
  });
}

async function nameStored(db: CustomerDb, sent_sha256: string, kind: string, stored: Stored): Promise<void> {
  const { stored_sha256, media_type, bytes, width, height } = stored;
  for (const table of namingTables)
    await db<EvidenceRow>(table)
      .where({ sent_sha256, kind })
      .update({ stored_sha256, media_type, bytes, width, height });
}

type Naming = Omit<Stored, 'stored_sha256'> & { stored_sha256: string | null; kind: string; sentinel_id: string };

async function rowsNaming(db: CustomerDb, sent_sha256: string): Promise<Naming[]> {
  const ofRuns: Naming[] = await db<EvidenceRow>('evidence')
    .join('runs', 'runs.id', 'evidence.run_id')
    .where({ sent_sha256 })
    .select('evidence.*', 'runs.sentinel_id');
  const ofTrials: Naming[] = await db<TrialEvidenceRow>('trial_evidence')
    .join('trials', 'trials.id', 'trial_evidence.trial_id')
    .where({ sent_sha256 })
    .select('trial_evidence.*', 'trials.sentinel_id');
  const ofPassed: Naming[] = await db<PassedPictureRow>('passed_pictures').where({ sent_sha256 });
  return [...ofRuns, ...ofTrials, ...ofPassed];
}

async function make(kind: string, { content, customerId }: Sent): Promise<Made> {
  if (kind === 'screenshot') return makePicture(content, customerId);
  const form = keptAsItIs[kind];
  if (!form) throw refused(`this server does not keep evidence of the kind "${kind}"`);
  if (content.length > form.maxBytes || !form.fits(content)) throw refused(`it is not ${form.wanted}`);
  const size = { bytes: content.length, width: null, height: null };
  return { content, stored: { stored_sha256: sha256Hex(content), media_type: form.mediaType, ...size } };
}

async function makePicture(sent: Buffer, owner: string): Promise<Made> {
  try {
    const { content, width, height } = await oneOfFew(() => redraw(sent, owner));
    const size = { bytes: content.length, width, height };
    return { content, stored: { stored_sha256: sha256Hex(content), media_type: 'image/webp', ...size } };
  } catch (error) {
    if (error instanceof PictureRefused) throw refused(error.message);
    throw error;
  }
}

function refused(why: string): HttpProblem {
  return new HttpProblem(422, 'EVIDENCE_REFUSED', `the file is not taken: ${why}`);
}
