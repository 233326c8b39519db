import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import { buildWorld, type World } from '../build-world.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { ingest } from '../ingest/ingest.ts';
import { rollUpDirty } from '../rollups/roll-up.ts';
import {
  MaintenanceAnswer,
  MonitorAnswer,
  MonitorsAnswer,
  NewMaintenance,
  ReportAnswer,
  ResponseTimesAnswer,
  RunAnswer,
  RunsAnswer,
} from './shapes.ts';

async function buildReported(world: World, name: string) {
  const customerId = await world.addCustomer(name);
  const { id } = await world.enrolled(customerId);
  const now = world.context.now();
  return world.context.customers.use(customerId, async (db) => {
    const monitor = await buildMonitor(db, { name: 'Web shop', created_at: now - 60_000 });
    const runs = [
      buildRun({ monitorId: monitor.id, startedAt: now - 30_000 }),
      buildFailedRun({ monitorId: monitor.id, startedAt: now }),
    ];
    await ingest(db, { id }, runs, now);
    await rollUpDirty(db);
    return { customerId, monitorId: monitor.id, runId: runs[0]?.id ?? '', now };
  });
}

test('every report answers its shape to a user of the customer', async () => {
  await using world = await buildWorld();
  const { customerId, monitorId, runId, now } = await buildReported(world, 'Acme');
  const alice = await world.signedIn('alice', customerId);
  const base = `/api/v1/customers/${customerId}`;
  const get = async (path: string) => (await alice('GET', base + path)).json();
  const { monitors, rule } = MonitorsAnswer.parse(await get(`/monitors?to=${now + 1}`));
  assert.deepEqual([monitors[0]?.state, monitors[0]?.availability, monitors[0]?.counts.passed], ['failing', 0.5, 1]);
  assert.match(rule, /passed ÷ \(passed \+ failed\)/);
  assert.equal(MonitorAnswer.parse(await get(`/monitors/${monitorId}`)).monitor.name, 'Web shop');
  for (const step of ['minute', 'hour', 'day']) {
    const { transactions } = ResponseTimesAnswer.parse(
      await get(`/monitors/${monitorId}/response-times?step=${step}&to=${now + 1}`),
    );
    assert.deepEqual(
      transactions.map((t) => t.name),
      ['Open', 'Login'],
      step,
    );
  }
  const first = RunsAnswer.parse(await get(`/monitors/${monitorId}/runs?limit=1`));
  const second = RunsAnswer.parse(await get(`/monitors/${monitorId}/runs?limit=1&before=${first.next}`));
  assert.deepEqual([first.runs[0]?.outcome, second.runs[0]?.id, second.next], ['failed', runId, null]);
  assert.equal(RunAnswer.parse(await get(`/runs/${runId}`)).monitor.id, monitorId);
});

test('a report of any length answers alike, short where it is asked and long in a worker, with an ETag', async () => {
  await using world = await buildWorld();
  const { customerId, monitorId, now } = await buildReported(world, 'Acme');
  const alice = await world.signedIn('alice', customerId);
  const base = `/api/v1/customers/${customerId}/monitors`;
  for (const days of [1, 500]) {
    const period = `from=${now - days * 86_400_000}&to=${now + 1}`;
    const path = `${base}/${monitorId}/report?${period}&group=transaction&step=day`;
    const answer = await alice('GET', path);
    const { series } = ReportAnswer.parse(answer.json());
    const sums = series.map(({ transaction, points }) => [transaction, points.reduce((sum, p) => sum + p.passed, 0)]);
    assert.deepEqual(
      sums,
      [
        [null, 1],
        ['Open', 2],
        ['Login', 1],
      ],
      path,
    );
    assert.match(String(answer.headers['content-type']), /^application\/json/);
    const again = await alice('GET', path, { headers: { 'if-none-match': String(answer.headers.etag) } });
    assert.equal(again.status, 304);
    assert.equal(MonitorsAnswer.parse((await alice('GET', `${base}?${period}`)).json()).monitors.length, 1);
    assert.equal((await alice('GET', `${base}/${randomUUID()}/report?${period}`)).status, 404);
    const refused = await alice('GET', `${path}&transaction=Logout`);
    assert.deepEqual([refused.status, refused.code], [400, 'QUERY_INVALID']);
  }
});

test('maintenance is added and taken away by administrators, seen by all of the customer, and paged', async () => {
  await using world = await buildWorld();
  const { customerId, monitorId, now } = await buildReported(world, 'Acme');
  const alice = await world.signedIn('alice', customerId);
  const bob = await world.signedIn('bob', customerId, 'admin');
  const path = `/api/v1/customers/${customerId}/maintenance`;
  const window = { from: now, to: now + 3_600_000, reason: 'Release 7 – ✨' };
  const ids: string[] = [];
  for (const monitor of [{}, { monitorId }]) {
    ids.push(NewMaintenance.parse((await bob('POST', path, { body: { ...window, ...monitor } })).json()).id);
  }
  assert.equal((await alice('POST', path, { body: window })).code, 'ROLE');
  for (const wrong of [{ to: now }, { to: now + 400 * 86_400_000 }, { reason: '' }, { monitorId: randomUUID() }]) {
    const answer = await bob('POST', path, { body: { ...window, ...wrong } });
    assert.deepEqual([answer.status, answer.code], [400, 'BODY_INVALID'], JSON.stringify(wrong));
  }
  const first = MaintenanceAnswer.parse((await alice('GET', `${path}?limit=1`)).json());
  const second = MaintenanceAnswer.parse((await alice('GET', `${path}?limit=1&before=${first.next}`)).json());
  const seen = [...first.maintenance, ...second.maintenance];
  assert.deepEqual(seen.map((one) => one.id).sort(), ids.toSorted());
  assert.deepEqual([seen[0]?.reason, seen[0]?.addedBy, second.next], [window.reason, 'bob', null]);
  const weekly = { ...window, to: now + 900 * 86_400_000, hours: 'sun 02:00-04:00' };
  assert.equal((await bob('POST', path, { body: weekly })).status, 200);
  assert.equal((await bob('POST', path, { body: { ...weekly, hours: 'sundays' } })).code, 'BODY_INVALID');
  const [newest] = MaintenanceAnswer.parse((await alice('GET', path)).json()).maintenance.filter((one) => one.hours);
  assert.deepEqual([newest?.hours, newest?.timeZone], ['sun 02:00-04:00', 'UTC']);
  assert.equal((await bob('DELETE', `${path}/${ids[0]}`)).status, 204);
  assert.equal((await bob('DELETE', `${path}/${ids[0]}`)).status, 404);
});

test("another customer's monitors and runs are not there, by either customer's address", async () => {
  await using world = await buildWorld();
  const acme = await buildReported(world, 'Acme');
  const other = await buildReported(world, 'Other');
  const charlie = await world.signedIn('charlie', other.customerId);
  const olga = await world.signedIn('olga', null);
  const { monitorId, runId } = acme;
  const paths = [
    '/monitors',
    `/monitors/${monitorId}`,
    `/monitors/${monitorId}/response-times`,
    `/monitors/${monitorId}/report`,
  ];
  for (const path of [...paths, `/monitors/${monitorId}/runs`, `/runs/${runId}`]) {
    const theirs = `/api/v1/customers/${acme.customerId}${path}`;
    assert.equal((await charlie('GET', theirs)).status, 404, theirs);
    assert.equal((await olga('GET', theirs)).status, 404, theirs);
    assert.equal((await world.ask('GET', theirs)).status, 401, theirs);
    if (path === '/monitors') continue;
    const own = `/api/v1/customers/${other.customerId}${path}`;
    assert.equal((await charlie('GET', own)).status, 404, own);
  }
});

test('a question that makes no sense is refused with the place of the fault', async () => {
  await using world = await buildWorld();
  const { customerId, monitorId } = await buildReported(world, 'Acme');
  const alice = await world.signedIn('alice', customerId);
  const base = `/api/v1/customers/${customerId}/monitors`;
  const faults: [string, RegExp][] = [
    ['?from=2&to=1', /^from: must be before to/],
    ['?from=yesterday', /^from: /],
    ['?from=&to=', /^from: must be a whole number/],
    ['?from=1&from=2', /^from: /],
    [`/${monitorId}/response-times?step=second`, /^step: /],
    [`/${monitorId}/report?step=year`, /^step: /],
    [`/${monitorId}/report?group=location,sentinel`, /^group: must name locations or sentinels/],
    [`/${monitorId}/report?group=floor`, /^group/],
    [`/${monitorId}/report?timeZone=Mars/Base`, /^timeZone: /],
    [
      `/${monitorId}/report?timezone=Europe/Amsterdam`,
      /^timezone: there is no such parameter; there are from, to, step, .*timeZone/,
    ],
    [`/${monitorId}/report?zone=UTC&stap=day`, /^zone: there is no .*; stap: there is no such parameter; there are /],
    [`/${monitorId}/report?transaction=Logout`, /^transaction: the monitor has none called "Logout"/],
    [`/${monitorId}/report?from=0&to=1000&after=1000`, /^after: must be before to/],
    [`/${monitorId}/report?transaction=Login&transaction=Login,Open`, /^transaction: .* called "Login,Open"/],
    [`/${monitorId}/report?from=0&to=1000&limit=10001`, /^limit: /],
    [`/${monitorId}/report?from=-99999999999999&to=1000`, /^from: /],
    [`/${monitorId}/runs?limit=0`, /^limit: /],
    [`/${monitorId}/runs?before=1`, /^before: /],
    [`/${monitorId}/runs?outcome=great`, /^outcome: /],
  ];
  for (const [path, detail] of faults) {
    const answer = await alice('GET', base + path);
    assert.deepEqual([answer.status, answer.code], [400, 'QUERY_INVALID'], path);
    assert.match((answer.json() as { detail: string }).detail, detail);
  }
  assert.equal((await alice('GET', `${base}/not-a-monitor`)).status, 404);

  await world.context.customers.use(customerId, async (db) => {
    await db('transactions').insert({ monitor_id: monitorId, name: 'Log out', position: 2 });
  });
  const dayMs = 86_400_000;
  const years = `from=0&to=${100 * 365 * dayMs}`;
  const tooLong: [string, RegExp][] = [
    [`/response-times?step=minute&from=0&to=${3 * dayMs}`, /at most 2880 steps of a minute.* or for step=hour$/],
    [`/report?step=minute&from=0&to=${10 * 365 * dayMs}`, /at most 2880 steps of a minute.* or for step=day$/],
    [`/report?step=hour&${years}`, /at most 10000 steps of an hour.* or for step=week$/],
    [`/report?step=day&${years}`, /at most 10000 steps of a day.* or for step=week$/],
    [`/report?step=day&from=0&to=${9999 * dayMs}&limit=10000&group=transaction`, /30000 points.*at most 7500 steps/],
  ];
  for (const [path, detail] of tooLong) {
    const answer = await alice('GET', `${base}/${monitorId}${path}`);
    assert.deepEqual([answer.status, answer.code], [422, 'REPORT_TOO_LONG'], path);
    assert.match((answer.json() as { detail: string }).detail, detail);
  }
  const centuries = `from=${Date.UTC(1900)}&to=${Date.UTC(2200)}`;
  for (const path of ['?', `/${monitorId}?`, `/${monitorId}/report?step=month&`]) {
    assert.equal((await alice('GET', `${base}${path}${centuries}`)).status, 200, path);
  }
});
