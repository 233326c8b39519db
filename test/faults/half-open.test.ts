import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from '../../sentinel/build-home.ts';
import { buildRun } from '../../sentinel/build-run.ts';
import { buildServer } from '../../sentinel/build-server.ts';
import { Connection } from '../../sentinel/link/connection.ts';
import { Link } from '../../sentinel/link/link.ts';
import { Push } from '../../sentinel/link/push.ts';
import { Problems } from '../../sentinel/problems.ts';
import { openSeal } from '../../sentinel/seal.ts';
import { Spool } from '../../sentinel/spool/spool.ts';
import { Wake } from '../../sentinel/wake.ts';
import { until } from './until.ts';

/*
 * Connections of which one end does not know that the other is gone: a laptop that slept, a firewall that forgot them.
 * Whatever is sent on them gets no answer and no error.
 */

const long = process.env.VEDETTE_LONG === '1';
const never = new AbortController().signal;

/** A way to a server whose connections can fall silent; later ones work. */
async function buildRelay(port: number) {
  const pairs = new Set<[net.Socket, net.Socket]>();
  let made = 0;
  const relay = net.createServer((near) => {
    made++;
    const far = net.connect(port, '127.0.0.1');
    pairs.add([near, far]);
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far).pipe(near);
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `https://localhost:${(relay.address() as AddressInfo).port}`,
    made: () => made,
    silence() {
      for (const [near, far] of pairs) {
        near.unpipe().resume();
        far.unpipe().resume();
      }
    },
    async [Symbol.asyncDispose]() {
      for (const socket of [...pairs].flat()) socket.destroy();
      await new Promise((done) => relay.close(done));
    },
  };
}

const portOf = (url: string) => Number(new URL(url).port);

test('of connections that fell silent one is tried, then none: the next message takes a new one', async () => {
  await using server = await buildServer(async () => ({ json: {} }));
  await using relay = await buildRelay(portOf(server.url));
  await using connection = new Connection(relay.url, server.trust);
  const ask = (deadlineMs: number) => connection.exchange({ method: 'GET', path: '/', deadlineMs }, never);
  await Promise.all([ask(30_000), ask(30_000), ask(30_000)]);
  assert.equal(relay.made(), 3);
  relay.silence();
  await assert.rejects(ask(300), /took too long/);
  assert.equal((await ask(30_000)).status, 200);
  assert.equal(relay.made(), 4);
});

if (long) {
  test('a run is delivered within a minute of waking up, although no connection from before still works', async () => {
    const ids: string[] = [];
    await using server = await buildServer(async ({ body }) => {
      const runs = JSON.parse(body.toString()).runs.map(({ id }: { id: string }) => ({ id, status: 'stored' }));
      ids.push(...runs.map(({ id }: { id: string }) => id));
      return { json: { runs, serverTime: Date.now() } };
    });
    await using relay = await buildRelay(portOf(server.url));
    using home = buildHome();
    using spool = new Spool({ file: path.join(home.folder, 'spool.sqlite'), seal: openSeal(home.folder, 'spool') });
    const sentinelId = '99999999-2222-4333-8444-555555555555';
    await using link = new Link({ server: relay.url, trust: server.trust, sentinelId, apiKey: 'key-1' });
    const post = () => link.postRuns([buildRun()], never);
    await Promise.all([post(), post(), post()]);
    relay.silence();
    const run = buildRun();
    spool.add(run, []);
    const stop = new AbortController();
    const began = performance.now();
    const loop = new Push(spool, link).loop(new Wake(), new Problems(), stop.signal);
    await until('the run is there', () => ids.includes(run.id));
    const seconds = (performance.now() - began) / 1000;
    stop.abort();
    await loop;
    console.log(`delivered after ${seconds.toFixed(1)} s`);
    assert.ok(seconds < 60, `${seconds} s`);
  });
}
