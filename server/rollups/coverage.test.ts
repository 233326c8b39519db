import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextDueAt, shift } from '../../sentinel/protocol/schedule.ts';
import type { Era } from '../assignments/schedules.ts';
import { countsOf, coverageOf, expectedOf, gapsOf, graceMs, settledUntil, skipsIn } from './coverage.ts';
import { noFigures } from './figures.ts';

const noon = Date.UTC(2026, 2, 1, 12);
const hour = 3_600_000;
const sentinel = { id: 's', enrolled_at: 0, revoked_at: null };
const era = (from: number, everyMs = 60_000, paused = false): Era => ({ from, schedule: { everyMs }, paused });
const monitor = { id: 'm', eras: [era(0)] };
const period = { from: noon, to: noon + hour };
const half = noon + hour / 2;

test('a sentinel is expected to run as often as the schedule says', () => {
  assert.equal(expectedOf(monitor, sentinel, period), 60);
});

test('nothing is expected before enrolment and making, after revocation, or of a paused monitor', () => {
  assert.equal(expectedOf(monitor, { ...sentinel, enrolled_at: half }, period), 30);
  assert.equal(expectedOf({ id: 'm', eras: [era(half)] }, sentinel, period), 30);
  assert.equal(expectedOf(monitor, { ...sentinel, revoked_at: half }, period), 30);
  assert.equal(expectedOf({ id: 'm', eras: [era(0, 60_000, true)] }, sentinel, period), 0);
});

test('each part of a period is reckoned by the schedule that held then', () => {
  const changed = [era(0), era(noon, 60_000, true), era(noon + 10 * 60_000, 300_000), era(half, 600_000)];
  assert.equal(expectedOf({ id: 'm', eras: changed }, sentinel, period), 4 + 3);
  assert.equal(expectedOf({ id: 'm', eras: changed }, sentinel, { from: noon - hour, to: noon }), 60);
});

test('a run is not missed before it had time to end and arrive', () => {
  assert.equal(settledUntil({ timeout_ms: 30_000 }, noon), noon - 30_000 - graceMs);
});

test('of a span that reaches beyond the period those count that the schedule has in it, however far off its clock was', () => {
  const inPart = (part: { from: number; to: number }) => expectedOf(monitor, sentinel, part);
  const span = (from_at: number, to_at: number, count: number) => ({ reason: 'asleep', from_at, to_at, count });
  const counted = (...of: Parameters<typeof span>) => skipsIn(span(...of), period, inPart, 30_000);
  const first = nextDueAt({ everyMs: 60_000 }, shift({ everyMs: 60_000 }, monitor.id, sentinel.id), noon - 1);
  for (const offMs of [-20_000, -3, 0, 3, 20_000]) {
    const at = (time: number) => first + time * 60_000 + offMs;
    assert.equal(counted(at(5), at(11), 7), 7);
    assert.equal(counted(at(-60), at(29), 90), 30, `${offMs}`);
    assert.equal(counted(at(30), at(89), 60), 30, `${offMs}`);
    assert.equal(counted(at(-60), at(119), 20), 20);
  }
});

test('expected is always done + skipped + lost, none is negative, and coverage lies between 0 and 1', () => {
  const n = fc.nat(1000);
  const skips = fc.dictionary(fc.constantFrom('asleep', 'off', 'paused'), n).map((of) => new Map(Object.entries(of)));
  const share = fc.record({ passed: n, failed: n, errored: n, skipped: n, expected: n, skips });
  fc.assert(
    fc.property(fc.array(share, { maxLength: 5 }), (all) => {
      const sum = (of: (one: (typeof all)[number]) => number) => all.reduce((total, one) => total + of(one), 0);
      const here = (one: (typeof all)[number]) => one.passed + one.failed + one.errored + one.skipped;
      const outcomes = { passed: sum((s) => s.passed), failed: sum((s) => s.failed), errored: sum((s) => s.errored) };
      const figures = { ...noFigures(), ...outcomes, skipped: sum((s) => s.skipped) };
      const counts = countsOf(figures, gapsOf(all.map((one) => ({ ...one, here: here(one) }))));
      const { expected, passed, failed, errored, skipped, lost } = counts;
      assert.equal(expected, passed + failed + errored + skipped + lost);
      assert.equal(
        expected,
        sum((one) => Math.max(one.expected, here(one))),
      );
      assert.ok(lost >= 0 && skipped >= figures.skipped);
      const byReason = Object.values(counts.skippedBy).reduce((total, one) => total + one, 0);
      assert.equal(byReason, skipped, 'every skipped one has its reason');
      const coverage = coverageOf(counts);
      assert.ok(coverage === null ? expected === 0 : coverage >= 0 && coverage <= 1);
    }),
  );
});

test('what one sentinel does beyond its schedule hides no gap of another', () => {
  const none = new Map<string, number>();
  const figures = { ...noFigures(), passed: 20 };
  const counts = countsOf(
    figures,
    gapsOf([
      { expected: 10, here: 15, skips: none },
      { expected: 10, here: 5, skips: new Map([['asleep', 2]]) },
    ]),
  );
  assert.deepEqual([counts.expected, counts.skippedBy, counts.lost], [25, { asleep: 2 }, 3]);
});

test('skipped and lost runs are not covered, errored ones are', () => {
  const figures = { ...noFigures(), passed: 5, failed: 1, errored: 1, skipped: 1 };
  const counts = countsOf(figures, gapsOf([{ expected: 10, here: 8, skips: new Map() }]));
  assert.deepEqual([counts.expected, counts.lost, coverageOf(counts)], [10, 2, 0.7]);
});

test('of several reasons the same are believed in whatever order they were told', () => {
  const told: [string, number][] = [
    ['paused', 3],
    ['busy', 2],
    ['locked', 4],
  ];
  const of = (skips: Map<string, number>) => gapsOf([{ expected: 6, here: 1, skips }]);
  const { told: believed, lost } = of(new Map(told));
  assert.deepEqual(
    [new Map(believed), lost],
    [
      new Map([
        ['busy', 2],
        ['locked', 3],
      ]),
      0,
    ],
  );
  assert.deepEqual(of(new Map(told.toReversed())), { told: believed, lost });
});
