import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { apiPrefix, maxBatchBytes } from '../../sentinel/protocol/messages.ts';
import { buildWorld, type EnrolledSentinel, type World } from '../build-world.ts';

const heartbeat = {
  ...{ version: '0.1.0', platform: 'linux-x64', sandboxLevel: 3, problems: [] },
  spool: { runs: 0, rejected: 0, dropped: 0 },
};

let world: World;
let sentinel: EnrolledSentinel;
before(async () => {
  world = await buildWorld();
  sentinel = await world.enrolled(await world.addCustomer('Acme'));
});
after(() => world[Symbol.asyncDispose]());

const send = (body: unknown, headers: Record<string, string> = {}, path = '/heartbeats') =>
  sentinel.ask('POST', apiPrefix + path, { body, headers });

test('a body is taken plain, and packed with gzip or zstd', async () => {
  const json = JSON.stringify(heartbeat);
  assert.equal((await send(heartbeat)).status, 200);
  assert.equal((await send(gzipSync(json), { 'content-encoding': 'gzip' })).status, 200);
  assert.equal((await send(zstdCompressSync(json), { 'content-encoding': 'zstd' })).status, 200);
  assert.equal((await send(gzipSync(json), { 'content-encoding': 'GZIP' })).status, 200);
});

test('what is not the JSON that was expected is refused with the place', async () => {
  const wrong = { ...heartbeat, spool: { ...heartbeat.spool, runs: -1 } };
  const answer = await send(wrong);
  assert.equal(answer.status, 400);
  assert.match((answer.json() as { detail: string }).detail, /^spool\.runs: /);
});

test('what is not JSON, not UTF-8, or not packed as it says is refused', async () => {
  const cases: [string, Uint8Array, Record<string, string>][] = [
    ['not valid JSON', Buffer.from('{"version": '), {}],
    ['not valid JSON', Buffer.alloc(0), {}],
    ['not valid UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), {}],
    ['not what its content-encoding says', Buffer.from('plain'), { 'content-encoding': 'gzip' }],
    ['not what its content-encoding says', gzipSync('{}').subarray(0, 12), { 'content-encoding': 'gzip' }],
  ];
  for (const [reason, body, headers] of cases) {
    const answer = await send(body, headers);
    assert.equal(answer.status, 400, reason);
    assert.equal(answer.code, 'BODY_INVALID');
    assert.ok(answer.text.includes(reason), answer.text);
  }
});

test('a body that is too large is refused, packed or unpacked', async () => {
  const large = Buffer.alloc(maxBatchBytes + 1, ' ');
  const packed: [Uint8Array, string][] = [
    [large, 'identity'],
    [gzipSync(large), 'gzip'],
    [zstdCompressSync(large), 'zstd'],
  ];
  for (const [body, encoding] of packed) {
    const answer = await send(body, { 'content-encoding': encoding }, '/runs');
    assert.equal(answer.status, 413, encoding);
    assert.equal(answer.code, 'BODY_TOO_LARGE');
  }
});

test('another media type or packing is refused with what is taken', async () => {
  const form = await send(heartbeat, { 'content-type': 'application/x-www-form-urlencoded' });
  assert.deepEqual([form.status, form.code], [415, 'MEDIA_TYPE']);
  const packed = await send(heartbeat, { 'content-encoding': 'compress' });
  assert.deepEqual([packed.status, packed.code], [415, 'ENCODING']);
});

test('a problem tells nothing of the inside', async () => {
  for (const answer of [await send('x'), await send(heartbeat, {}, '/nothing'), await send(heartbeat, {}, '/%ff')]) {
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.ok(answer.status >= 400);
    assert.doesNotMatch(answer.text, /\.ts|node_modules|at .*\(|stack/);
    assert.deepEqual(Object.keys(answer.json() as object), ['type', 'title', 'status', 'code', 'detail']);
  }
});
