import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { monthOf } from '../../db/customer/months.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { ArchiveKeyRow, ArchiveRestoreRow } from '../../db/registry/rows.ts';
import { until } from '../../test/faults/until.ts';
import { commandLine } from '../audit/audit.ts';
import { type Ask, buildWorld, type World } from '../build-world.ts';
import { RunAnswer, RunsAnswer } from '../reports/shapes.ts';
import { newIdentity, recipientOf } from './age.ts';
import { type ArchivedMonth, archivedEvidence, buildArchivedMonth } from './build-archived-month.ts';
import { keptIdentities, makeWaitingKey, recipientsOf } from './keys.ts';
import { ArchiveAnswer, IdentityAnswer, RestoredAnswer } from './shapes.ts';

/* The archive as the page and its administrators meet it: one world, whose job brings months back. */

let world: World;
let folder: string;
let id: CustomerId;
let monitorId: string;
let archived: ArchivedMonth;
let alice: Ask;
let bob: Ask;
let at: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-archive-page-'));
  world = await buildWorld({ settings: { archiveFolder: folder } });
  id = await world.addCustomer('Aurora');
  const values = { name: 'Web shop', created_at: world.context.now() };
  monitorId = await world.context.customers.use(id, async (db) => (await buildMonitor(db, values)).id);
  archived = await buildArchivedMonth(world.context, id, monitorId);
  alice = await world.signedIn('alice', id, 'admin');
  bob = await world.signedIn('bob', id, 'viewer');
  at = `/api/v1/customers/${id}`;
});
after(async () => {
  await world[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const page = async () => ArchiveAnswer.parse((await bob('GET', `${at}/archive`)).json());
const shown = async () => (await page()).months.find(({ month }) => month === archived.month.name);

test('months are told with where they are, what they hold and when they go', async () => {
  const { months, next, hasStore, settings, drill } = await page();
  const now = world.context.now();
  assert.deepEqual([hasStore, settings, drill], [true, { monthsLive: 18, hourMonths: 6, eraseMonths: null }, null]);
  const states = months.map(({ month, state }) => [month, state]);
  assert.deepEqual(states.at(-1), [archived.month.name, 'archived']);
  assert.deepEqual(
    months.at(-1)?.pieces.map(({ runs, results, evidence }) => [runs, results, evidence]),
    [[10, 20, 1]],
  );
  assert.equal(states.at(-2)?.[1], 'due', 'the next month has no runs, and is old enough');
  assert.deepEqual(states[0], [monthOf(now).name, 'live']);
  assert.deepEqual(next, { month: monthOf(now, -18).name, at: monthOf(now, 1).from });
  const manifest = await bob('GET', `${at}/archive/pieces/${archived.month.name}/manifest`);
  assert.equal(JSON.parse(JSON.parse(manifest.text).statement).month, archived.month.name);
});

test('a key waits sealed until an administrator of the customer keeps it; then nothing here opens it', async () => {
  const { context } = world;
  const recipient = await makeWaitingKey(context, { id, name: 'Aurora' }, 'Made with the customer', commandLine);
  const place = `${at}/archive/keys/${recipient}`;
  assert.equal((await bob('POST', `${place}/identity`)).status, 403);
  const { identity } = IdentityAnswer.parse((await alice('POST', `${place}/identity`)).json());
  assert.equal(await recipientOf(identity), recipient);
  assert.deepEqual(await keptIdentities(context, id), [], 'what waits is not used');
  const stored = async () => JSON.stringify(await context.registry<ArchiveKeyRow>('archive_keys'));
  assert.ok(!(await stored()).includes(identity));
  assert.ok((await page()).keys.some((key) => key.recipient === recipient && key.waits));
  assert.equal((await alice('POST', `${place}/keeping`, { body: { keepCopy: false } })).status, 204);
  const row = await context.registry<ArchiveKeyRow>('archive_keys').where({ recipient }).first();
  assert.deepEqual([row?.waiting, row?.identity], [null, null]);
  assert.equal((await alice('POST', `${place}/identity`)).status, 400);
  assert.equal((await alice('DELETE', place)).status, 204);
  assert.ok(!(await recipientsOf(context, id)).includes(recipient));
});

test('a month is brought back by the job with its evidence, is marked so, and can be given back', async () => {
  const place = `${at}/archive/restored/${archived.month.name}`;
  const { identity: other } = await newIdentity();
  assert.match((await alice('PUT', place, { body: { identity: other } })).text, /sealed to other keys/);
  assert.match((await alice('PUT', place, { body: {} })).text, /no copy of a key is kept here/);
  assert.equal((await bob('GET', `${at}/runs/${archived.failedRunId}`)).status, 404);
  assert.equal((await alice('PUT', place, { body: { identity: archived.identity, days: 2 } })).status, 204);
  const wish = await world.context.registry<ArchiveRestoreRow>('archive_restores').first();
  assert.ok(!wish?.identity?.includes(archived.identity), 'it is sealed');
  await until('it is there', async () => (await shown())?.restore?.state === 'restored', { limitMs: 60_000 });
  const wishes = world.context.registry<ArchiveRestoreRow>('archive_restores');
  await until('nothing is kept of the wish', async () => (await wishes.clone().first()) === undefined);
  const { monitors } = RestoredAnswer.parse((await bob('GET', place)).json());
  assert.deepEqual(monitors, [{ id: monitorId, name: 'Web shop', runs: 10, failed: 1 }]);
  const list = RunsAnswer.parse((await bob('GET', `${place}/monitors/${monitorId}/runs`)).json());
  assert.deepEqual([list.runs.length, list.runs.at(-1)?.id], [10, archived.failedRunId]);
  const run = RunAnswer.parse((await bob('GET', `${at}/runs/${archived.failedRunId}`)).json());
  assert.equal(run.restored?.month, archived.month.name);
  const seen = await bob('GET', run.evidence[0]?.url ?? '');
  assert.equal(seen.text, archivedEvidence.toString());
  assert.equal((await alice('DELETE', place)).status, 204);
  assert.equal((await bob('GET', run.evidence[0]?.url ?? '')).status, 404);
  assert.equal((await shown())?.restore, null);
  assert.equal((await alice('DELETE', place)).status, 404);
});

test('a month that can’t be brought back says why, and what was given to open it is gone', async () => {
  const { context } = world;
  await context.customers.use(id, (db) => db('archive_months').where({ part: 0 }).update({ folder: 'elsewhere' }));
  const place = `${at}/archive/restored/${archived.month.name}`;
  assert.equal((await alice('PUT', place, { body: { identity: archived.identity } })).status, 204);
  await until('it has failed', async () => (await shown())?.restore?.state === 'failed', { limitMs: 60_000 });
  const row = await context.registry<ArchiveRestoreRow>('archive_restores').first();
  assert.equal(row?.identity, null);
  assert.match(row?.fault ?? '', /is not in the archive/);
});
