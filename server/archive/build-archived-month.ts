import { setTimeout as sleep } from 'node:timers/promises';
import { buildSentinel } from '../../db/customer/build-customer.ts';
import { type Month, monthOf } from '../../db/customer/months.ts';
import type { ArchiveMonthRow, EvidenceRow } from '../../db/customer/rows.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow } from '../../db/registry/rows.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { commandLine } from '../audit/audit.ts';
import { evidenceOf } from '../evidence/evidence-store.ts';
import type { ServerContext } from '../http/context.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { makeArchiveKey } from './keys.ts';
import { runArchive } from './run-archive.ts';

export const archivedEvidence = Buffer.from('- heading "Out of order"');

export interface ArchivedMonth {
  month: Month;
  /** It failed, and its evidence is in the archive. */
  failedRunId: string;
  /** Opens it. */
  identity: string;
}

/** For tests: a month of a monitor that has gone into the customer's archive: ten runs, one of which failed. */
export async function buildArchivedMonth(
  server: ServerContext,
  id: CustomerId,
  monitorId: string,
): Promise<ArchivedMonth> {
  const month = monthOf(server.now(), -20);
  // Months are looked for from 60 days before a customer was added.
  const created_at = month.from + 61 * 86_400_000;
  await server.registry<CustomerRow>('customers').where({ id }).update({ created_at });
  const customer = { id, name: 'Aurora' };
  const { identity } = await makeArchiveKey(
    server,
    customer,
    { name: 'safe in Utrecht', keepCopy: false },
    commandLine,
  );
  const sha256 = sha256Hex(archivedEvidence);
  const evidence = [{ kind: 'aria' as const, sha256, bytes: archivedEvidence.length, mediaType: 'text/yaml' }];
  const times = Array.from({ length: 9 }, (_, i) => month.from + (i + 1) * 3_600_000);
  const failed = buildFailedRun({ monitorId, startedAt: month.from + 5000, evidence });
  await evidenceOf(server, id).put(sha256, archivedEvidence);
  await server.customers.use(id, async (db) => {
    const location_id = crypto.randomUUID();
    await db('locations').insert({ id: location_id, name: 'Delft' });
    const sentinel = await buildSentinel(db, { name: 'desk-9', location_id, enrolled_at: month.from });
    const old = times.map((startedAt) => buildRun({ monitorId, startedAt }));
    await ingest(db, sentinel, [failed, ...old], month.from + 86_400_000);
    await ingest(db, sentinel, [buildRun({ monitorId, startedAt: server.now() - 60_000 })], server.now());
    await db<EvidenceRow>('evidence').where({ sent_sha256: sha256 }).update({ stored_sha256: sha256 });
    await rollUpDirty(db);
  });
  const moved = () =>
    server.customers.use(id, (db) => db<ArchiveMonthRow>('archive_months').where({ state: 'removed' }).first());
  // The server's own job may be at it just now: of two that move the same one is taken over.
  for (let tries = 0; !(await moved()) && tries < 300; tries++) {
    await runArchive(server, id, { oneMonth: true }).catch(() => sleep(200));
  }
  return { month, failedRunId: failed.id, identity };
}
