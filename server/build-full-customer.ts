import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { buildMonitor } from '../db/customer/build-customer.ts';
import { customerMigrations } from '../db/customer/migrations.ts';
import { monthOf } from '../db/customer/months.ts';
import type { ArchiveMonthRow, EvidenceRow, FailureGroupRow } from '../db/customer/rows.ts';
import type { CustomerId } from '../db/customers.ts';
import { openDatabase } from '../db/open-database.ts';
import { apiPrefix } from '../sentinel/protocol/messages.ts';
import { sha256Hex } from '../sentinel/protocol/statement.ts';
import { lookAtLink } from './accounts/links.ts';
import { addToken } from './accounts/tokens.ts';
import { inviteUser } from './accounts/users.ts';
import { makeWaitingKey } from './archive/keys.ts';
import { publish } from './assignments/publish.ts';
import { commandLine } from './audit/audit.ts';
import type { EnrolledSentinel, World } from './build-world.ts';
import { addEnrolmentCode, enrolmentCodeId } from './enrolment/codes.ts';
import { buildFailedRun } from './ingest/build-run.ts';
import { addMaintenance } from './reports/maintenance.ts';
import { tryDraft } from './trials/try-draft.ts';

/** Ids by the names that they have in addresses. */
export type Ids = Record<string, string> & { customerId: CustomerId };

export interface FullCustomer {
  ids: Ids;
  sentinel: EnrolledSentinel;
  /** Another thing of that kind, for a question that takes it away. */
  another: Record<string, () => Promise<string>>;
}

/** For tests: a customer with one of everything, each with `mark` in what can be read of it. */
export async function buildFullCustomer(world: World, name: string, mark: string): Promise<FullCustomer> {
  const { context } = world;
  const customerId = await world.addCustomer(name);
  const { customers } = context;
  const another = {
    sentinelId: async () => (await world.enrolled(customerId, `${mark} location`)).id,
    codeId: async () => enrolmentCodeId(await addEnrolmentCode(context, customerId, { location: `${mark} pool` })),
    tokenId: async () => {
      const wish = { name: `${mark} token`, scope: ['read' as const], lifeMs: 3_600_000 };
      return (await addToken(context, customerId, wish, commandLine)).token.id;
    },
    userId: async () => {
      const link = await inviteUser(
        context,
        { name: `${mark} ${randomUUID()}`, role: 'viewer', customerId },
        commandLine,
      );
      const { user } = await lookAtLink(context, link.path.replace('/password#', ''));
      return user.id;
    },
    maintenanceId: () =>
      customers.use(customerId, (db) => {
        const wish = { from: context.now(), to: context.now() + 1000, reason: `${mark} upgrade` };
        return addMaintenance(db, wish, commandLine, context.now());
      }),
    recipient: () => makeWaitingKey(context, { id: customerId, name }, `${mark} safe`, commandLine),
    month: () => restoredMonth(world, customerId),
  };
  const sentinel = await world.enrolled(customerId, `${mark} site`);
  const monitor = await customers.use(customerId, (db) => buildMonitor(db, { name: `${mark} shop` }));
  const run = await report(world, sentinel, monitor.id, mark);
  const groupId = await failureGroup(world, customerId, monitor.id, mark);
  const script = {
    name: `${mark}.spec.ts`,
    source: `import { test } from '@playwright/test';\ntest('${mark}', () => {});`,
  };
  await publish(context, customerId, { script, author: mark });
  const ids: Ids = { customerId, monitorId: monitor.id, ...run, sentinelId: sentinel.id, groupId };
  const draft = { path: script.name, files: { [script.name]: script.source }, hosts: [], sentinelId: sentinel.id };
  ids.trialId = (await tryDraft(context, customerId, draft, { kind: 'user', id: randomUUID(), name: mark })) ?? '';
  Object.assign(ids, { script: script.name, version: '1', owner: 'shop' });
  for (const [id, make] of Object.entries(another)) ids[id] ??= await make();
  ids.piece = ids.month ?? '';
  return { ids, sentinel, another };
}

let lastMonth = 0;

/** A month that was brought back from the archive, with nothing in it; the archive has a manifest of it. */
async function restoredMonth({ context }: World, id: CustomerId): Promise<string> {
  const month = monthOf(Date.UTC(2001, 0), ++lastMonth);
  const folder = join(context.customers.folder(id), 'restored');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${month.name}.until-${context.now() + 86_400_000}.sqlite`);
  await (await openDatabase(file, customerMigrations)).destroy();
  const row: ArchiveMonthRow = {
    ...{ from_at: month.from, part: 0, state: 'removed', attempt: 'made', folder: null, manifest: '{}', seal: null },
    ...{ closed_at: 0, sealed_at: 0, removed_at: 0, verified_at: null, fault: null },
  };
  await context.customers.use(id, (db) => db('archive_months').insert(row));
  return month.name;
}

let lastGroup = 0;

/** A kind of failure whose number no other customer has, though each counts its own from 1. */
async function failureGroup({ context }: World, customerId: CustomerId, monitor_id: string, mark: string) {
  lastGroup += 1000;
  const message = `${mark} was not there`;
  const row: FailureGroupRow = {
    ...{ id: lastGroup, monitor_id, transaction_id: 0, code: 'ASSERTION', message },
    signature: Buffer.alloc(32, mark),
  };
  await context.customers.use(customerId, (db) => db('failure_groups').insert(row));
  return String(lastGroup);
}

/** A failed run with what the page showed as evidence. */
async function report({ context }: World, sentinel: EnrolledSentinel, monitorId: string, mark: string) {
  const seen = Buffer.from(`- heading "${mark} heading"`);
  const sha256 = sha256Hex(seen);
  const file = { kind: 'aria', sha256, bytes: seen.length, mediaType: 'text/yaml' } as const;
  const error = { code: 'ASSERTION', message: `${mark} was not there` } as const;
  const run = buildFailedRun({ monitorId, startedAt: context.now() - 60_000, error, evidence: [file] });
  await sentinel.ask('POST', `${apiPrefix}/runs`, { body: run });
  const headers = { 'content-type': 'text/yaml' };
  await sentinel.ask('PUT', `${apiPrefix}/evidence/${sha256}`, { body: seen, headers });
  const row = await context.customers.use(sentinel.customerId, (db) => db<EvidenceRow>('evidence').first());
  return { runId: run.id, sha256: row?.stored_sha256 ?? 'not stored' };
}
