import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { ToChild } from '../messages.ts';
import { carrySockets } from './carried-sockets.ts';
import type { Passage } from './gate.ts';

const MiB = 1024 * 1024;

function buildSockets(connect: () => Promise<unknown>) {
  const told: ToChild[] = [];
  const sockets = carrySockets({ connect } as unknown as Passage, (message) => told.push(message));
  return { sockets, told };
}

test('connections that a child gives up before they stand count until they are gone', async () => {
  let asked = 0;
  const { sockets, told } = buildSockets(() => {
    asked++;
    return new Promise(() => {});
  });
  for (let i = 0; i < 100; i++) {
    sockets.take({ kind: 'connect', socket: 1, host: 'shop.test', port: 80 });
    sockets.take({ kind: 'gone', socket: 1 });
  }
  assert.equal(asked, 64);
  assert.equal(told.length, 36);
});

test('what hosts leave unread is bounded over all connections together', async () => {
  const open: PassThrough[] = [];
  const { sockets } = buildSockets(async () => {
    const deaf = new PassThrough();
    open.push(deaf);
    return deaf;
  });
  const data = Buffer.alloc(8 * MiB).toString('base64');
  for (let socket = 0; socket < 20; socket++) {
    sockets.take({ kind: 'connect', socket, host: 'shop.test', port: 80 });
    await new Promise(setImmediate);
    for (const _ of [1, 2]) sockets.take({ kind: 'data', socket, data });
  }
  const held = open.filter(({ destroyed }) => !destroyed).reduce((sum, one) => sum + one.writableLength, 0);
  assert.ok(held <= 64 * MiB, `${held / MiB} MiB`);
});
