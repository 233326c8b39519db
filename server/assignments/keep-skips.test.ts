import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildCustomer } from '../../db/customer/build-customer.ts';
import type { MonitorRow } from '../../db/customer/rows.ts';
import { hourMs } from '../rollups/hours.ts';
import { keepSkips } from './keep-skips.ts';

const now = Date.UTC(2026, 9, 22, 12);
const [minuteMs, dayMs] = [60_000, 24 * hourMs];

/** A sentinel and monitors that are years old, whose hours are closed up to `now`. */
async function buildWorld(monitors: number, every_ms: number) {
  const customer = await buildCustomer();
  const { db } = customer;
  const { id: sentinelId } = await customer.buildSentinel();
  const all: MonitorRow[] = [];
  for (let i = 0; i < monitors; i++) {
    all.push(await customer.buildMonitor({ created_at: now - 1000 * dayMs, every_ms }));
    await db('closed_hours').insert({ monitor_id: all[i]?.id, until: now });
  }
  const [first] = all;
  assert.ok(first);
  const span = (from: number, to: number, count: number, monitorId = first.id) => ({
    ...{ monitorId, reason: 'paused', from, to, count },
  });
  return {
    ...{ ...customer, monitorIds: all.map(({ id }) => id), span },
    tell: (...skips: ReturnType<typeof span>[]) => keepSkips(db, sentinelId, skips, 0, now),
    /** Hours that became dirty since this was asked last. */
    async dirty(): Promise<number[]> {
      const hours = await db('dirty_hours').orderBy('hour').pluck('hour');
      await db('dirty_hours').delete();
      return hours;
    },
  };
}

test('a span that grows dirties the hours that it grew by, however long it is', async () => {
  await using world = await buildWorld(1, minuteMs);
  const { span, tell, dirty } = world;
  const from = now - 30 * dayMs;
  const until = now - dayMs + hourMs / 2;
  const count = (until - from) / minuteMs;
  await tell(span(from, until, count));
  assert.equal((await dirty()).length, 29 * 24 + 2);
  await tell(span(from, until + hourMs, count + 60));
  assert.deepEqual(await dirty(), [now - dayMs, now - dayMs + hourMs]);
  assert.deepEqual(await world.db('skips').select('to_at', 'count'), [{ to_at: until + hourMs, count: count + 60 }]);
});

test('a span of which fewer times were told than its hours have is told anew in all of them when it grows', async () => {
  await using world = await buildWorld(1, minuteMs);
  const { span, tell, dirty } = world;
  const from = now - dayMs;
  await tell(span(from + hourMs / 2, from + 3 * hourMs, 3));
  await dirty();
  await tell(span(from + hourMs / 2, from + 5 * hourMs, 250));
  assert.deepEqual(
    await dirty(),
    [0, 1, 2, 3, 4, 5].map((i) => from + i * hourMs),
  );
});

test('of spans with more hours than a heartbeat may have the first are kept, and the others when they are told again', async () => {
  await using world = await buildWorld(5, dayMs);
  const { span, tell, dirty, monitorIds } = world;
  const skips = monitorIds.map((id) => span(now - 400 * dayMs, now, 400, id));
  const first = await tell(...skips);
  assert.ok(first > 0 && first < skips.length, `${first} were kept`);
  const stored = await world.db('skips').orderBy('monitor_id').pluck('monitor_id');
  assert.deepEqual(stored, monitorIds.slice(0, first).sort());
  const marked = (await dirty()).length;
  let kept = first;
  for (let beats = 1; kept < skips.length; beats++) {
    assert.ok(beats < skips.length);
    const next = await tell(...skips); // as a sentinel that acknowledges all or none
    assert.ok(next > kept);
    kept = next;
  }
  assert.equal((await world.db('skips')).length, skips.length);
  const all = marked + (await dirty()).length;
  assert.ok(all >= skips.length * 400, `${all} hours with a time are to be told anew`);
});
