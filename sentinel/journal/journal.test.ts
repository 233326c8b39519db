import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from './build-home.ts';
import { Journal, readJournal } from './journal.ts';

test('what was sent can be read, oldest first, while the sentinel writes on', () => {
  using home = buildHome();
  assert.deepEqual(readJournal(home.folder, 10), []);
  using journal = new Journal(home.folder);
  const items = [1, 2, 3].map((n) => ({ at: Date.now() + n, path: '/runs', text: `{"canary":${n}}` }));
  for (const item of items) journal.add(item);
  assert.deepEqual(readJournal(home.folder, 10), items);
  assert.deepEqual(readJournal(home.folder, 2), items.slice(1));
  for (const name of fs.readdirSync(home.folder)) {
    assert.doesNotMatch(fs.readFileSync(path.join(home.folder, name), 'latin1'), /canary/);
  }
});

test('items older than 30 days go', () => {
  using home = buildHome();
  using journal = new Journal(home.folder);
  const now = Date.now();
  journal.add({ at: now - 31 * 86_400_000, path: '/runs', text: 'old' });
  for (let i = 0; i < 501; i++) journal.add({ at: now, path: '/runs', text: 'new' });
  assert.ok(readJournal(home.folder, 1000).every((item) => item.text === 'new'));
});

test('a damaged journal is set aside and a new one begun', () => {
  using home = buildHome();
  fs.writeFileSync(path.join(home.folder, 'journal.sqlite'), 'x'.repeat(5000));
  using journal = new Journal(home.folder);
  journal.add({ at: 1, path: '/runs', text: 'a' });
  assert.equal(readJournal(home.folder, 10).length, 1);
  assert.ok(fs.existsSync(path.join(home.folder, 'journal.sqlite.damaged')));
});
