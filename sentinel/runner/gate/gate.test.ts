import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GateError, openGate } from './gate.ts';

test('a denied IPv6 address is told as a script would have to list it', async () => {
  const gate = await openGate();
  try {
    const strict = gate.open([]);
    await assert.rejects(strict.connect('0:0:0:0:0:0:0:1', 9), GateError);
    assert.deepEqual([...strict.denied], ['[::1]:9']);
    const open = gate.open([...strict.denied]);
    await assert.rejects(open.connect('::1', 9), { fault: { host: '[::1]:9', code: 'CONNECT' } });
  } finally {
    gate.close();
  }
});
