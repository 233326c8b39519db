import type { EvidenceRow, PassedPictureRow, TrialEvidenceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { HttpProblem } from '../http/problem.ts';
import { keptAsItIs } from './as-it-is.ts';
import { type EvidenceStore, namingTables } from './evidence-store.ts';
import { PictureRefused, redraw } from './picture.ts';

/** A file that a sentinel sent under the hash that its run names. */
export interface Sent {
  customerId: string;
  sentinelId: string;
  sha256: string;
  content: Buffer;
}

type Stored = Pick<EvidenceRow, 'stored_sha256' | 'media_type' | 'bytes' | 'width' | 'height'>;

/**
 * Takes a file that a stored run of this sentinel names, a picture redrawn; a repeat is harmless. Problems: 404
 * `EVIDENCE_UNKNOWN` (the run may still come, keep the file) and 422 `EVIDENCE_REFUSED` (it will never be taken); as `redraw`.
 */
export async function storeEvidence(db: CustomerDb, store: EvidenceStore, sent: Sent): Promise<void> {
  const rows = await rowsNaming(db, sent.sha256);
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
    const known = rows.find((row) => row.kind === kind && row.stored_sha256 !== null);
    const { stored_sha256, media_type, bytes, width, height } = known ?? (await keep(store, kind, sent));
    for (const table of namingTables)
      await db<EvidenceRow>(table)
        .where({ sent_sha256: sent.sha256, kind })
        .update({ stored_sha256, media_type, bytes, width, height });
  }
}

type Naming = Stored & { kind: string; sentinel_id: string };

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

async function keep(store: EvidenceStore, kind: string, { content, customerId }: Sent): Promise<Stored> {
  if (kind === 'screenshot') return keepPicture(store, content, customerId);
  const form = keptAsItIs[kind];
  if (!form) throw refused(`this server does not keep evidence of the kind "${kind}"`);
  if (content.length > form.maxBytes || !form.fits(content)) throw refused(`it is not ${form.wanted}`);
  const stored_sha256 = sha256Hex(content);
  await store.put(stored_sha256, content);
  return { stored_sha256, media_type: form.mediaType, bytes: content.length, width: null, height: null };
}

async function keepPicture(store: EvidenceStore, content: Buffer, owner: string): Promise<Stored> {
  try {
    const picture = await redraw(content, owner);
    const stored_sha256 = sha256Hex(picture.content);
    await store.put(stored_sha256, picture.content);
    const { width, height } = picture;
    return { stored_sha256, media_type: 'image/webp', bytes: picture.content.length, width, height };
  } catch (error) {
    if (error instanceof PictureRefused) throw refused(error.message);
    throw error;
  }
}

function refused(why: string): HttpProblem {
  return new HttpProblem(422, 'EVIDENCE_REFUSED', `the file is not taken: ${why}`);
}
