import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { until } from '../../test/faults/until.ts';
import { buildHome } from '../build-home.ts';
import { buildServer } from '../build-server.ts';
import { Problems } from '../problems.ts';
import { Heartbeat } from '../protocol/messages.ts';
import { openSeal } from '../seal.ts';
import { Memory } from '../spool/memory.ts';
import { Spool } from '../spool/spool.ts';
import { Wake } from '../wake.ts';
import { heartbeatLoop } from './heartbeat.ts';
import { Link } from './link.ts';

const hour = 3_600_000;

test('what was skipped is told only with how far off the clock is, right after that is known, until the server says that it has it', async () => {
  using home = buildHome();
  using spool = new Spool({ file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
  const memory = new Memory(spool.file);
  const skip = { monitorId: '11111111-2222-4333-8444-555555555555', reason: 'off', from: 1000, to: 5000, count: 5 };
  const later = { ...skip, reason: 'hours', from: 7000, to: 7000, count: 1 };
  memory.skipped(skip.monitorId, later.to, '', [skip, later]);
  const heard: Heartbeat[] = [];
  await using server = await buildServer(({ body }) => {
    const heartbeat = Heartbeat.parse(JSON.parse(body.toString()));
    heard.push(heartbeat);
    return { json: { serverTime: Date.now() + hour, skips: heartbeat.skips ? 1 : 0 } }; // the first of two
  });
  await using link = new Link({ server: server.url, trust: server.trust, sentinelId: skip.monitorId, apiKey: 'k' });
  const vitals = {
    ...{
      link,
      spool,
      memory,
      problems: new Problems(),
      rules: { pause: undefined },
      refused: () => [],
      vault: { names: () => ['SHOP_PASSWORD'] },
    },
    trust: { pinSet: '0'.repeat(64), news: new Wake() },
    runner: { sandboxLevel: 3 as const, browser: undefined },
  };
  const stop = new AbortController();
  const loop = heartbeatLoop(vitals, stop.signal);
  const unsent = () => spool.unsentSkips(2).map(({ reason }) => reason);
  await until('one of the skips is acknowledged', () => unsent().length < 2);
  assert.deepEqual(unsent(), ['hours']);
  stop.abort();
  await loop;
  assert.deepEqual(
    heard.map(({ skips, clockOffsetMs }) => [skips?.length ?? 0, clockOffsetMs && Math.round(clockOffsetMs / hour)]),
    [
      [0, undefined],
      [2, 1],
    ],
  );
});
