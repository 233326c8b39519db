import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from '../build-home.ts';
import { buildRun } from '../build-run.ts';
import { buildServer, type FakeRequest } from '../build-server.ts';
import { Problems } from '../problems.ts';
import type { Heartbeat, Run } from '../protocol/messages.ts';
import { store } from '../schedule/store.ts';
import { openSeal } from '../seal.ts';
import { Spool } from '../spool/spool.ts';
import { Connection } from './connection.ts';
import { Link, type LinkSettings } from './link.ts';
import { Push } from './push.ts';

const hour = 3_600_000;
const { signal } = new AbortController();
const beat: Heartbeat = {
  ...{ version: '1', platform: 'x', sandboxLevel: 1, problems: [] },
  spool: { runs: 0, rejected: 0, dropped: 0 },
};

/** A sentinel's spool and link, before a server whose clock is `serverIs` ahead of the device's as it was set first. */
async function buildWorld(serverIs: number) {
  const home = buildHome();
  const began = Date.now();
  const [sent, clock]: [Run[], { uptime: number }] = [[], { uptime: 5000 }];
  const server = await buildServer(({ path, body }: FakeRequest) => {
    const serverTime = began + clock.uptime - 5000 + serverIs;
    if (path !== '/runs') return { json: { serverTime } };
    const { runs }: { runs: Run[] } = JSON.parse(body.toString());
    sent.push(...runs);
    return { json: { serverTime, runs: runs.map(({ id }) => ({ id, status: 'stored' })) } };
  });
  const file = path.join(home.folder, 'spool.sqlite');
  const spool = new Spool({ file, seal: openSeal(home.folder, 'spool') });
  const start = () => {
    const settings = { server: server.url, trust: server.trust, sentinelId: buildRun().monitorId, apiKey: 'k' };
    const link = new Link({ ...settings, uptime: () => clock.uptime });
    const problems = new Problems();
    /** A run that begins now and is stored when `meanwhile` is over. */
    const keep = async (meanwhile = () => {}) => {
      const [run, mark] = [buildRun({ startedAt: Date.now() }), link.clockMark];
      meanwhile();
      await store({ run, files: [] }, mark, { spool, problems, clock: link, onStored() {}, log() {} }, signal);
      return run;
    };
    return { link, push: new Push(spool, link), keep };
  };
  return {
    ...{ sent, clock, start },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      spool[Symbol.dispose]();
      home[Symbol.dispose]();
    },
  };
}

/** When runs started by the server's clock, in hours after `from`. */
function hours(runs: readonly Run[], from: number): (number | undefined)[] {
  return runs.map(
    ({ startedAt, clockOffsetMs }) =>
      clockOffsetMs === undefined ? undefined : Math.round((startedAt + clockOffsetMs - from) / hour) + 0, // no -0
  );
}

test('runs that were stored before the server was reached wait for its clock, and get the time that it was when they ran', async (t) => {
  const began = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: began });
  await using world = await buildWorld(30 * hour);
  const { clock } = world;
  const { link, push, keep } = world.start();
  await using _ = link;
  const passes = (ms: number, setMs = 0) => {
    clock.uptime += ms;
    t.mock.timers.setTime(Date.now() + ms + setMs);
  };
  const first = await keep();
  passes(hour);
  await keep(() => passes(hour, 30 * hour)); // while it ran, the clock was put right
  await keep();
  assert.deepEqual([await push.step(signal), world.sent.length], [{ kind: 'untimed' }, 0]);
  passes(hour);
  await link.heartbeat(beat, signal);
  assert.deepEqual(await push.step(signal), { kind: 'moved' });
  assert.deepEqual(hours(world.sent, began + 30 * hour), [0, 1, 2]);
  assert.equal(world.sent[0]?.startedAt, first.startedAt, 'as the device said it');

  // Set again: what is stored now waits until it was measured anew.
  passes(hour, -5 * hour);
  assert.equal(link.sureOffsetMs, undefined);
  await keep();
  assert.deepEqual(await push.step(signal), { kind: 'untimed' });
  await link.heartbeat(beat, signal);
  await push.step(signal);
  assert.deepEqual(hours(world.sent.slice(3), began + 30 * hour), [4]);
});

test('runs of an earlier start are taken to have had the clock of this one', async (t) => {
  const began = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: began });
  await using world = await buildWorld(-7 * hour);
  await using before = world.start().link;
  await world.start().keep();
  const { link, push } = world.start();
  await using _ = link;
  await link.heartbeat(beat, signal);
  await push.step(signal);
  assert.deepEqual(hours(world.sent, began - 7 * hour), [0]);
  assert.equal(before.sureOffsetMs, undefined);
});

test('a server that answers for long and tells no time is sent one run, whose answer puts the others right', async (t) => {
  const began = Date.now();
  t.mock.timers.enable({ apis: ['Date'], now: began });
  await using world = await buildWorld(4 * hour);
  const { link, push, keep } = world.start();
  await using _ = link;
  for (let i = 0; i < 3; i++) await keep();
  await link.script('a'.repeat(64), signal); // is answered
  assert.deepEqual(await push.step(signal), { kind: 'untimed' });
  world.clock.uptime += 301_000;
  t.mock.timers.setTime(Date.now() + 301_000);
  await push.step(signal);
  await push.step(signal);
  assert.deepEqual(hours(world.sent, began), [undefined, 4, 4]);
});

test('an exchange that took long measures the clock where nothing better did, and only there', async () => {
  let [tookMs, offMs] = [40_000, 7 * hour];
  const connect: LinkSettings['connect'] = (server, trust) => {
    const connection = new Connection(server, trust);
    connection.exchange = async () => {
      const sentAt = Date.now();
      const body = Buffer.from(JSON.stringify({ serverTime: sentAt + offMs + tookMs / 2 }));
      return { status: 200, header: () => undefined, body, sentAt, tookMs };
    };
    return connection;
  };
  await using server = await buildServer(() => 'cut');
  const settings = { server: server.url, trust: server.trust, sentinelId: buildRun().monitorId, apiKey: 'k' };
  await using link = new Link({ ...settings, connect });
  const measured = async () => {
    await link.heartbeat(beat, signal);
    return link.sureOffsetMs;
  };
  assert.equal(await measured(), 7 * hour);
  [tookMs, offMs] = [100, 6 * hour];
  assert.equal(await measured(), 6 * hour);
  [tookMs, offMs] = [40_000, 7 * hour];
  assert.equal(await measured(), 6 * hour);
});
