import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildCustomer, moveSentinel } from '../../db/customer/build-customer.ts';
import type { RollupRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { buildFailedRun, buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { calendarOf } from './calendar.ts';
import { closeHours } from './close-hours.ts';
import { dirtyIn, dirtySpans, markDirty } from './dirty-hours.ts';
import { addRollup, availability, noFigures, quantilesUs } from './figures.ts';
import { unguarded } from './guard.ts';
import { hourMs } from './hours.ts';
import { planSpans } from './plan-spans.ts';
import { rollUpDirty } from './roll-up.ts';
import { writePlans } from './write-plans.ts';

const noon = Date.UTC(2026, 2, 1, 12);

async function buildWorld() {
  const customer = await buildCustomer();
  const sentinel = await customer.buildSentinel();
  const monitor = await customer.buildMonitor();
  return { ...customer, sentinel, monitorId: monitor.id };
}

function rollups(db: CustomerDb): Promise<RollupRow[]> {
  return db<RollupRow>('rollups').orderBy(['monitor_id', 'hour', 'transaction_id', 'sentinel_id', 'location_id']);
}

test('an hour of runs becomes a row for the whole run and one for each transaction', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  const runs = [
    buildRun({ monitorId, startedAt: noon }),
    buildRun({ monitorId, startedAt: noon + 60_000 }),
    buildFailedRun({ monitorId, startedAt: noon + hourMs - 1 }),
    buildRun({ monitorId, startedAt: noon + hourMs }),
  ];
  await ingest(db, sentinel, runs, noon + hourMs);
  assert.equal(await rollUpDirty(db), 2);
  const rows = (await rollups(db)).filter((row) => row.hour === noon);
  const [run, open, login] = rows;
  assert.deepEqual(
    rows.map((r) => [r.passed, r.failed, r.count]),
    [
      [2, 1, 2],
      [3, 0, 3],
      [2, 1, 2],
    ],
  );
  assert.deepEqual([run?.sum_us, run?.min_us, run?.transaction_id], [1_800_000, 900_000, 0]);
  assert.deepEqual([open?.codes, login?.codes], ['{}', '{"ASSERTION":1}']);
  assert.equal(login?.location_id, sentinel.locationId);
  assert.deepEqual(await dirtySpans(db), []);
});

test('rollups equal what the runs naively add up to', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  const outcome = fc.constantFrom('passed' as const, 'failed' as const, 'errored' as const, 'skipped' as const);
  const result = fc.record({ outcome, minutes: fc.nat(300), responseUs: fc.nat(30_000_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(result, { minLength: 1, maxLength: 40 }), async (results) => {
      for (const table of ['runs', 'transaction_results', 'rollups']) await db(table).delete();
      const runs = results.map(({ outcome: o, minutes, responseUs }) => {
        const transactions = [buildResult({ name: 'Login', outcome: o, responseUs })];
        return buildRun({ monitorId, startedAt: noon + minutes * 60_000, outcome: o, transactions });
      });
      await ingest(db, sentinel, runs, noon);
      await rollUpDirty(db);
      const sum = noFigures();
      for (const row of await rollups(db)) if (row.transaction_id !== 0) addRollup(sum, row);
      const of = (o: string) => results.filter((r) => r.outcome === o);
      const times = of('passed').map((r) => r.responseUs);
      assert.deepEqual(
        [sum.passed, sum.failed, sum.errored, sum.skipped],
        ['passed', 'failed', 'errored', 'skipped'].map((o) => of(o).length),
      );
      assert.equal(
        sum.sumUs,
        times.reduce((a, b) => a + b, 0),
      );
      assert.equal(sum.minUs, times.length === 0 ? null : Math.min(...times));
      const median = times.toSorted((a, b) => a - b)[Math.ceil(times.length / 2) - 1] ?? 0;
      assert.ok(Math.abs((quantilesUs(sum, [0.5])[0] ?? 0) - median) <= median * 0.01 + 1);
      assert.equal(availability(sum), sum.passed + sum.failed === 0 ? null : sum.passed / (sum.passed + sum.failed));
    }),
    { numRuns: 20 },
  );
});

test('late runs of weeks ago change their own hour, and rebuilding everything gives the same bytes', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  const neighbour = await world.buildSentinel();
  const weeksAgo = noon - 21 * 24 * hourMs;
  const early = [weeksAgo, weeksAgo + 1000, noon].map((startedAt) => buildRun({ monitorId, startedAt }));
  await ingest(db, sentinel, early, noon);
  await ingest(db, neighbour, [buildFailedRun({ monitorId, startedAt: weeksAgo })], noon);
  await rollUpDirty(db);
  await ingest(db, sentinel, [buildFailedRun({ monitorId, startedAt: weeksAgo + 2000 })], noon);
  assert.equal(await rollUpDirty(db), 1);
  const grown = await rollups(db);
  const late = grown.find((r) => r.hour === weeksAgo && r.transaction_id === 0 && r.sentinel_id === sentinel.id);
  assert.deepEqual([late?.passed, late?.failed], [2, 1]);
  await db('rollups').delete();
  const hours = [weeksAgo, noon].flatMap((hour) =>
    [sentinel, neighbour].map(({ id }) => ({ hour, monitor_id: monitorId, sentinel_id: id })),
  );
  await markDirty(db, hours);
  await rollUpDirty(db);
  assert.deepEqual(await rollups(db), grown);
});

test('a sentinel that moves within the hour counts at each location', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  await ingest(db, sentinel, [buildRun({ monitorId, startedAt: noon })], noon);
  await moveSentinel(db, sentinel.id, 'elsewhere');
  await ingest(db, sentinel, [buildRun({ monitorId, startedAt: noon + 1 })], noon);
  await rollUpDirty(db);
  const rows = (await rollups(db)).filter((row) => row.transaction_id === 0);
  assert.deepEqual(new Set(rows.map((r) => r.location_id)), new Set([sentinel.locationId, 'elsewhere']));
});

test('an hour whose runs came while it was recomputed is left dirty, and its neighbours are written', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  const calendar = await calendarOf(db);
  await ingest(
    db,
    sentinel,
    [0, hourMs].map((after) => buildRun({ monitorId, startedAt: noon + after })),
    noon,
  );
  const [span] = await dirtySpans(db);
  assert.ok(span);
  const plans = await planSpans(db, [span], calendar);
  await ingest(db, sentinel, [buildRun({ monitorId, startedAt: noon + 1 })], noon);
  assert.equal(await writePlans(db, plans, unguarded), 1);
  const passed = async () => (await rollups(db)).filter((row) => row.transaction_id === 0).map((row) => row.passed);
  assert.deepEqual(await passed(), [1]);
  assert.equal((await dirtyIn(db, span)).length, 1);
  assert.equal(await rollUpDirty(db), 1);
  assert.deepEqual(await passed(), [2, 1]);
});

test('runs of before 1970 and of far ahead are rolled up like any other', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  for (const startedAt of [-1, Date.UTC(2100, 0, 1)]) {
    await ingest(db, sentinel, [buildRun({ monitorId, startedAt })], noon);
  }
  assert.equal(await rollUpDirty(db), 2);
  assert.deepEqual(new Set((await rollups(db)).map((r) => r.hour)), new Set([-hourMs, Date.UTC(2100, 0, 1)]));
});

test('times too long to add up exactly do not stop the rollup', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  const transactions = [buildResult({ name: 'Login', responseUs: Number.MAX_SAFE_INTEGER })];
  const runs = [0, 1, 2].map((i) => buildRun({ monitorId, startedAt: noon + i, transactions }));
  await ingest(db, sentinel, runs, noon);
  await rollUpDirty(db);
  assert.equal((await rollups(db))[1]?.sum_us, Number.MAX_SAFE_INTEGER);
});

test('of however many dirty hours it is told how many each span has', async () => {
  await using world = await buildWorld();
  const { db, sentinel } = world;
  const monitors = Array.from({ length: 230 }, (_, i) => `monitor ${i}`);
  const marks = monitors.flatMap((monitor_id) =>
    Array.from({ length: 24 }, (_, hour) => ({
      monitor_id,
      sentinel_id: sentinel.id,
      hour: noon + (hour - 12) * hourMs,
    })),
  );
  const later = { monitor_id: 'monitor 0', sentinel_id: sentinel.id, hour: noon + 24 * hourMs };
  await markDirty(db, [...marks, later]);
  const spans = await dirtySpans(db);
  assert.deepEqual(
    Map.groupBy(spans, (span) => span.marks)
      .get(24)
      ?.map(({ monitorId }) => monitorId)
      .toSorted(),
    monitors.toSorted(),
  );
  assert.deepEqual(
    spans.filter(({ marks: count }) => count !== 24).map(({ monitorId, marks: count }) => [monitorId, count]),
    [['monitor 0', 1]],
  );
});

test('hours of several monitors go in by one commit, and one that the database refuses keeps out no other', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  const others = await Promise.all([1, 2, 3].map(() => world.buildMonitor()));
  const all = [monitorId, ...others.map(({ id }) => id)];
  const bringRuns = (startedAt: number) =>
    ingest(
      db,
      sentinel,
      all.map((id) => buildRun({ monitorId: id, startedAt })),
      startedAt,
    );
  let commits = 0;
  db.on('query', ({ sql }) => {
    if (/^commit/i.test(sql)) commits += 1;
  });
  await bringRuns(noon);
  commits = 0;
  assert.equal(await rollUpDirty(db), 4);
  assert.equal(commits, 1);

  await bringRuns(noon + hourMs);
  const spoilt: typeof planSpans = async (on, spans, calendar) =>
    (await planSpans(on, spans, calendar)).map((plan) => {
      const spoil = (row: RollupRow) => ({ ...row, location_id: null as never });
      const hours = plan.hours.map((hour) => ({ ...hour, rows: hour.rows.map(spoil) }));
      return plan.span.monitorId === monitorId ? { ...plan, hours } : plan;
    });
  const told: string[] = [];
  assert.equal(await rollUpDirty(db, undefined, unguarded, spoilt, (id) => void told.push(id)), 3);
  assert.deepEqual(told, [monitorId]);
  assert.deepEqual(
    (await dirtySpans(db)).map((span) => span.monitorId),
    [monitorId],
  );
  const written = (await rollups(db)).filter(({ hour }) => hour === noon + hourMs).map((row) => row.monitor_id);
  assert.deepEqual(new Set(written), new Set(others.map(({ id }) => id)));
});

test('a monitor with which it fails is left out, and the others are rolled up and closed', async () => {
  await using world = await buildWorld();
  const { db, sentinel, monitorId } = world;
  const other = await world.buildMonitor();
  await db('monitors').update({ created_at: noon });
  const startedAt = noon + hourMs;
  const bad = [buildRun({ monitorId, startedAt }), buildRun({ monitorId, startedAt: noon - 25 * hourMs })]; // two spans
  await ingest(db, sentinel, [...bad, buildRun({ monitorId: other.id, startedAt: noon })], startedAt);
  const told: string[] = [];
  const leave = (id: string) => void told.push(id);
  const plan: typeof planSpans = async (on, spans, calendar) => {
    if (spans.some((span) => span.monitorId === monitorId)) throw new Error('its rows are odd');
    return planSpans(on, spans, calendar);
  };
  assert.equal(await rollUpDirty(db, undefined, unguarded, plan, leave), 1);
  assert.deepEqual(told, [monitorId]);
  assert.deepEqual(
    (await dirtySpans(db)).map((span) => span.monitorId),
    [monitorId, monitorId],
  );
  let tries = 0;
  const failsOnce = async () => {
    if (tries++ === 0) throw new Error('its hours are odd');
  };
  await closeHours(db, noon + 3 * hourMs, undefined, failsOnce, leave);
  const closed = await db('closed_hours').pluck('monitor_id');
  assert.deepEqual([told.length, closed.length, closed.includes(told[1])], [2, 1, false]);
});
