import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildRun } from '../../sentinel/build-run.ts';
import { FakeRunner } from '../../sentinel/build-runner.ts';
import { enrol } from '../../sentinel/enrol.ts';
import { runSentinel } from '../../sentinel/main.ts';
import { writeSettings } from '../../sentinel/settings/settings.ts';
import { status } from '../../sentinel/status.ts';
import { buildAuthorWorld } from '../../server/build-world.ts';
import { addEnrolmentCode } from '../../server/enrolment/codes.ts';
import type { SentinelsAnswer } from '../../server/enrolment/shapes.ts';
import type { MonitorsAnswer, RunAnswer, RunsAnswer } from '../../server/reports/shapes.ts';
import { until } from '../faults/until.ts';

/*
 * The longest names and many monitors, all the way: deployed, handed out, fetched, run (by no real browser), kept in the
 * spool, sent, stored, and shown.
 */

const count = 105;
const nameOf = (i: number) => `${i} ${'⚙'.repeat(190)}`;
const sources = [1, 2, 3].map((n) => {
  const path = `${String(n).repeat(100)}.spec.ts`;
  const text = `import { test } from '@playwright/test';\ntest('${n}', async ({ page }) => { await page.goto('https://shop.example/'); });`;
  return { path, files: { [path]: text } };
});
const transactions = Array.from({ length: 5 }, (_, i) => ({
  ...{ name: `${i} ${'ü'.repeat(480)}`, outcome: 'passed' as const },
  ...{ startUs: i, durationUs: 800_000, responseUs: 300_000 },
}));

test('over a hundred monitors with the longest names run at one sentinel, and all of it arrives', async (t) => {
  const { world, customerId, alice, at } = await buildAuthorWorld();
  t.after(() => world[Symbol.asyncDispose]());
  const home = mkdtempSync(join(tmpdir(), 'vedette-many-'));
  t.after(() => rmSync(home, { recursive: true, force: true, maxRetries: 5 }));
  const monitors = Array.from({ length: count }, (_, i) => ({
    ...{ name: nameOf(i), script: sources[i % 3]?.path, everyMs: 86_400_000 },
  }));
  const deployed = await alice('PUT', `${at}/deployments/many`, { body: { scripts: sources, monitors } });
  assert.equal(deployed.status, 200, deployed.text.slice(0, 500));
  const { context, server } = world;
  const now = { run_now_id: randomUUID(), run_now_at: Date.now() };
  await context.customers.use(customerId, (db) => db('monitors').update(now));

  const code = await addEnrolmentCode(context, customerId, { location: 'Ü'.repeat(100) });
  const pin = context.authority.pins[0] ?? '';
  await enrol({ server: server.url, pin, code, name: 'desk', home }, new AbortController().signal);
  writeSettings(home, { hosts: ['other.example'] }); // so that each monitor is refused something
  const stop = new AbortController();
  const openRunner = async () =>
    new FakeRunner(async ({ id, monitorId, dueAt }) => {
      return { run: buildRun({ id, monitorId, dueAt, startedAt: Date.now(), transactions }) };
    });
  const settings = { home, openRunner, allowRoot: true, concurrency: 1, log: () => {} };
  const running = runSentinel(settings, stop.signal);
  t.after(() => stop.abort());
  const stored = () => context.customers.use(customerId, (db) => db('runs').distinct().pluck('monitor_id'));
  await until('every monitor has run, and the server has it', async () => {
    return (await stored()).length === count && status(home).spool?.waiting === 0;
  });
  assert.deepEqual([status(home).problems, status(home).refused.length], [[], 100]);

  const shown = async <T>(what: string) => (await alice('GET', `${at}/${what}`)).json() as T;
  const { sentinels } = await shown<SentinelsAnswer>('sentinels');
  assert.deepEqual(sentinels.find(({ name }) => name === 'desk')?.location, 'Ü'.repeat(100));
  const { monitors: all } = await shown<MonitorsAnswer>('monitors');
  assert.deepEqual(all.map(({ name }) => name).toSorted(), monitors.map(({ name }) => name).toSorted());
  const { runs } = await shown<RunsAnswer>(`monitors/${all[0]?.id}/runs`);
  assert.deepEqual([runs.length, runs[0]?.outcome], [1, 'passed']);
  const { transactions: told } = await shown<RunAnswer>(`runs/${runs[0]?.id}`);
  assert.deepEqual(
    told.map(({ name }) => name),
    transactions.map(({ name }) => name),
  );
  stop.abort();
  await running;
});
