import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff } from './back-off.ts';

/* What many sentinels do together, on a clock of our own: how they come back after their server was away. */

/** Numbers that look random and are the same each time (mulberry32). */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Fleet {
  count: number;
  /** How long the server is away, from the instant at which all lost it, ms. */
  awayMs: number;
  /** Most that it lets in in a second, and how long one waits for that at most, ms. */
  perSecond: number;
  longestQueueMs: number;
}

/** When each is back, in order, ms after the outage began. The server lets in at a steady pace, and turns away beyond. */
function comeBack({ count, awayMs, perSecond, longestQueueMs }: Fleet): number[] {
  const random = dice(count);
  const agenda: { at: number; backOff: BackOff }[] = []; // the last first
  const plan = (at: number, backOff: BackOff) => {
    let [from, to] = [0, agenda.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if ((agenda[middle]?.at ?? 0) > at) from = middle + 1;
      else to = middle;
    }
    agenda.splice(from, 0, { at, backOff });
  };
  for (let i = 0; i < count; i++) {
    const backOff = new BackOff(random);
    plan(backOff.next(), backOff);
  }
  const back: number[] = [];
  let free = awayMs;
  for (let next = agenda.pop(); next; next = agenda.pop()) {
    const begins = Math.max(next.at, free);
    if (next.at < awayMs || begins - next.at > longestQueueMs) {
      plan(next.at + next.backOff.next(), next.backOff);
    } else {
      free = begins + 1000 / perSecond;
      back.push(begins);
    }
  }
  return back.sort((a, b) => a - b);
}

function mostWithin(ms: number, instants: readonly number[]): number {
  let [most, from] = [0, 0];
  instants.forEach((at, i) => {
    while ((instants[from] ?? at) <= at - ms) from++;
    most = Math.max(most, i - from + 1);
  });
  return most;
}

test('300 sentinels whose server was away for an hour come back within 5 minutes, and in no wave', () => {
  const hour = 3_600_000;
  const back = comeBack({ count: 300, awayMs: hour, perSecond: Number.POSITIVE_INFINITY, longestQueueMs: 0 });
  assert.equal(back.length, 300);
  assert.ok((back.at(-1) ?? 0) <= hour + 5 * 60_000);
  // Evenly spread they were one a second; the most by chance in any ten seconds is well below twice a wave of that.
  assert.ok(mostWithin(10_000, back) < 30, `${mostWithin(10_000, back)} in ten seconds`);
});

test('10,000 sentinels whose server started anew are back within a minute, at the pace at which it lets them in', () => {
  const perSecond = 450;
  const back = comeBack({ count: 10_000, awayMs: 3000, perSecond, longestQueueMs: 18_000 });
  assert.equal(back.length, 10_000);
  assert.ok((back.at(-1) ?? 0) < 63_000, `the last after ${back.at(-1)} ms`);
  assert.ok(mostWithin(1000, back) <= perSecond + 1);
});
