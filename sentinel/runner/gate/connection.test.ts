import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recordTypes } from './connection.ts';

const record = (type: number, bytes: number) =>
  Buffer.from([type, 3, 3, bytes >> 8, bytes & 255, ...Array(bytes).fill(9)]);
const handshake = [record(22, 300), record(20, 1), record(23, 50), record(23, 2000)];

test('the types of TLS records are read wherever the stream is cut', () => {
  const all = Buffer.concat(handshake);
  for (const size of [1, 2, 3, 5, 7, 100, 304, 305, 306, all.length]) {
    const typesOf = recordTypes();
    const types: number[] = [];
    for (let at = 0; at < all.length; at += size) types.push(...typesOf(all.subarray(at, at + size)));
    assert.deepEqual(types, [22, 20, 23, 23], `cut every ${size} bytes`);
  }
});

test('a record is known by its header, before its content has come', () => {
  assert.deepEqual(recordTypes()(record(23, 60_000).subarray(0, 5)), [23]);
});
