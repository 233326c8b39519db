import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { auditKeyFiles, renewAuditKey } from './audit-key.ts';
import { erasedSince, readHeads, writeErasure, writeHeads } from './heads.ts';

const head = (id: number) => ({ id, hash: String(id).padStart(64, '0') });

function buildPlace() {
  const dataFolder = mkdtempSync(join(tmpdir(), 'vedette-heads-'));
  const place = { dataFolder, folder: join(dataFolder, 'audit-heads') };
  const [file = ''] = auditKeyFiles;
  return {
    ...place,
    key: join(dataFolder, file),
    names: () => readdirSync(place.folder).sort(),
    [Symbol.dispose]: () => rmSync(dataFolder, { recursive: true }),
  };
}

test('heads are read as they were signed, those of a key that was changed since too', () => {
  using place = buildPlace();
  assert.deepEqual(readHeads(place), { files: 0, latestAt: null, byTrail: new Map(), faults: [] });
  writeHeads(place, { provider: head(1), a: head(7) }, 1000);
  renewAuditKey(place.dataFolder);
  writeHeads(place, { provider: head(2) }, 2000);
  const { files, latestAt, byTrail, faults } = readHeads(place);
  assert.deepEqual([files, latestAt, faults], [2, 2000, []]);
  assert.deepEqual(
    [...byTrail],
    [
      ['provider', [head(1), head(2)]],
      ['a', [head(7)]],
    ],
  );
  for (const file of [place.key, ...place.names().map((name) => join(place.folder, name))]) {
    assert.equal(statSync(file).mode & 0o777, 0o600, file);
  }
});

test('a file of heads that was changed, taken away, or signed by somebody else is not believed', () => {
  for (const [tamper, fault] of [
    [
      (file: string) => writeFileSync(file, readFileSync(file, 'utf8').replace('provider', 'Provider')),
      /is not as it was/,
    ],
    [(file: string) => writeFileSync(file, 'x'), /is not as it was signed/],
    [(file: string) => rmSync(file), /one is missing or put in/],
  ] as const) {
    using place = buildPlace();
    for (const id of [1, 2, 3]) writeHeads(place, { provider: head(id) }, id);
    tamper(join(place.folder, place.names()[1] ?? ''));
    assert.match(readHeads(place).faults.join(), fault);
  }
  using place = buildPlace();
  writeHeads(place, { provider: head(1) }, 1);
  rmSync(place.key); // and another is made
  const { faults, byTrail } = readHeads(place);
  assert.deepEqual([faults.length, byTrail.size], [1, 0]);
});

test('heads of an erased customer count no more, those of after that do; an erasure that was put in is not believed', () => {
  using place = buildPlace();
  const { file } = writeHeads(place, { provider: head(1), a: head(7), b: head(3) }, 1000);
  writeErasure(place, 'a', 2000);
  assert.deepEqual(erasedSince(place, file), ['a']);
  assert.deepEqual([...readHeads(place).byTrail.keys()], ['provider', 'b']);
  const { file: last } = writeHeads(place, { a: head(2) }, 1500); // whatever the clock says
  assert.deepEqual(readHeads(place).byTrail.get('a'), [head(2)]);
  assert.deepEqual(erasedSince(place, last), []);

  const [, erasure = ''] = place.names();
  copyFileSync(join(place.folder, erasure), join(place.folder, '00000004-again.json'));
  const { byTrail, faults } = readHeads(place);
  assert.deepEqual([byTrail.get('a'), faults.length, erasedSince(place, last)], [[head(2)], 1, []]);
});
