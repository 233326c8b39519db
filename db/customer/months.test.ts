import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { newRunId } from '../../sentinel/protocol/run-id.ts';
import { firstIdAt, idTime, monthOf } from './months.ts';
import { runKey } from './run-key.ts';

const instant = fc.integer({ min: 0, max: Date.UTC(2999, 0) });

test('an instant lies in the month that its date names, from its first millisecond to its last', () => {
  const holds = fc.property(instant, fc.integer({ min: -30, max: 30 }), (at, after) => {
    const month = monthOf(at);
    assert.equal(month.name, new Date(at).toISOString().slice(0, 7));
    for (const edge of [month.from, month.to - 1]) assert.deepEqual(monthOf(edge), month);
    assert.notEqual(monthOf(month.to).name, month.name);
    const other = new Date(month.from);
    other.setUTCMonth(other.getUTCMonth() + after);
    assert.equal(monthOf(at, after).from, other.getTime());
  });
  fc.assert(holds, { numRuns: 10_000, examples: [[Date.UTC(2024, 1, 29, 23, 59, 59, 999), -18]] });
});

test('a run is filed by the instant of its id, also at midnight between two months', () => {
  const holds = fc.property(instant, fc.constantFrom(-1, 0, 1), (at, beside) => {
    const { from, to } = monthOf(at);
    const made = Math.max(0, to + beside);
    const id = runKey(newRunId(made));
    assert.equal(idTime(id), made);
    const isIn = Buffer.compare(id, firstIdAt(from)) >= 0 && Buffer.compare(id, firstIdAt(to)) < 0;
    assert.equal(isIn, made < to);
  });
  fc.assert(holds, { numRuns: 1000 });
});
