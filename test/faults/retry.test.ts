import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { runIdOf } from '../../db/customer/run-key.ts';
import { buildInstallation } from './installation.ts';
import { Reporter } from './reporter.ts';
import { until } from './until.ts';

interface Attempt {
  id: string;
  outcome: string;
  retryOf: string | undefined;
  retriedBy: string | undefined;
}

/** The failed runs that the server has, oldest first. */
function failures(database: string): Attempt[] {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 10_000 });
  const key = (value: unknown) => (value instanceof Uint8Array ? runIdOf(value) : undefined);
  return db
    .prepare("SELECT id, outcome, retry_of, retried_by FROM runs WHERE outcome = 'failed' ORDER BY id")
    .all()
    .map(({ id, outcome, retry_of, retried_by }) => ({
      id: key(id) ?? '',
      outcome: String(outcome),
      retryOf: key(retry_of),
      retriedBy: key(retried_by),
    }));
}

test('a sentinel killed during a confirming retry loses nothing of the first run; the next failure has both its runs', async () => {
  await using site = await buildInstallation({ policy: { confirmFailures: true, testTimeoutMs: 3000 } });
  const server = await site.startServer();
  const home = await site.enrolSentinel('desk');
  // Not a time-out, which on a device as busy as one that runs tests may be laid at its own door.
  const answer = (kind: 'hang' | 'http500') => site.shop.set({ faults: [{ page: 'home', kind, everyNth: 1 }] });
  const asked = () => site.shop.truth().pages.home?.asked ?? 0;

  answer('http500');
  const killed = await site.startSentinel(home);
  await until('the first run has its answer', () => asked() >= 1);
  answer('hang');
  await until('the retry has begun', () => {
    killed.mustRun();
    return asked() >= 2;
  });
  await killed.kill();
  {
    await using rest = new Reporter(home);
    await rest.drain();
  }
  const [first, ...others] = failures(site.database);
  assert.ok(first?.retriedBy, 'the first run is there, and names the run that never came');
  assert.deepEqual(others, []);

  answer('http500');
  const sentinel = await site.startSentinel(home);
  await until('a failure and its confirmation are there', () => {
    sentinel.mustRun();
    return failures(site.database).length >= 3;
  });
  const [, second, retry] = failures(site.database);
  assert.equal(second?.retriedBy, retry?.id);
  assert.equal(retry?.retryOf, second?.id);
  await sentinel.stop();
  await server.stop();
});
