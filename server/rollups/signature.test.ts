import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { normalised, signatureOf } from './signature.ts';

test('numbers, ids, what is quoted and what follows an address are replaced, all else stays', () => {
  const pairs = [
    ['the application answered POST /orders/4711 with HTTP 500', 'the application answered POST /orders/# with HTTP #'],
    ['Timeout 30000ms exceeded.', 'Timeout #ms exceeded.'],
    ['no order 01890000-0000-7000-8000-0000000000ab, trace 9f8e7d6c5b4a', 'no order #, trace #'],
    ['got "Total 12,50" and “x”, not \'Total 9\'', 'got "…" and “…”, not \'…\''],
    ["the application's host, isn't", "the application's host, isn't"],
    ['https://shop.test/cart?item=7&x=y failed', 'https://shop.test/cart failed'],
    ["waiting for getByRole('button', { name: 'Pay 12' })", "waiting for getByRole('button', { name: 'Pay #' })"],
    ['a\n  b\n\nCall log:\n  - waiting 5 s', 'a b'],
    ['\u001b[31mred\u001b[39m', 'red'],
    ['', ''],
  ];
  for (const [message = '', told] of pairs) assert.equal(normalised(message), told);
});

test('what was looked for tells failures apart, how long and for whom does not', () => {
  const of = (name: string, ms: number) =>
    signatureOf('TIMEOUT', `Timeout ${ms}ms: getByText('${name}')`).toString('hex');
  assert.equal(of('Pay', 5000), of('Pay', 12));
  assert.notEqual(of('Pay', 5000), of('Sign in', 5000));
  assert.notEqual(signatureOf('TIMEOUT', 'x').toString('hex'), signatureOf('ASSERTION', 'x').toString('hex'));
});

test('whatever a message holds, its numbers make no difference, and it is read at once', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), fc.nat(), fc.nat(), (text, a, b) => {
      assert.equal(normalised(`${text} ${a} `), normalised(`${text} ${b} `));
    }),
    { numRuns: 100 },
  );
  const begun = process.cpuUsage();
  normalised(`${"getByText('".repeat(20_000)}`);
  assert.ok(process.cpuUsage(begun).user < 2_000_000, 'no message takes long, whoever wrote it');
});
