import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stopwatch } from './stopwatch.ts';

test('a response time is from the cause to the change that satisfied the wait', () => {
  const watch = stopwatch();
  watch.caused(1000, 900);
  watch.waited(1310.5);
  assert.equal(watch.responseUs(), 310_500);
});

test('several causes and waits sum; the time between a wait and the next cause is the script’s', () => {
  const watch = stopwatch();
  watch.caused(1000, 0);
  watch.waited(1300);
  watch.caused(5000, 1300);
  watch.waited(5100);
  assert.equal(watch.responseUs(), 400_000);
});

test('of several causes before a wait the last counts: pointer down, click and submit are one action', () => {
  const watch = stopwatch();
  watch.caused(1000, 0);
  watch.caused(1004, 0);
  watch.caused(1005, 0);
  watch.waited(1305);
  assert.equal(watch.responseUs(), 300_000);
});

test('several waits after one cause end at the change the last of them was for', () => {
  const watch = stopwatch();
  watch.caused(1000, 0);
  watch.waited(1200);
  watch.waited(1250);
  assert.equal(watch.responseUs(), 250_000);
});

test('a further action has waited for its element, and ends the segment where the page changed before it', () => {
  const watch = stopwatch();
  watch.caused(1000, 0);
  watch.caused(3000, 1400);
  watch.waited(3200);
  assert.equal(watch.responseUs(), 600_000);
});

test('what changes after the script has begun to type answers the typing', () => {
  const watch = stopwatch();
  watch.caused(1000, 0);
  watch.typed(1200);
  watch.waited(4000);
  assert.equal(watch.responseUs(), 200_000);
});

test('a navigation of the script’s own ends at the state it waited for, and what was open before it has ended', () => {
  const watch = stopwatch();
  watch.caused(1000, 0);
  watch.waited(1100);
  watch.arrived(2000, 2500);
  assert.equal(watch.responseUs(), 600_000);
});

test('without a cause there is no response time, nor without a change after it', () => {
  const idle = stopwatch();
  idle.typed(500);
  idle.waited(900);
  assert.equal(idle.responseUs(), undefined);
  const unanswered = stopwatch();
  unanswered.caused(1000, 900);
  unanswered.waited(900);
  assert.equal(unanswered.responseUs(), undefined);
});
