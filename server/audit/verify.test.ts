import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { AuditRow } from '../../db/audit-table.ts';
import { hashOf } from './audit.ts';
import { chained } from './build-trail.ts';
import { verifyTrail } from './verify.ts';

const isLong = process.env.VEDETTE_LONG !== undefined;

const subjects = fc.array(fc.string({ maxLength: 5 }), { minLength: 2, maxLength: 40 });
const trail = subjects.map((all) => chained(all.map((subject) => ({ subject }))));
const signedBy = (rows: readonly AuditRow[]) => new Map(rows.slice(-1).map(({ id, hash }) => [id, hash]));

/** Ways to tamper with a trail, of which none leaves it as it is. `i` and `j` are places in it, and differ. */
const edits: Record<string, (rows: AuditRow[], i: number, j: number) => AuditRow[]> = {
  changed: (rows, i) => rows.map((row, n) => (n === i ? { ...row, subject: `${row.subject}.` } : row)),
  'changed, its hash with it': (rows, i) =>
    rows.map((row, n) => (n === i ? rehashed({ ...row, at: row.at + 1 }) : row)),
  removed: (rows, i) => rows.filter((_, n) => n !== i),
  'removed, those after it moved up': (rows, i) =>
    rows.filter((_, n) => n !== i).map((row, n) => rehashed({ ...row, id: n + 1 })),
  'put in': (rows, i) =>
    rows.flatMap((row, n) => (n === i ? [row, rehashed({ ...row, previous_hash: row.hash })] : [row])),
  swapped: (rows, i, j) =>
    rows.map((row, n) => ({ ...row, ...told(rows[n === i ? j : n === j ? i : n] ?? row, row, n === i || n === j) })),
  'cut at its end': (rows, i) => rows.slice(0, i),
  'written anew from here on': (rows, i) =>
    chained(rows.map((row, n) => (n >= i ? { ...row, actor_name: 'mallory' } : row))),
};

test('a trail as it was written is whole, whatever it tells', async () => {
  await fc.assert(
    fc.asyncProperty(trail, async (rows) => {
      const { entries, faults, head } = await verifyTrail([rows.slice(0, 1), rows.slice(1)], signedBy(rows));
      assert.deepEqual([entries, faults, head.id], [rows.length, [], rows.length]);
    }),
    { numRuns: 50 },
  );
});

test('an entry that was changed, removed, put in or swapped, a cut tail and a rewritten trail are found', async () => {
  const place = fc.nat();
  const edit = fc.constantFrom(...Object.keys(edits));
  await fc.assert(
    fc.asyncProperty(trail, edit, place, place, async (rows, name, a, b) => {
      const [i, j] = [a % rows.length, (a + 1 + (b % (rows.length - 1))) % rows.length];
      const edited = edits[name]?.(rows, i, j) ?? rows;
      const { faults } = await verifyTrail([edited], signedBy(rows));
      assert.notDeepEqual(faults, [], name);
    }),
    { numRuns: isLong ? 1000 : 100 },
  );
});

test('what is wrong is said of the entry at which it shows', async () => {
  const rows = chained(['a', 'b', 'c', 'd'].map((subject) => ({ subject })));
  const [a, b, c, d] = rows;
  assert.ok(a && b && c && d);
  const faults = async (edited: AuditRow[]) => (await verifyTrail([edited], signedBy(rows))).faults;
  assert.deepEqual(await faults([a, { ...b, at: 9 }, c, d]), [{ id: 2, what: 'it is not as it was written' }]);
  assert.deepEqual(await faults([a, d]), [{ id: 4, what: '2 entries before it are missing' }]);
  const cut = 'it was signed as the last entry and is not there any more: the trail was cut';
  assert.deepEqual(await faults([a, b, c]), [{ id: 4, what: cut }]);
  const anew = 'it is another entry than the one that was signed: the trail was written anew';
  assert.deepEqual(await faults(chained(rows.map((row) => ({ ...row, subject: 'x' })))), [{ id: 4, what: anew }]);
});

function rehashed(row: AuditRow): AuditRow {
  return { ...row, hash: hashOf(row) };
}

/** What the other entry tells, in this one's place; made to differ, since two can tell the same. */
function told(other: AuditRow, own: AuditRow, isMoved: boolean): Partial<AuditRow> {
  return isMoved ? { subject: `${other.subject} ${other.id}`, hash: own.hash } : {};
}
