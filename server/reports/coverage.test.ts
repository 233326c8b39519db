import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noFigures } from '../rollups/figures.ts';
import { countsOf, coverageOf, expectedBy, graceMs } from './coverage.ts';

const noon = Date.UTC(2026, 2, 1, 12);
const hour = 3_600_000;
const monitor = { id: 'm', every_ms: 60_000, timeout_ms: 30_000, paused: 0, created_at: 0 };
const sentinel = { id: 's', enrolled_at: 0, revoked_at: null };
const later = noon + 2 * hour;

test('a sentinel is expected to run as often as the schedule says', () => {
  assert.equal(expectedBy(monitor, [sentinel], { from: noon, to: noon + hour }, later), 60);
  assert.equal(expectedBy(monitor, [sentinel, { ...sentinel, id: 't' }], { from: noon, to: noon + hour }, later), 120);
});

test('nothing is expected before enrolment and making, after revocation, or of a paused monitor', () => {
  const period = { from: noon, to: noon + hour };
  const half = noon + hour / 2;
  assert.equal(expectedBy(monitor, [{ ...sentinel, enrolled_at: half }], period, later), 30);
  assert.equal(expectedBy({ ...monitor, created_at: half }, [sentinel], period, later), 30);
  assert.equal(expectedBy(monitor, [{ ...sentinel, revoked_at: half }], period, later), 30);
  assert.equal(expectedBy({ ...monitor, paused: 1 }, [sentinel], period, later), 0);
  assert.equal(expectedBy(monitor, [], period, later), 0);
});

test('a run is not missed before it had time to end and arrive', () => {
  const period = { from: noon, to: noon + hour };
  const now = noon + 10 * 60_000 + monitor.timeout_ms + graceMs;
  assert.equal(expectedBy(monitor, [sentinel], period, now), 10);
  assert.equal(expectedBy(monitor, [sentinel], period, noon), 0);
});

test('expected is always done + skipped + lost, and coverage lies between 0 and 1', () => {
  const n = fc.nat(1000);
  fc.assert(
    fc.property(n, n, n, n, n, (passed, failed, errored, skipped, expected) => {
      const counts = countsOf({ ...noFigures(), passed, failed, errored, skipped }, expected);
      assert.equal(counts.expected, passed + failed + errored + skipped + counts.lost);
      assert.ok(counts.expected >= expected && counts.lost <= expected);
      const coverage = coverageOf(counts);
      assert.ok(coverage === null ? counts.expected === 0 : coverage >= 0 && coverage <= 1);
    }),
  );
});

test('skipped and lost runs are not covered, errored ones are', () => {
  const counts = countsOf({ ...noFigures(), passed: 5, failed: 1, errored: 1, skipped: 1 }, 10);
  assert.deepEqual([counts.expected, counts.lost, coverageOf(counts)], [10, 2, 0.7]);
});
