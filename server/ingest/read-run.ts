import { runKey } from '../../db/customer/run-key.ts';
import { type EvidenceItem, Run } from '../../sentinel/protocol/messages.ts';
import { faults } from '../http/router.ts';
import { canonical, contentHash, deepest } from './content-hash.ts';
import { quickReader } from './quick-reader.ts';

export interface ReadRun {
  run: Run;
  /** The run's id as it lies in the database. */
  key: Buffer;
  /** On the server's clock, as far as the sentinel's offset was known, ms. */
  startedAt: number;
  /** Of the sentinel and all it said of the run: tells a repeat from another run under the same id. */
  contentHash: Buffer;
}

export type Reading = { ok: true; read: ReadRun } | { ok: false; id: string; reason: string };

/** The furthest a Date reaches, ms on either side of 1970. */
const lastInstantMs = 8_640_000_000_000_000;
const quickRun = quickReader(Run);

/** Reads one run of a batch by itself, so that a bad one spoils no other. The reason names the place of each fault. */
export function readRun(raw: unknown, sentinelId: string): Reading {
  const refused = (reason: string): Reading => ({ ok: false, id: idOf(raw), reason: reason.slice(0, 500) });
  const quick = quickRun(raw);
  if (!quick) return refused(faultsOf(raw));
  const run = quick.value;
  const startedAt = run.startedAt + (run.clockOffsetMs ?? 0);
  const unfounded = run.evidence.findIndex((item) => !isFounded(item, run));
  if (unfounded >= 0)
    return refused(`evidence.${unfounded}.transaction: names no transaction that passed, or is no screenshot's`);
  if (Math.abs(startedAt) > lastInstantMs) return refused('clockOffsetMs: leads beyond the calendar');
  // Of what was sent, not of what was understood: a run that is repeated after this server learnt a new field is still
  // the same run. What holds nothing unknown was put in order by reading it.
  const content = quick.isAll ? JSON.stringify(run) : canonical(raw);
  if (content === undefined) return refused(`the whole: is nested more than ${deepest} deep`);
  return { ok: true, read: { run, key: runKey(run.id), startedAt, contentHash: contentHash(sentinelId, content) } };
}

function isFounded({ kind, transaction }: EvidenceItem, { transactions }: Run): boolean {
  if (transaction === undefined) return true;
  return (
    kind === 'screenshot' && transactions.some(({ name, outcome }) => name === transaction && outcome === 'passed')
  );
}

function faultsOf(raw: unknown): string {
  const { error } = Run.safeParse(raw);
  return error ? faults(error) : 'the whole: could not be read';
}

function idOf(raw: unknown): string {
  const id = typeof raw === 'object' && raw !== null && 'id' in raw ? raw.id : undefined;
  return typeof id === 'string' ? id.slice(0, 100) : '';
}
