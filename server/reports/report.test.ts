import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { Run } from '../../sentinel/protocol/messages.ts';
import { buildFailedRun, buildResult, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { adoptCalendar } from '../rollups/adopt-calendar.ts';
import { usualBusinessHours } from '../rollups/calendar.ts';
import { closeHours } from '../rollups/close-hours.ts';
import { hourMs } from '../rollups/hours.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import { addMaintenance, removeMaintenance } from './maintenance.ts';
import { type ReportQuestion, report } from './report.ts';
import { ReportAnswer } from './shapes.ts';

const dayMs = 24 * hourMs;
/** In Amsterdam's summer time: a Thursday, three days before clocks go back. */
const start = Date.UTC(2026, 9, 21, 22);
const now = start + 6 * dayMs;
const whole = { from: start, to: start + 5 * dayMs + hourMs };
const actor = { kind: 'user', name: 'alice' } as const;

/** Two sentinels run Login every 2 hours for five days, a failure each day at ten in the morning. */
async function buildWorld(timeZone = 'Europe/Amsterdam') {
  const customer = await buildCustomer();
  const { db } = customer;
  await adoptCalendar(db, { timeZone, businessHours: usualBusinessHours });
  const { id: monitorId } = await customer.buildMonitor({ created_at: start, every_ms: 2 * hourMs });
  const sentinels = [await customer.buildSentinel({ name: 'a' }), await customer.buildSentinel({ name: 'b' })];
  for (const sentinel of sentinels) {
    const runs: Run[] = [];
    for (let at = whole.from + 5 * 60_000, i = 0; at < whole.to; at += 2 * hourMs, i++) {
      const transactions = [buildResult({ name: 'Login', responseUs: 1000 * (i + 1) })];
      runs.push(
        i % 12 === 5
          ? buildFailedRun({ monitorId, startedAt: at })
          : buildRun({ monitorId, startedAt: at, transactions }),
      );
    }
    await ingest(db, sentinel, runs, now);
  }
  await rollUpDirty(db);
  await closeHours(db, now);
  const usual = {
    period: whole,
    step: 'day',
    limit: 1000,
    group: [],
    businessHours: false,
    maintenance: 'included',
  } as const;
  return {
    ...customer,
    monitorId,
    sentinels,
    async ask(question: Partial<ReportQuestion> = {}) {
      return ReportAnswer.parse(await report(db, monitorId, { ...usual, ...question }, now));
    },
  };
}

/** Read by all; who changes it puts it back, or comes last. */
const world = await buildWorld();
after(() => world[Symbol.asyncDispose]());

const runsOf = (answer: ReportAnswer, series = 0) => answer.series[series]?.points.map((p) => p.passed + p.failed);
const iso = (at = 0) => new Date(at).toISOString().slice(0, 16);

test('each day of a monitor is told with availability, coverage, percentiles and error codes, as the zone has it', async () => {
  const answer = await world.ask();
  assert.equal(answer.series.length, 1);
  assert.deepEqual(runsOf(answer), [24, 24, 24, 26, 24]);
  const [first, , , long] = answer.series[0]?.points ?? [];
  assert.deepEqual([first?.failed, first?.availability, first?.errorCodes], [2, 22 / 24, { ASSERTION: 2 }]);
  assert.deepEqual([first?.coverage, first?.lost, first?.expected], [1, 0, 24]);
  assert.equal(((long?.to ?? 0) - (long?.from ?? 0)) / hourMs, 25);
  assert.deepEqual([first?.p50Us, first?.minUs, first?.maxUs], [900_000, 900_000, 900_000]);
  assert.match(answer.rule, /passed ÷ \(passed \+ failed\).*within 1 %/);
  assert.deepEqual([answer.timeZone, answer.next], ['Europe/Amsterdam', null]);
});

test('transactions, locations and sentinels are told apart on request, whole runs first', async () => {
  const byTransaction = await world.ask({ group: ['transaction'] });
  assert.deepEqual(
    byTransaction.series.map((s) => s.transaction),
    [null, 'Login', 'Open'],
  );
  const login = byTransaction.series[1]?.points[0];
  assert.deepEqual([login?.minUs, login?.maxUs, login?.coverage, login?.expected], [1000, 12_000, null, null]);
  for (const kind of ['location', 'sentinel'] as const) {
    const { series } = await world.ask({ group: [kind, 'transaction'], transactions: ['Login'] });
    assert.deepEqual(
      series.map((s) => [s.transaction, s[kind] !== null]),
      [null, 'Login', null, 'Login'].map((name) => [name, true]),
    );
    assert.deepEqual(series[0]?.points.map((p) => [p.passed + p.failed, p.expected])[0], [12, 12]);
  }
});

test('every step adds up to the same, and so does every page', async () => {
  const total = async (question: Partial<ReportQuestion>) => {
    let [sum, after, pages]: [number, number | undefined, number] = [0, undefined, 0];
    do {
      const answer = await world.ask({ ...question, after });
      sum += runsOf(answer)?.reduce((a, b) => a + b, 0) ?? 0;
      after = answer.next ?? undefined;
      pages++;
    } while (after !== undefined);
    return [sum, pages];
  };
  for (const step of ['hour', 'day', 'week', 'month'] as const) assert.deepEqual(await total({ step }), [122, 1], step);
  assert.deepEqual(await total({ step: 'hour', limit: 50 }), [122, 3]);
  assert.deepEqual(await total({ step: 'day', limit: 1 }), [122, 5]);
  const lastDay = { from: whole.to - dayMs, to: whole.to };
  assert.deepEqual(await total({ step: 'minute', period: lastDay, limit: 500 }), [24, 3]);
});

test('weeks begin on Monday and months on the first, at midnight of the zone', async () => {
  const of = async (step: 'week' | 'month') => (await world.ask({ step })).series[0]?.points.map((p) => iso(p.from));
  assert.deepEqual(await of('week'), ['2026-10-18T22:00', '2026-10-25T23:00']);
  assert.deepEqual(await of('month'), ['2026-09-30T22:00']);
});

test('another time zone is told from hours where its hours are the same, and else for 48 hours at most', async () => {
  const utc = await world.ask({ timeZone: 'UTC' });
  assert.deepEqual([runsOf(utc), iso(utc.series[0]?.points[1]?.from)], [[2, 24, 24, 24, 24, 24], '2026-10-22T00:00']);
  await assert.rejects(
    world.ask({ timeZone: 'Asia/Kolkata', step: 'hour' }),
    /timeZone: its hours begin at other minutes/,
  );
  const period = { from: start, to: start + dayMs };
  const india = await world.ask({ timeZone: 'Asia/Kolkata', period });
  assert.deepEqual(iso(india.series[0]?.points[0]?.from), '2026-10-21T18:30');
  assert.deepEqual(runsOf(india), [22, 24]);
});

test("a customer of India has India's days", async () => {
  await using india = await buildWorld('Asia/Kolkata');
  const answer = await india.ask({ step: 'day' });
  assert.deepEqual([runsOf(answer), iso(answer.period.from)], [[22, 24, 24, 24, 24, 4], '2026-10-21T18:30']);
  const hours = await india.ask({ step: 'hour' });
  assert.equal(
    runsOf(hours)?.reduce((a, b) => a + b),
    122,
  );
});

test('business hours alone are told on request, from days as from hours', async () => {
  const answer = await world.ask({ businessHours: true });
  assert.deepEqual(runsOf(answer), [10, 10, 10]); // Thursday, Friday, Monday
  assert.match(answer.rule, /mon-fri 08:00-18:00 \(Europe\/Amsterdam\)/);
  assert.deepEqual(answer.series[0]?.points.map((p) => [p.expected, p.coverage])[0], [10, 1]);
  const byHour = await world.ask({ businessHours: true, step: 'hour' });
  assert.equal(
    runsOf(byHour)?.reduce((a, b) => a + b),
    30,
  );
  const inUtc = await world.ask({ businessHours: true, timeZone: 'UTC' });
  assert.deepEqual(runsOf(inUtc), [10, 10, 10]);
});

test('hours of a maintenance are left out on request, those of another monitor are not', async () => {
  const { db, monitorId } = world;
  const at = { from: start + 9.5 * hourMs, to: start + 10.5 * hourMs, reason: 'release' };
  const other = await world.buildMonitor();
  await addMaintenance(db, { ...at, monitorId: other.id }, actor, now);
  assert.deepEqual(runsOf(await world.ask({ maintenance: 'excluded' })), [24, 24, 24, 26, 24]);
  const id = await addMaintenance(db, { ...at, monitorId }, actor, now);
  const excluded = await world.ask({ maintenance: 'excluded' });
  const [day] = excluded.series[0]?.points ?? [];
  assert.deepEqual([day?.passed, day?.failed, day?.errorCodes, day?.expected, day?.lost], [22, 0, {}, 22, 0]);
  assert.match(excluded.rule, /maintenance/);
  assert.ok(await removeMaintenance(db, id, actor, now));
  assert.equal(await removeMaintenance(db, id, actor, now), false);
  assert.deepEqual(runsOf(await world.ask({ maintenance: 'excluded' })), [24, 24, 24, 26, 24]);
  assert.deepEqual(runsOf(await world.ask()), [24, 24, 24, 26, 24]);
  const weekly = { from: start, to: start + 700 * dayMs, hours: 'sun-tue 23:30-01:00', reason: 'backup' };
  const every = await addMaintenance(db, { ...weekly, monitorId }, actor, now);
  assert.deepEqual(
    runsOf(await world.ask({ maintenance: 'excluded' })),
    [24, 24, 24, 24, 22],
    'of Sunday and Monday the last hour',
  );
  await removeMaintenance(db, every, actor, now);
});

test('a report of minutes leaves out whole hours too where it begins or ends within one', async () => {
  const { db, monitorId } = world;
  const ten = start + 10 * hourMs;
  const period = { from: ten + 4 * 60_000, to: ten + 2.5 * hourMs };
  const ask = () => world.ask({ step: 'minute', period, maintenance: 'excluded' });
  assert.deepEqual([runsOf(await ask())?.reduce((a, b) => a + b), (await ask()).period], [4, period]);
  for (const from of [ten, ten + 2.75 * hourMs]) {
    const wish = { monitorId, from, to: from + 3 * 60_000, reason: 'release' };
    const id = await addMaintenance(db, wish, actor, now);
    const counted = (await ask()).series[0]?.points.filter(({ passed, failed }) => passed + failed > 0);
    assert.deepEqual(
      counted?.map((point) => point.from),
      [from === ten ? ten + 2 * hourMs + 5 * 60_000 : ten + 5 * 60_000],
    );
    await removeMaintenance(db, id, actor, now);
  }
});

test('a period without anything has no points; a monitor or a transaction that is not there is said', async () => {
  const empty = await world.ask({ period: { from: start - 9 * dayMs, to: start - 8 * dayMs } });
  assert.deepEqual([empty.series, empty.next], [[], null]);
  assert.deepEqual(
    await report(
      world.db,
      'nobody',
      { ...empty, limit: 1, group: [], businessHours: false, maintenance: 'included' },
      now,
    ),
    undefined,
  );
  await assert.rejects(world.ask({ transactions: ['Logout'] }), /transaction: the monitor has none called "Logout"/);
});

test('an answer that would be too long is refused, with what to ask instead', async () => {
  const { db } = world;
  const rows = Array.from({ length: 30 }, (_, i) => ({ monitor_id: world.monitorId, name: `Step ${i}`, position: i }));
  await db('transactions').insert(rows);
  const period = { from: Date.UTC(2000, 0, 1), to: Date.UTC(2026, 0, 1) };
  const asked = world.ask({ period, limit: 10_000, group: ['transaction'] });
  await assert.rejects(asked, /limit: 9498 steps of 33 series .* at most 909 steps at once, or for one transaction/);
});
