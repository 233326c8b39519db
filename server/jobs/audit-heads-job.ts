import type { CustomerRow } from '../../db/registry/rows.ts';
import { erasedSince, providerTrail, writeHeads } from '../audit/heads.ts';
import { headAt, headOf } from '../audit/trail.ts';
import type { Head } from '../audit/verify.ts';
import type { ServerContext } from '../http/context.ts';
import type { JobsLease } from './lease.ts';
import { forEachCustomer, type Job, leasedJob, type Turn } from './leased-job.ts';

const everyMs = 3_600_000;
const failed = 'the head of an audit trail could not be read or written down';

/** What this process signed last, and the last file it wrote. */
interface Signed {
  heads: Map<string, Head>;
  file?: string;
}

/**
 * Signs the last entry of every audit trail and writes it to a folder outside the databases: when the lease is got, and
 * once an hour while it is held. What was signed is looked for again the next time, so that a trail that was cut or
 * written anew meanwhile is told of in the log within the hour, without anybody asking.
 */
export function auditHeadsJob(server: ServerContext, lease: JobsLease): Job {
  const signed: Signed = { heads: new Map() };
  const terms = { everyMs, whenGained: true, failed };
  return leasedJob(server, lease, terms, (turn) => signAll(server, signed, turn));
}

async function signAll(server: ServerContext, signed: Signed, turn: Turn): Promise<void> {
  const { registry, customers, log, now, auditHeads: folder, dataFolder } = server;
  const place = { folder, dataFolder };
  const forgetErased = () => {
    if (signed.file !== undefined) for (const id of erasedSince(place, signed.file)) signed.heads.delete(id);
  };
  forgetErased();
  const heads: Record<string, Head> = {};
  const look = async (trail: string, db: Parameters<typeof headOf>[0]) => {
    const head = await newHead(server, trail, signed.heads.get(trail), db);
    if (head) heads[trail] = head;
  };
  await look(providerTrail, registry);
  const ids = await registry<CustomerRow>('customers').pluck('id');
  const isDone = await forEachCustomer(turn, ids, (id) => customers.use(id, (db) => look(id, db)));
  if (!isDone) return;
  // Who was erased meanwhile has no trail whose head could be signed.
  const present = new Set<string>(await registry<CustomerRow>('customers').pluck('id'));
  for (const trail of Object.keys(heads)) if (trail !== providerTrail && !present.has(trail)) delete heads[trail];
  const { file, sha256 } = writeHeads(place, heads, now());
  forgetErased(); // whose erasure came before this file, which is all that the next turn looks behind
  signed.file = file;
  for (const [trail, head] of Object.entries(heads)) signed.heads.set(trail, head);
  log.info({ file, sha256, trails: Object.keys(heads).length, provider: heads[providerTrail] }, 'audit heads signed');
}

/** The trail's head if it is another than was signed, which must still be there. */
async function newHead(
  { log }: ServerContext,
  trail: string,
  signed: Head | undefined,
  db: Parameters<typeof headOf>[0],
): Promise<Head | undefined> {
  if (signed && (await headAt(db, signed.id))?.hash !== signed.hash) {
    const next = 'see vedette-server audit verify';
    log.error({ trail, entry: signed.id }, `an audit trail was cut or written anew: ${next}`);
  }
  const head = await headOf(db);
  return head && (head.id !== signed?.id || head.hash !== signed.hash) ? head : undefined;
}
