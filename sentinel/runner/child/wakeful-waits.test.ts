import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMissing, type Searching } from './wakeful-waits.ts';

const looking = "waiting for getByRole('button')";
const seen = '  locator resolved to <button disabled>Buy</button>';

/** Whether a button is missing that is waited for from 0 to `now`, by when a look last ended in vain; ms. */
function missing({ now = 6000, vain = now - 100, log = [looking] }: { now?: number; vain?: number; log?: string[] }) {
  const wait: Searching = { progress: { metadata: { params: { selector: 'button' }, log } }, began: 0, vain };
  const other: Searching = { progress: { metadata: { params: { selector: 'h1' }, log: [] } }, began: 0, vain: now };
  return isMissing('button', [wait, other], now);
}

test('an element is missing that was looked for as long as an assertion does, and never seen', () => {
  assert.equal(missing({}), true);
  assert.equal(missing({ now: 4900 }), false, 'it may still have come');
  assert.equal(missing({ log: [looking, seen, looking] }), false, 'it was there');
});

test('on a page that hangs nobody knows what is missing', () => {
  assert.equal(missing({ vain: 400 }), false);
  assert.equal(missing({ vain: 4000 }), true, 'it went on for long');
});

test('what nobody waits for is not missing', () => {
  assert.equal(isMissing('button', [], 6000), false);
});
