import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { buildMonitor } from '../../db/customer/build-customer.ts';
import type { MonitorRow, PassedPictureRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import { apiPrefix, type Heartbeat, type Run, RunBatchAnswer } from '../../sentinel/protocol/messages.ts';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import { sha256Hex } from '../../sentinel/protocol/statement.ts';
import { buildWorld, type World } from '../build-world.ts';
import { buildFailedRun, buildRun } from '../ingest/build-run.ts';
import { passFence } from '../jobs/fence.ts';
import { RunAnswer } from '../reports/shapes.ts';
import { cleanUp } from './clean-up.ts';
import { evidenceOf } from './evidence-store.ts';

const hourMs = 3_600_000;
const [red, lime, blue] = [await pictureOf('red'), await pictureOf('lime'), await pictureOf('blue')];

function pictureOf(background: string): Promise<Buffer> {
  return sharp({ create: { width: 64, height: 48, channels: 3, background } })
    .webp()
    .toBuffer();
}

const itemOf = (picture: Buffer, transaction?: string): Run['evidence'][number] => ({
  ...{ kind: 'screenshot', sha256: sha256Hex(picture), bytes: picture.length, mediaType: 'image/webp' },
  ...(transaction === undefined ? {} : { transaction }),
});

/** A customer with a monitor and a user who looks at its runs. */
async function buildWatching(world: World, name: string) {
  const { context } = world;
  const customerId = await world.addCustomer(name);
  const use = <T>(work: (db: CustomerDb) => Promise<T>) => context.customers.use(customerId, work);
  const { id: monitorId } = await use((db) => buildMonitor(db));
  const user = await world.signedIn(`user-${name}`, customerId);
  /** A sentinel, and how it reports a run with pictures. */
  const reporting = async (location: string) => {
    const sentinel = await world.enrolled(customerId, location);
    const report = async (run: Run) => {
      const answer = await sentinel.ask('POST', `${apiPrefix}/runs`, { body: run });
      return RunBatchAnswer.parse(answer.json()).runs[0];
    };
    const send = async (content: Buffer) => {
      const sent = { body: content, headers: { 'content-type': 'image/webp' } };
      return (await sentinel.ask('PUT', `${apiPrefix}/evidence/${sha256Hex(content)}`, sent)).status;
    };
    const passes = async (picture: Buffer, hoursAgo: number, isSent = true, values: Partial<Run> = {}) => {
      const startedAt = context.now() - hoursAgo * hourMs;
      const run = buildRun({ monitorId, startedAt, evidence: [itemOf(picture, 'Login')], ...values });
      assert.equal((await report(run))?.status, 'stored');
      if (isSent) assert.equal(await send(picture), 204);
      return run;
    };
    const fails = async () => {
      const run = buildFailedRun({ monitorId, startedAt: context.now() });
      assert.equal((await report(run))?.status, 'stored');
      const shown = await user('GET', `/api/v1/customers/${customerId}/runs/${run.id}`);
      return RunAnswer.parse(shown.json());
    };
    return { sentinel, report, passes, fails };
  };
  const clean = (quotaBytes = 2 ** 30, hoursOn = 2) =>
    use((db) => {
      const guard = (trx: CustomerDb) => passFence(trx, 1000);
      return cleanUp(db, evidenceOf(context, customerId), { now: context.now() + hoursOn * hourMs, quotaBytes, guard });
    });
  const rows = () => use(async (db) => db<PassedPictureRow>('passed_pictures'));
  return { customerId, monitorId, user, reporting, clean, rows, use };
}

test('beside a transaction that failed stands the last picture of it that passed, of the same location if there is one', async () => {
  await using world = await buildWorld();
  const acme = await buildWatching(world, 'Acme');
  const utrecht = await acme.reporting('Utrecht');
  const ghent = await acme.reporting('Ghent');
  const none = await utrecht.fails();
  assert.deepEqual([none.passedPicture, none.noPassedPicture], [null, 'not yet']);
  const [own, other] = [await utrecht.passes(red, 3), await ghent.passes(lime, 2)];
  const shown = await utrecht.fails();
  assert.deepEqual([shown.passedPicture?.runId, shown.passedPicture?.location], [own.id, 'Utrecht']);
  assert.equal(shown.passedPicture?.takenAt, own.startedAt + 800);
  assert.equal(shown.noPassedPicture, null);
  assert.equal((await (await acme.reporting('Delft')).fails()).passedPicture?.runId, other.id);

  const picture = await acme.user('GET', String(shown.passedPicture?.url));
  assert.deepEqual([picture.status, picture.headers['content-type']], [200, 'image/webp']);
  const trail = await acme.use((db) => db('audit').where({ action: 'evidence-viewed' }));
  assert.equal(trail.at(-1)?.subject, `screenshot of the run ${own.id}`);
  const charlie = await world.signedIn('charlie', await world.addCustomer('Other'));
  assert.equal((await charlie('GET', String(shown.passedPicture?.url))).status, 404);

  const passed = await acme.user('GET', `/api/v1/customers/${acme.customerId}/runs/${own.id}`);
  const { evidence, passedPicture, noPassedPicture } = RunAnswer.parse(passed.json());
  assert.deepEqual([evidence, passedPicture, noPassedPicture], [[], null, null]);
});

test('a picture stays until a newer one of its place has arrived; what the same sentinel has sent need not be sent again', async () => {
  await using world = await buildWorld();
  const acme = await buildWatching(world, 'Acme');
  const utrecht = await acme.reporting('Utrecht');
  const first = await utrecht.passes(red, 5);
  await utrecht.passes(lime, 4, false);
  assert.deepEqual(await acme.clean(), { orphans: 0, evidence: 0, bytes: 0 });
  assert.equal((await utrecht.fails()).passedPicture?.runId, first.id);
  const again = await utrecht.passes(red, 3, false);
  assert.equal((await utrecht.fails()).passedPicture?.runId, again.id);
  await acme.clean();
  assert.equal((await acme.rows()).length, 1);
  const last = await utrecht.passes(blue, 2);
  assert.equal((await acme.clean()).orphans, 1);
  const { passedPicture } = await utrecht.fails();
  assert.equal(passedPicture?.runId, last.id);
  assert.equal((await acme.user('GET', String(passedPicture?.url))).status, 200);
});

test('a device whose clock is ahead does not decide for good which picture is the last', async () => {
  await using world = await buildWorld();
  const acme = await buildWatching(world, 'Acme');
  const utrecht = await acme.reporting('Utrecht');
  const ahead = { id: newRunId(Date.UTC(2100, 0, 1)), startedAt: world.context.now() + hourMs };
  await utrecht.passes(red, 0, true, ahead);
  assert.deepEqual(
    (await acme.rows()).map(({ taken_at }) => taken_at <= world.context.now()),
    [true],
  );
  await acme.use((db) => db('passed_pictures').update({ taken_at: world.context.now() - 3 * hourMs }));
  const last = await utrecht.passes(lime, 1);
  assert.equal((await utrecht.fails()).passedPicture?.runId, last.id);
  assert.equal((await acme.clean()).orphans, 1);
  assert.equal((await utrecht.fails()).passedPicture?.runId, last.id);
});

test('pictures go when their monitor asks for none any more or is retired, and after thirty days', async () => {
  await using world = await buildWorld();
  const acme = await buildWatching(world, 'Acme');
  const utrecht = await acme.reporting('Utrecht');
  const change = (values: Partial<MonitorRow>) =>
    acme.use((db) => db<MonitorRow>('monitors').where({ id: acme.monitorId }).update(values));
  const asUsual = { policy: null, retired_at: null };
  const rest: number[] = [];
  const evidence = (wish: object) => ({ ...asUsual, policy: JSON.stringify({ evidence: wish }) });
  for (const values of [
    evidence({ whenPassed: 'never' }),
    evidence({ screenshot: 'none' }),
    { ...asUsual, retired_at: 1 },
  ]) {
    await change(asUsual);
    await utrecht.passes(red, 5);
    await acme.clean();
    rest.push((await acme.rows()).length);
    await change(values);
    assert.equal((await acme.clean()).orphans, 1, JSON.stringify(values));
    rest.push((await acme.rows()).length);
  }
  assert.deepEqual(rest, [1, 0, 1, 0, 1, 0]);
  await change(asUsual);
  await utrecht.passes(red, 5);
  await acme.clean(2 ** 30, 29 * 24);
  assert.equal((await acme.rows()).length, 1);
  assert.equal((await acme.clean(2 ** 30, 30 * 24)).orphans, 1);
});

test('beyond the quota pictures go like other evidence, the oldest first', async () => {
  await using world = await buildWorld();
  const acme = await buildWatching(world, 'Acme');
  const utrecht = await acme.reporting('Utrecht');
  await utrecht.passes(red, 5);
  const ghent = await acme.reporting('Ghent');
  const kept = await ghent.passes(lime, 2);
  const { evidence } = await acme.clean(Math.max(red.length, lime.length) * 1.5);
  assert.equal(evidence, 1);
  assert.equal((await utrecht.fails()).passedPicture?.runId, kept.id);
});

test('where there is none it is said who asks for none, or allows none', async () => {
  await using world = await buildWorld();
  const acme = await buildWatching(world, 'Acme');
  const { sentinel, fails } = await acme.reporting('Utrecht');
  const spool = { runs: 0, rejected: 0, dropped: 0 };
  for (const [setting, asked, why] of [
    ['screenshots', 'a picture of what passed', 'sentinel'],
    ['screenshots', 'a picture of what went wrong', 'sentinel'],
    ['pageTexts', 'a picture of what passed', 'sentinel'],
    ['pageTexts', 'a trace of what went wrong', 'not yet'],
  ] as const) {
    const refused = [{ monitorId: acme.monitorId, setting, asked }];
    const heartbeat: Heartbeat = { version: '1', platform: 'x', sandboxLevel: 3, problems: [], refused, spool };
    assert.equal((await sentinel.ask('POST', `${apiPrefix}/heartbeats`, { body: heartbeat })).status, 200);
    assert.equal((await fails()).noPassedPicture, why, `${setting}: ${asked}`);
  }
  const policy = JSON.stringify({ evidence: { whenPassed: 'never' } });
  await acme.use((db) => db('monitors').where({ id: acme.monitorId }).update({ policy }));
  assert.equal((await fails()).noPassedPicture, 'monitor');
});

test('a picture of a transaction that is not in the run, or did not pass, is refused with its run', async () => {
  await using world = await buildWorld();
  const acme = await buildWatching(world, 'Acme');
  const { report } = await acme.reporting('Utrecht');
  const { monitorId } = acme;
  const trace = { ...itemOf(red, 'Login'), kind: 'trace' } as const;
  for (const run of [
    buildRun({ monitorId, evidence: [itemOf(red, 'Logout')] }),
    buildFailedRun({ monitorId, evidence: [itemOf(red), itemOf(lime, 'Login')] }),
    buildRun({ monitorId, evidence: [trace] }),
  ]) {
    const answer = await report(run);
    assert.equal(answer?.status, 'rejected');
    assert.match(answer?.reason ?? '', /^evidence\.[01]\.transaction: /);
  }
  assert.deepEqual(await acme.rows(), []);
});
