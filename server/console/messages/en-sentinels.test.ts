import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byUrgency, matches, sentinelsHeadline } from './en-sentinels.ts';

test('the headline says what needs a look, else how many are connected; revoked ones are no sentinels any more', () => {
  assert.equal(sentinelsHeadline([]), 'No sentinels');
  assert.equal(sentinelsHeadline(['revoked']), 'No sentinels');
  assert.equal(sentinelsHeadline(['connected', 'revoked']), 'The sentinel is connected');
  assert.equal(sentinelsHeadline(['connected', 'connected']), 'All 2 sentinels are connected');
  assert.equal(sentinelsHeadline(['connected', 'unused']), '1 of 2 sentinels connected');
  assert.equal(sentinelsHeadline(['connected', 'problems', 'paused']), '1 of 3 sentinels needs a look');
  assert.equal(sentinelsHeadline(['parked', 'away']), '2 of 2 sentinels need a look');
});

test('what needs a look comes first, the rest by name', () => {
  const sorted = [
    { name: 'b', state: 'connected' },
    { name: 'c', state: 'away' },
    { name: 'a', state: 'connected' },
    { name: 'd', state: 'parked' },
  ] as const;
  assert.equal(
    sorted
      .toSorted(byUrgency)
      .map(({ name }) => name)
      .join(''),
    'dcab',
  );
});

test('a row is found by all that was typed, wherever it stands', () => {
  assert.equal(matches('desk utr', ['Desk 7', 'Utrecht', null]), true);
  assert.equal(matches('desk delft', ['Desk 7', 'Utrecht', null]), false);
  assert.equal(matches('', ['Desk 7']), true);
});
