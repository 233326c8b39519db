import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { apiPrefix } from '../../sentinel/protocol/messages.ts';
import { type Ask, buildWorld } from '../../server/build-world.ts';
import type { SlowFleet, SlowTold } from './slow-clients-worker.ts';
import { until } from './until.ts';

const long = process.env.VEDETTE_LONG === '1';
const count = long ? 2000 : 60;
const heartbeats = long ? 400 : 20;
const body = {
  ...{ version: '1', platform: 'x', sandboxLevel: 1, problems: [] },
  spool: { runs: 0, rejected: 0, dropped: 0 },
};

/** The 95th percentile of how long a heartbeat takes, ms. */
async function p95(ask: Ask): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < heartbeats; i++) {
    const began = performance.now();
    assert.equal((await ask('POST', `${apiPrefix}/heartbeats`, { body })).status, 200);
    times.push(performance.now() - began);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? Number.NaN;
}

function startWorker() {
  const child = fork(join(import.meta.dirname, 'slow-clients-worker.ts'));
  // Elsewhere slow clients have processors of their own; here theirs is not to be taken for the server's.
  if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
  return {
    child,
    async [Symbol.asyncDispose]() {
      child.kill();
      await once(child, 'exit');
    },
  };
}

test('slow clients, always as many again as are cut off, leave a sentinel its answers', async () => {
  // In the short form they are cut off sooner: what is tested is the same, and takes less.
  const limits = long ? {} : { handshakeMs: 1000, headersMs: 1000, idleMs: 1000, slowStartMs: 500, lookEveryMs: 100 };
  await using world = await buildWorld({ limits });
  const { ask } = await world.enrolled(await world.addCustomer('Acme'));
  const alone: number[] = [];
  const beside: number[] = [];
  const held: number[] = [];
  for (let round = 0; round < (long ? 3 : 1); round++) {
    alone.push(await p95(ask));
    await using worker = startWorker();
    const { child } = worker;
    const told = { open: 0, ended: 0 };
    child.on('message', (now: SlowTold) => Object.assign(told, now));
    const { caPem: ca, pins } = world.context.authority;
    child.send({ port: world.server.port, ca, pins, count } satisfies SlowFleet);
    const tell = () => JSON.stringify(told);
    await until('each has come', () => told.open + told.ended >= count, { tell, limitMs: 300_000 });
    held.push(told.open);
    beside.push(await p95(ask));
    await until('as many as there are were cut off', () => told.ended >= count, { tell, limitMs: 300_000 });
  }
  const middle = (figures: number[]) => figures.sort((a, b) => a - b)[figures.length >> 1] ?? Number.NaN;
  const [before, after] = [middle(alone), middle(beside)];
  console.log(
    `p95 ${before.toFixed(1)} ms alone, ${after.toFixed(1)} ms beside slow clients that hold ${held.join(', ')} connections`,
  );
  // A ratio of the two says something only where nothing else is at work on the machine.
  if (long) assert.ok(after < before * 2, `${after} ms beside them, ${before} ms alone`);
});
