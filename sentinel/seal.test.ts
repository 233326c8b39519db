import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildHome } from './build-home.ts';
import { openSeal } from './seal.ts';

test('what was sealed opens again after a restart, under its own label only', () => {
  using home = buildHome();
  const seal = openSeal(home.folder, 'vault');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string(), (content, label) => {
      const sealed = seal.close(content, label);
      assert.deepEqual(openSeal(home.folder, 'vault').open(sealed, label), Buffer.from(content));
      assert.equal(seal.open(sealed, `${label}x`), undefined);
    }),
    { numRuns: 50 },
  );
});

test('one altered bit, or a cut, and nothing opens', () => {
  using home = buildHome();
  const seal = openSeal(home.folder, 'spool');
  const sealed = seal.close(Buffer.from('a run'), 'run 1');
  fc.assert(
    fc.property(fc.nat(sealed.length - 1), fc.nat(7), (byte, bit) => {
      const altered = Buffer.from(sealed);
      altered.writeUInt8(altered.readUInt8(byte) ^ (1 << bit), byte);
      assert.equal(seal.open(altered, 'run 1'), undefined);
      assert.equal(seal.open(sealed.subarray(0, byte), 'run 1'), undefined);
    }),
  );
});

test('the purposes of a home have keys of their own', () => {
  using home = buildHome();
  const sealed = openSeal(home.folder, 'vault').close(Buffer.from('x'), 'l');
  assert.equal(openSeal(home.folder, 'spool').open(sealed, 'l'), undefined);
});
