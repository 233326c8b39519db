import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferredWait } from './news.ts';

test('the wait is read from the Prefer header, whatever stands beside it, and is at most two minutes', () => {
  const cases: [string, number][] = [
    ['wait=30', 30],
    ['respond-async, wait=10', 10],
    ['wait=10; foo=bar', 10],
    ['wait=900', 120],
    ['wait=', 0],
    ['wait=-1', 0],
    ['await=5', 0],
    ['', 0],
  ];
  for (const [prefer, seconds] of cases) assert.equal(preferredWait(prefer), seconds, prefer);
});
