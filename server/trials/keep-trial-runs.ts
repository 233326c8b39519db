import type { TrialEvidenceRow, TrialRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { storable } from '../../db/storable.ts';
import type { Run, RunAnswer } from '../../sentinel/protocol/messages.ts';
import { withKnownFiles } from '../ingest/known-evidence.ts';

/** The run of a trial as it came, and the answer to it. */
interface Told {
  sentinelId: string;
  reading: { read: { run: Run } };
  answer: RunAnswer;
}

/** Keeps what came of trials with them, and nowhere else: each has one run, of the sentinel that was asked. */
export async function keepTrialRuns(db: CustomerDb, all: readonly Told[], now: number): Promise<void> {
  for (const { sentinelId, reading, answer } of all) {
    const { run } = reading.read;
    const text = storable(JSON.stringify(run));
    const trial = await db<TrialRow>('trials')
      .where({ id: run.trialId ?? '', sentinel_id: sentinelId })
      .first('id', 'run');
    Object.assign(answer, verdict(trial, text));
    if (trial?.run !== null) continue;
    await db<TrialRow>('trials').where({ id: trial.id }).update({ run: text, received_at: now });
    const named = evidenceRows(trial.id, run).map((row) => ({ sentinelId, row }));
    for (const row of await withKnownFiles(db, named)) await db('trial_evidence').insert(row);
  }
}

function verdict(trial: Pick<TrialRow, 'run'> | undefined, text: string): Omit<RunAnswer, 'id'> {
  if (!trial) return { status: 'rejected', reason: 'trialId: there is no such trial of this sentinel (any more)' };
  if (trial.run === null) return { status: 'stored' };
  if (trial.run === text) return { status: 'exists' };
  return { status: 'rejected', reason: 'trialId: another run of this trial is stored already' };
}

function evidenceRows(trial_id: string, { evidence }: Run): TrialEvidenceRow[] {
  return evidence.map(({ kind, sha256, bytes, mediaType }, position) => ({
    ...{ trial_id, position, kind, sent_sha256: sha256, stored_sha256: null },
    ...{ media_type: storable(mediaType), bytes, width: null, height: null },
  }));
}
