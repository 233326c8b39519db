import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { MonitorRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { giveTo } from '../assignments/choices.ts';
import { buildFailedRun, buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { hourMs } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { monitor, monitorList } from './monitors.ts';
import { dayMs } from './period.ts';
import { responseTimes } from './response-times.ts';
import { run } from './run.ts';
import { type Cursor, runs } from './runs.ts';
import { MonitorAnswer, MonitorsAnswer, ResponseTimesAnswer, RunAnswer, RunsAnswer } from './shapes.ts';

const minute = 60_000;
const now = Date.UTC(2026, 2, 1, 12, 30);
const lastDay = { from: now - dayMs, to: now };

async function buildWorld(values: Partial<MonitorRow> = {}) {
  const customer = await buildCustomer();
  const sentinel = await customer.buildSentinel({ enrolled_at: now - hourMs });
  const row = await customer.buildMonitor({ name: 'Web shop', created_at: now - hourMs, ...values });
  const { db } = customer;
  return {
    ...customer,
    sentinel,
    monitorId: row.id,
    async take(...all: Run[]) {
      const answers = await ingest(db, sentinel, all, now);
      assert.ok(answers.every((answer) => answer.status === 'stored'));
      await rollUpDirty(db);
    },
    async look(period = lastDay, at = now) {
      const found = await monitor(db, row.id, period, at);
      assert.ok(found);
      MonitorAnswer.shape.monitor.parse(found);
      return found;
    },
  };
}

test('a monitor tells availability, coverage, transactions and its last runs', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const passed = Array.from({ length: 8 }, (_, i) => buildRun({ monitorId, startedAt: now - (i + 3) * minute }));
  const failed = buildFailedRun({ monitorId, startedAt: now - 2 * minute });
  const newest = buildRun({ monitorId, startedAt: now - minute / 2, durationUs: 700_000 });
  await world.take(...passed, failed, newest);
  const seen = await world.look();
  assert.equal(seen.state, 'up');
  assert.equal(seen.since, newest.startedAt);
  assert.equal(seen.availability, 9 / 10);
  const { expected, lost } = seen.counts;
  assert.deepEqual([expected, seen.counts.failed, seen.coverage], [10 + lost, 1, 10 / expected]);
  assert.ok(expected >= 58 && expected <= 60, `${expected} were expected in the hour since enrolment`);
  assert.deepEqual(seen.lastRun, { id: newest.id, startedAt: newest.startedAt, outcome: 'passed' });
  assert.deepEqual(
    [seen.strip.length, seen.strip.at(-1)?.id, seen.strip.at(-2)?.errorCode],
    [10, newest.id, 'ASSERTION'],
  );
  const [open, login] = seen.transactions;
  assert.deepEqual([open?.name, open?.availability, open?.p50Us, open?.lastErrorCode], ['Open', 1, 250_000, null]);
  assert.deepEqual(
    [login?.name, login?.failed, login?.availability, login?.lastErrorCode],
    ['Login', 1, 0.9, 'ASSERTION'],
  );
  assert.deepEqual([login?.lastOutcome, login?.lastResponseUs], ['passed', 250_000]);
  assert.deepEqual([seen.script.version, seen.baseURL, seen.trouble], [1, 'https://shop.test/', null]);
});

test('a monitor without any run is there, with nothing to tell', async () => {
  await using world = await buildWorld({ created_at: now });
  const seen = await world.look();
  assert.deepEqual([seen.state, seen.since, seen.availability, seen.coverage], ['noData', null, null, null]);
  assert.deepEqual([seen.transactions, seen.strip, seen.lastRun, seen.trouble], [[], [], null, null]);
  assert.equal(await monitor(world.db, 'nobody', lastDay, now), undefined);
});

test('a failing monitor tells since when, how often, what and where', async () => {
  await using world = await buildWorld();
  const { monitorId, db } = world;
  const other = await world.buildSentinel();
  const third = await world.buildSentinel();
  const at = (minutes: number) => ({ monitorId, startedAt: now - minutes * minute });
  await world.take(
    buildFailedRun(at(9)),
    buildRun(at(4)),
    buildFailedRun(at(3)),
    buildFailedRun(at(2)),
    buildFailedRun(at(1)),
  );
  await ingest(db, other, [buildRun(at(6)), buildFailedRun(at(5)), buildFailedRun(at(1.5))], now);
  await ingest(db, third, [buildFailedRun(at(8)), buildRun(at(1))], now);
  const { state, since, trouble } = await world.look();
  assert.equal(state, 'failing');
  assert.equal(since, now - 5 * minute);
  assert.deepEqual([trouble?.count, trouble?.transaction, trouble?.errorCode], [5, 'Login', 'ASSERTION']);
  assert.match(trouble?.message ?? '', /Welcome/);
  const names = [world.sentinel, other].map((s) => `Location ${s.locationId}`).sort();
  assert.deepEqual(trouble?.locations, names);
});

test('a threshold that the last run exceeds degrades the monitor', async () => {
  await using world = await buildWorld({ thresholds: '{"Login":200000}' });
  await world.take(buildRun({ monitorId: world.monitorId, startedAt: now - minute }));
  assert.equal((await world.look()).state, 'degraded');
  const fast = [buildResult({ name: 'Login', responseUs: 200_000 })];
  await world.take(buildRun({ monitorId: world.monitorId, startedAt: now - 1, transactions: fast }));
  assert.equal((await world.look()).state, 'up');
});

test('a paused monitor expects nothing, and one that fell silent has no data', async () => {
  await using world = await buildWorld();
  await world.take(buildRun({ monitorId: world.monitorId, startedAt: now - minute }));
  const silent = await world.look(lastDay, now + 10 * minute);
  assert.deepEqual([silent.state, silent.since], ['noData', now - minute]);
  await world.db('monitors').update({ paused: 1 });
  const paused = await world.look(lastDay, now + 10 * minute);
  assert.deepEqual([paused.state, paused.counts.lost, paused.coverage], ['paused', 0, 1]);
});

test('a sentinel that only errs leaves a monitor without data since the last run that told anything', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const error = { code: 'SENTINEL_BROWSER', message: 'the browser died' } as const;
  const errored = [0, 1, 2, 3, 4, 5, 6].map((i) =>
    buildRun({ monitorId, startedAt: now - i * minute, outcome: 'errored', error, transactions: [] }),
  );
  const passed = buildRun({ monitorId, startedAt: now - 8 * minute });
  await world.take(passed, buildFailedRun({ monitorId, startedAt: now - 9 * minute }), ...errored);
  const { state, since } = await world.look();
  assert.deepEqual([state, since], ['noData', passed.startedAt]);
});

test('a run of a clock a century ahead is not the last run', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const present = buildRun({ monitorId, startedAt: now - minute });
  await world.take(present, buildFailedRun({ monitorId, startedAt: Date.UTC(2100, 0, 1) }));
  const seen = await world.look();
  assert.deepEqual([seen.state, seen.lastRun?.id, seen.counts.failed], ['up', present.id, 0]);
});

test('only the sentinels a monitor was given to are expected to run it', async () => {
  await using world = await buildWorld();
  const alone = (await world.look()).counts.expected;
  const other = await world.buildSentinel({ enrolled_at: now - hourMs });
  const both = (await world.look()).counts.expected;
  assert.ok(both > 1.9 * alone && alone > 50);
  await giveTo(world.db, world.monitorId, [other.id], 0);
  const chosen = (await world.look()).counts.expected;
  assert.ok(chosen < 1.1 * alone);
});

test('transactions stand in the order of the script, also after it changed', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const of = (...names: string[]) => names.map((name) => buildResult({ name }));
  await world.take(buildRun({ monitorId, startedAt: now - 9 * minute, transactions: of('Open', 'Login', 'Search') }));
  await world.take(
    buildRun({ monitorId, startedAt: now - minute, transactions: of('Open', 'Accept', 'Login', 'Search') }),
  );
  const names = (await world.look()).transactions.map((t) => t.name);
  assert.deepEqual(names, ['Open', 'Accept', 'Login', 'Search']);
});

test('of several error codes the latest is told', async () => {
  await using world = await buildWorld();
  const failing = (minutes: number, code: 'TIMEOUT' | 'HTTP_5XX') => {
    const transactions = [buildResult({ name: 'Login', outcome: 'failed', error: { code, message: 'so it was' } })];
    return buildFailedRun({ monitorId: world.monitorId, startedAt: now - minutes * minute, transactions });
  };
  await world.take(
    failing(5, 'TIMEOUT'),
    failing(90, 'HTTP_5XX'),
    buildRun({ monitorId: world.monitorId, startedAt: now }),
  );
  assert.equal((await world.look({ from: now - dayMs, to: now + 1 })).transactions.at(-1)?.lastErrorCode, 'TIMEOUT');
});

test('the figures of a period do not depend on whether rollups or rows were read', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const results = fc.array(fc.record({ at: fc.nat(179), ok: fc.boolean(), us: fc.nat(5_000_000) }), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(results, fc.nat(170), fc.integer({ min: 1, max: 180 }), async (all, start, length) => {
      for (const table of ['runs', 'transaction_results', 'rollups', 'dirty_hours']) await world.db(table).delete();
      const day = now - 12 * hourMs;
      const period = { from: day + start * minute, to: day + (start + length) * minute };
      const built = all.map(({ at, ok, us }) => {
        const transactions = [buildResult({ name: 'Login', outcome: ok ? 'passed' : 'failed', responseUs: us })];
        return buildRun({ monitorId, startedAt: day + at * minute, outcome: ok ? 'passed' : 'failed', transactions });
      });
      await world.take(...built);
      const within = all.filter(({ at }) => at >= start && at < start + length);
      const { counts, transactions } = await world.look(period);
      assert.deepEqual(
        [counts.passed, counts.failed],
        [true, false].map((ok) => within.filter((r) => r.ok === ok).length),
      );
      const times = within
        .filter((r) => r.ok)
        .map((r) => r.us)
        .sort((a, b) => a - b);
      const median = times[Math.max(1, Math.ceil(times.length / 2)) - 1];
      const found = transactions[0]?.p50Us;
      assert.ok(
        median === undefined ? (found ?? null) === null : Math.abs((found ?? -1) - median) <= median * 0.01 + 1,
      );
    }),
    { numRuns: 20 },
  );
});

test('response times by minute, hour and day are those of the runs', async () => {
  await using world = await buildWorld();
  const { monitorId, db } = world;
  const at = (ms: number, responseUs: number) =>
    buildRun({ monitorId, startedAt: now + ms, transactions: [buildResult({ name: 'Login', responseUs })] });
  const failed = buildFailedRun({ monitorId, startedAt: now + 3 });
  await world.take(at(0, 100), at(1, 300), at(2, 201), at(minute, 7), at(hourMs, 9), failed);
  const period = { from: now, to: now + 2 * hourMs };
  const byMinute = ResponseTimesAnswer.parse(await responseTimes(db, monitorId, period, 'minute', now));
  const login = byMinute.transactions.find((t) => t.name === 'Login');
  const first = { at: now, passed: 3, failed: 1, p50Us: 202, p95Us: 300, minUs: 100, maxUs: 300, meanUs: 200 };
  assert.deepEqual(login?.points[0], first);
  assert.deepEqual(
    login?.points.map((p) => p.at),
    [now, now + minute, now + hourMs],
  );
  assert.deepEqual(byMinute.failures, [
    { at: now + 3, runId: failed.id, transaction: 'Login', errorCode: 'ASSERTION' },
  ]);
  const byHour = ResponseTimesAnswer.parse(await responseTimes(db, monitorId, period, 'hour', now));
  assert.deepEqual(byHour.period, { from: now - 30 * minute, to: now + 150 * minute });
  const points = byHour.transactions.find((t) => t.name === 'Login')?.points ?? [];
  assert.deepEqual(
    points.map((p) => [p.passed, p.failed, p.minUs, p.maxUs]),
    [
      [4, 1, 7, 300],
      [1, 0, 9, 9],
    ],
  );
  const byDay = await responseTimes(db, monitorId, period, 'day', now);
  assert.deepEqual(
    byDay.transactions.find((t) => t.name === 'Login')?.points.map((p) => p.passed),
    [5],
  );
});

test('paging through the runs finds each once, also those that started in the same millisecond', async () => {
  await using world = await buildWorld();
  const { monitorId, db } = world;
  const all = Array.from({ length: 23 }, (_, i) =>
    (i % 4 === 0 ? buildFailedRun : buildRun)({ monitorId, startedAt: now - Math.floor(i / 5) }),
  );
  await world.take(...all);
  for (const outcome of [undefined, 'failed'] as const) {
    const found: string[] = [];
    let before: Cursor | undefined;
    do {
      const page = RunsAnswer.parse(await runs(db, monitorId, { before, limit: 4, outcome }));
      found.push(...page.runs.map((r) => r.id));
      const [startedAt = '', id = ''] = page.next?.split('_') ?? [];
      before = page.next === null ? undefined : { at: Number(startedAt), id };
    } while (before);
    const wanted = all.filter((r) => outcome === undefined || r.outcome === outcome);
    assert.deepEqual(found.toSorted(), wanted.map((r) => r.id).sort());
  }
});

test('a run in the list names what went wrong and where', async () => {
  await using world = await buildWorld();
  const failed = buildFailedRun({ monitorId: world.monitorId, startedAt: now });
  await world.take(failed);
  const [shown] = (await runs(world.db, world.monitorId, { limit: 1 })).runs;
  assert.deepEqual([shown?.transaction, shown?.errorCode, shown?.screenshot], ['Login', 'ASSERTION', false]);
  assert.deepEqual([shown?.sentinel, shown?.location], ['desk-12', `Location ${world.sentinel.locationId}`]);
  assert.deepEqual(
    shown?.transactions.map((t) => [t.name, t.responseUs]),
    [
      ['Open', 250_000],
      ['Login', null],
    ],
  );
});

test('one run is told whole, with its neighbours in time', async () => {
  await using world = await buildWorld();
  const { monitorId } = world;
  const error = {
    code: 'TIMEOUT',
    message: 'no answer',
    location: { file: 'shop.spec.ts', line: 7, column: 3 },
  } as const;
  const [before, after] = [-1, 1].map((ms) => buildRun({ monitorId, startedAt: now + ms }));
  const mine = buildFailedRun({ monitorId, startedAt: now, error, clockOffsetMs: 0, evidenceMissing: 'no page' });
  await world.take(mine, ...[before, after].filter((r) => r !== undefined));
  const look = async () => RunAnswer.parse(await run(world.db, mine.id, (sha) => `/files/${sha}`));
  const shown = await look();
  assert.deepEqual([shown.previousRunId, shown.nextRunId], [before?.id, after?.id]);
  const meaning = 'the application did not answer within the time allowed';
  assert.deepEqual(shown.error, { ...error, meaning, source: null }, 'the script is not kept');
  assert.deepEqual([shown.monitor.name, shown.clockOffsetMs, shown.evidenceMissing], ['Web shop', 0, 'no page']);
  assert.deepEqual(
    shown.transactions.map((t) => t.error?.code ?? null),
    [null, 'ASSERTION'],
  );
  assert.deepEqual([shown.lastPassed?.runId, shown.lastPassed?.responseUs], [before?.id, 250_000]);
  assert.equal(await run(world.db, buildRun({ monitorId }).id, String), undefined);
  const lines = Array.from({ length: 12 }, (_, i) => `line ${i + 1}`);
  await keepScript(world.db, mine.scriptSha256, { file: 'flows/shop.spec.ts', text: lines.join('\n') });
  assert.deepEqual((await look()).error?.source, { from: 4, lines: lines.slice(3, 10) });
});

/** A published script whose bundle holds its source, as publishing makes it. */
async function keepScript(db: CustomerDb, sha256: string, { file, text }: { file: string; text: string }) {
  const map = JSON.stringify({ version: 3, sources: [file], sourcesContent: [text], mappings: '' });
  const bundle = `\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString('base64')}\n`;
  const { id: script_id } = await db('scripts').first('id');
  const row = { script_id, version: 1, sha256, bundle, statement: '{}', signature: '', created_at: 0, author: '' };
  await db('script_versions').insert(row);
}

test('all monitors are listed by name, as their shapes say', async () => {
  await using world = await buildWorld();
  await world.buildMonitor({ name: 'Intranet' });
  await world.take(buildFailedRun({ monitorId: world.monitorId, startedAt: now - minute }));
  const monitors = await monitorList(world.db, lastDay, now);
  MonitorsAnswer.parse({ period: lastDay, rule: 'so', monitors });
  assert.deepEqual(
    monitors.map((m) => [m.name, m.state]),
    [
      ['Intranet', 'noData'],
      ['Web shop', 'failing'],
    ],
  );
});
