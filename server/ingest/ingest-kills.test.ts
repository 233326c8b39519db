import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildMonitor, buildSentinel } from '../../db/customer/build-customer.ts';
import { customerMigrations } from '../../db/customer/migrations.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { openDatabase } from '../../db/open-database.ts';
import { testDatabase } from '../../db/test-database.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import type { Work } from '../../test/faults/ingest-worker.ts';
import { buildFailedRun, buildRun } from './build-run.ts';
import { ingest } from './ingest.ts';

const now = Date.UTC(2026, 2, 1, 13);
const tables = ['runs', 'transaction_results', 'evidence', 'requested_runs', 'dirty_hours', 'transactions'];

async function buildWorld() {
  const place = await testDatabase();
  const db = (await openDatabase(place.at, customerMigrations)) as CustomerDb;
  const sentinel = await buildSentinel(db);
  const { id: monitorId } = await buildMonitor(db);
  const usage = { cpuUs: 1, peakMemoryBytes: 1 };
  const evidence = [{ kind: 'screenshot' as const, sha256: 'cd'.repeat(32), bytes: 1, mediaType: 'image/webp' }];
  const [first, second] = [newRunId(now), newRunId(now + 1)];
  const runs = [
    buildRun({ monitorId, usage, requestId: monitorId }),
    buildFailedRun({ monitorId, id: first, evidence, retriedBy: second }),
    buildRun({ monitorId, id: second, retryOf: first }),
  ];
  const count = () => Promise.all(tables.map(async (table) => (await db(table)).length));
  return {
    ...{ db, sentinel, runs, count },
    /** How many statements a process made of it; undefined if it was killed before one. */
    async apart(killBefore: number): Promise<number | undefined> {
      const child = fork(join(import.meta.dirname, '../../test/faults/ingest-worker.ts'));
      const told = once(child, 'message');
      child.send({ at: place.at, sentinel, runs, now, killBefore } satisfies Work);
      const [how] = await Promise.race([told, once(child, 'exit')]);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      return child.signalCode === 'SIGKILL' ? undefined : how;
    },
    async [Symbol.asyncDispose]() {
      await db.destroy();
      await place[Symbol.asyncDispose]();
    },
  };
}

test('killed before any of its statements, or between commit and answer, and sent again: every run once', async () => {
  await using whole = await buildWorld();
  const statements = (await whole.apart(0)) ?? 0;
  assert.ok(statements > 10, `${statements} statements`);
  const wanted = await whole.count();
  const every = Array.from({ length: statements + 1 }, (_, i) => i + 1);
  const sampled = [1, 0.4, 0.8].map((share) => Math.ceil(share * statements));
  await Promise.all(
    (process.env.VEDETTE_LONG ? every : [...sampled, statements + 1]).map(async (killBefore) => {
      await using world = await buildWorld();
      assert.equal(await world.apart(killBefore), undefined, `statement ${killBefore}`);
      const isCommitted = killBefore > statements;
      assert.deepEqual(await world.count(), isCommitted ? wanted : tables.map(() => 0), `statement ${killBefore}`);
      const answers = await ingest(world.db, world.sentinel, world.runs, now);
      const status = isCommitted ? 'exists' : 'stored';
      assert.deepEqual(
        answers,
        world.runs.map(({ id }) => ({ id, status })),
      );
      assert.deepEqual(await world.count(), wanted);
    }),
  );
});
