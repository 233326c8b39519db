import assert from 'node:assert/strict';
import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { insertAll } from '../../db/customer/insert-all.ts';
import type { EvidenceRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { until } from '../../test/faults/until.ts';
import { buildWorld, type World } from '../build-world.ts';
import { buildFailedRun } from '../ingest/build-run.ts';
import { FakeLease } from '../jobs/build-lease.ts';
import { cleanUpJob } from '../jobs/clean-up-job.ts';
import { Outrun, passFence } from '../jobs/fence.ts';
import { RunAnswer } from '../reports/shapes.ts';
import { cleanUp } from './clean-up.ts';
import { evidenceRooms } from './evidence-room.ts';
import { evidenceOf } from './evidence-store.ts';
import { storeEvidence } from './store-evidence.ts';

const hourMs = 3_600_000;
const bytesEach = 10_000;

/** A customer with as many failed runs, an hour apart, each with a trace of its own of 10,000 bytes. */
async function buildKeeping(world: World, name: string, count: number) {
  const { context } = world;
  const customerId = await world.addCustomer(name);
  const sentinel = await world.enrolled(customerId);
  const use = <T>(work: (db: CustomerDb) => Promise<T>) => context.customers.use(customerId, work);
  const { id: monitorId } = await use((db) => buildMonitor(db));
  const report = async (trace: Buffer, startedAt: number) => {
    const sha256 = sha256Hex(trace);
    const evidence = [{ kind: 'trace', sha256, bytes: trace.length, mediaType: 'application/zip' }] as const;
    const run = buildFailedRun({ monitorId, startedAt, evidence: [...evidence] });
    assert.equal((await sentinel.ask('POST', `${apiPrefix}/runs`, { body: run })).status, 200);
    const sent = { body: trace, headers: { 'content-type': 'application/zip' } };
    assert.equal((await sentinel.ask('PUT', `${apiPrefix}/evidence/${sha256}`, sent)).status, 204);
    return run;
  };
  const runs = [];
  for (let i = 0; i < count; i++) runs.push(await report(traceOf(i), context.now() - (count - i) * hourMs));
  const folder = join(context.customers.folder(customerId), 'evidence');
  const files = () => readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const clean = (quotaBytes: number, fence = 1000) =>
    use((db) => {
      const guard = (trx: CustomerDb) => passFence(trx, fence);
      return cleanUp(db, evidenceOf(context, customerId), { now: context.now(), quotaBytes, guard });
    });
  return { customerId, runs, report, folder, files, clean, use };
}

function traceOf(seed: number): Buffer {
  return Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(bytesEach - 4, seed + 1)]);
}

test('beyond the quota the oldest evidence goes, its runs and the audit trail say so, and what is new is taken', async () => {
  await using world = await buildWorld();
  const acme = await buildKeeping(world, 'Acme', 8);
  const neighbour = await buildKeeping(world, 'Other', 3);
  await acme.report(traceOf(0), world.context.now()); // the oldest picture is also that of the newest run
  assert.deepEqual(await acme.clean(8 * bytesEach), { orphans: 0, evidence: 0, bytes: 0 });
  assert.deepEqual(await acme.clean(5 * bytesEach), { orphans: 0, evidence: 4, bytes: 4 * bytesEach });
  assert.deepEqual([acme.files().length, neighbour.files().length], [4, 3]);

  const alice = await world.signedIn('alice', acme.customerId);
  const shown = await Promise.all(
    acme.runs.map(async ({ id }) =>
      RunAnswer.parse((await alice('GET', `/api/v1/customers/${acme.customerId}/runs/${id}`)).json()),
    ),
  );
  assert.deepEqual(
    shown.map((run) => run.evidence.length),
    [1, 0, 0, 0, 0, 1, 1, 1],
  );
  assert.match(String(shown[1]?.evidenceMissing), /^removed on \d{4}-\d\d-\d\d to make room: .* GiB at most/);
  assert.equal(shown[0]?.evidenceMissing, null);
  for (const url of shown.flatMap((run) => run.evidence.map((item) => item.url))) {
    assert.equal((await alice('GET', url)).status, 200);
  }
  const trail = await acme.use((db) => db('audit').where({ action: 'evidence-removed' }));
  assert.deepEqual(JSON.parse(trail[0]?.detail), { files: 4, bytes: 4 * bytesEach, runs: 4 });
  await acme.report(traceOf(1), world.context.now());
  assert.equal(acme.files().length, 5);
});

test('evidence of trials goes by their age among that of runs, also where it alone is too much', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const { customerId, clean, use } = await buildKeeping(world, 'Acme', 2); // two hours old, and one
  const names = [2, 3, 4].map((seed) => sha256Hex(traceOf(seed)));
  for (const seed of [2, 3, 4]) await evidenceOf(context, customerId).put(sha256Hex(traceOf(seed)), traceOf(seed));
  await use(async (db) => {
    const empty = {
      files: '[]',
      sha256: '',
      bundle: '',
      statement: '',
      signature: '',
      settings: '{}',
      asked_by: 'bob',
    };
    for (const [i, sha256] of names.entries()) {
      const asked_at = context.now() - (i === 0 ? 1.5 : 0.1) * hourMs;
      await db('trials').insert({ id: `${i}`, sentinel_id: 's', script: 'a', ...empty, asked_at, until_at: asked_at });
      const file = { kind: 'trace', sent_sha256: sha256, stored_sha256: sha256, media_type: 'a/b', bytes: bytesEach };
      await db('trial_evidence').insert({ trial_id: `${i}`, position: 0, ...file });
    }
  });
  const left = () => use((db) => db('trial_evidence').whereNotNull('stored_sha256').pluck('stored_sha256'));
  assert.equal((await clean(4 * bytesEach)).evidence, 2); // a run's, then the older trial's
  assert.deepEqual((await left()).sort(), names.slice(1).sort());
  assert.equal((await use((db) => db('evidence').whereNotNull('stored_sha256'))).length, 1);
  assert.equal((await clean(bytesEach)).evidence, 3);
  assert.deepEqual(await left(), []);
});

test('names whose files are missing on the disk do not keep the quota from being kept', async () => {
  await using world = await buildWorld();
  const acme = await buildKeeping(world, 'Acme', 3);
  await acme.use(async (db) => {
    const [known] = await db<EvidenceRow>('evidence').limit(1);
    const missing = Array.from({ length: 1001 }, (_, i) => {
      const sha256 = sha256Hex(Buffer.from(`missing ${i}`));
      return { ...known, run_id: Buffer.alloc(16), position: i, sent_sha256: sha256, stored_sha256: sha256 };
    });
    await insertAll(db, 'evidence', missing);
  });
  assert.deepEqual(await acme.clean(2 * bytesEach), { orphans: 0, evidence: 2, bytes: 2 * bytesEach });
  assert.equal(acme.files().length, 1);
  const named = await acme.use((db) => db('evidence').whereNotNull('stored_sha256'));
  assert.equal(named.length, 1002, 'a file that is away may come back');
});

test('a file that clean-up removes while another sentinel sends it is there for that sentinel', async () => {
  await using world = await buildWorld();
  const { context } = world;
  const { customerId, report, clean, use } = await buildKeeping(world, 'Acme', 0);
  const content = traceOf(1);
  const run = await report(content, context.now());
  const neighbour = await world.enrolled(customerId);
  const theirs = { ...run, id: buildFailedRun({ monitorId: run.monitorId, startedAt: run.startedAt }).id };
  assert.equal((await neighbour.ask('POST', `${apiPrefix}/runs`, { body: theirs })).status, 200);
  let looks = 0;
  const cleanedBetween = async <T>(work: (db: CustomerDb) => Promise<T>) => {
    if (++looks === 2) assert.equal((await clean(0)).evidence, 1);
    return use(work);
  };
  const sha256 = sha256Hex(content);
  await storeEvidence(cleanedBetween, evidenceRooms(context)(customerId), {
    customerId,
    sentinelId: neighbour.id,
    sha256,
    content,
  });
  const stored = await use((db) => db<EvidenceRow>('evidence').pluck('stored_sha256'));
  assert.deepEqual(stored, [sha256, sha256]);
  assert.ok(await evidenceOf(context, customerId).get(sha256));
});

test('files that no row names and those that a crash left half written go after an hour, and none before', async () => {
  await using world = await buildWorld();
  const { folder, files, clean } = await buildKeeping(world, 'Acme', 2);
  const place = join(folder, files()[0]?.parentPath.slice(-2) ?? '');
  const prefix = place.slice(-2);
  const [old, young] = [`${prefix}${'0'.repeat(62)}`, `${prefix}${'1'.repeat(62)}`];
  for (const name of [old, `${old}.0123456789ab.tmp`, young, `${young}.0123456789ab.tmp`, 'notes.txt']) {
    writeFileSync(join(place, name), 'x');
    if (name !== young && !name.startsWith(`${young}.`)) utimesSync(join(place, name), 0, 0);
  }
  assert.deepEqual(await clean(2 ** 30), { orphans: 2, evidence: 0, bytes: 2 });
  assert.deepEqual(files().length, 5); // both traces, what is young, and what is not ours
  assert.deepEqual(await clean(2 ** 30), { orphans: 0, evidence: 0, bytes: 0 });
});

test('who was halted for longer than its lease removes no evidence', async () => {
  await using world = await buildWorld();
  const { files, clean, use } = await buildKeeping(world, 'Acme', 3);
  await use((db) => passFence(db, 1001));
  await assert.rejects(clean(bytesEach), Outrun);
  assert.equal(files().length, 3);
});

test('the job does it for every customer, and one whose database is damaged holds up no other', async () => {
  await using world = await buildWorld();
  const [damaged, acme] = [await buildKeeping(world, 'Aardvark', 1), await buildKeeping(world, 'Brandt', 3)];
  await damaged.use((db) => db.schema.dropTable('evidence'));
  const job = cleanUpJob({ ...world.context, evidenceBytes: bytesEach }, new FakeLease(1000), { allMs: 50 });
  await until('the oldest are gone', () => acme.files().length === 0);
  await job.stop();
});
