import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { buildHome } from '../build-home.ts';
import { sentOf } from './build-journal.ts';
import { Journal, type Outgoing } from './journal.ts';
import { readJournal } from './read-journal.ts';

const day = 86_400_000;

/** A message of one run of one monitor. */
function buildMessage(content: string | Buffer, run = 'run-1', monitorId?: string): Outgoing {
  const mediaType = typeof content === 'string' ? 'application/json' : 'image/webp';
  const call = typeof content === 'string' ? 'POST /runs' : 'PUT /evidence/abc';
  return { call, mediaType, content, runs: [{ id: run, ...(monitorId === undefined ? {} : { monitorId }) }] };
}

test('what was sent can be read as it was, oldest first, while the sentinel writes on, and is in no file in clear', () => {
  using home = buildHome();
  assert.deepEqual([...readJournal(home.folder)], []);
  using journal = new Journal(home.folder);
  const [text, picture] = ['{"canary":1}', Buffer.from('canary in the picture')];
  journal.add(buildMessage(text, 'run-1', 'monitor-1'));
  journal.add(buildMessage(picture));
  const [first, second] = sentOf(home.folder);
  assert.deepEqual([first?.content?.toString(), second?.content], [text, picture]);
  assert.deepEqual([first?.bytes, second?.bytes], [12, 21]);
  assert.deepEqual([first?.kind, second?.kind], ['runs', 'evidence']);
  assert.deepEqual([second?.monitors, second?.runs], [['monitor-1'], ['run-1']], 'a file is of the monitor of its run');
  for (const name of fs.readdirSync(home.folder)) {
    assert.doesNotMatch(fs.readFileSync(path.join(home.folder, name), 'latin1'), /canary/);
  }
});

test('of the items those are given that were asked for', () => {
  using home = buildHome();
  using journal = new Journal(home.folder);
  const now = Date.now();
  journal.add(buildMessage('1', 'run-1', 'a'), now - 2 * day);
  journal.add(buildMessage('2', 'run-2', 'b'), now - day);
  journal.add(buildMessage(Buffer.from('3'), 'run-1'), now);
  const found = (wanted: Parameters<typeof readJournal>[1]) =>
    [...readJournal(home.folder, wanted)].map((item) => ('content' in item ? item.content?.toString() : item.call));
  assert.deepEqual(found({ last: 2 }), ['2', '3']);
  assert.deepEqual(found({ since: now - day }), ['2', '3']);
  assert.deepEqual(found({ kind: 'evidence' }), ['3']);
  assert.deepEqual(found({ monitorId: 'a' }), ['1', '3']);
  assert.deepEqual(found({ id: 2 }), ['2']);
});

test('messages that carry nothing are counted by the hour, and what never left is taken back', () => {
  using home = buildHome();
  using journal = new Journal(home.folder);
  const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  for (const at of [hour, hour + 1, hour + 2]) journal.count('GET /assignments', 1, at);
  journal.count('GET /assignments', -1, hour + 2);
  journal.count('GET /scripts/abc', 1, hour);
  journal.count('GET /scripts/abc', -1, hour);
  journal.takeBack(journal.add(buildMessage('never sent')));
  assert.equal(journal.sentToday(), 0);
  assert.deepEqual([...readJournal(home.folder)], [{ at: hour, kind: 'poll', call: 'GET /assignments', count: 2 }]);
});

test('items older than 30 days go', () => {
  using home = buildHome();
  using journal = new Journal(home.folder);
  const now = Date.now();
  journal.add(buildMessage('old'), now - 31 * day);
  for (const days of [25, 19, 13, 7, 2]) journal.add(buildMessage('new'), now - days * day);
  journal.count('GET /assignments', 1, now - 31 * day);
  for (let i = 0; i < 501; i++) journal.add(buildMessage('new'), now);
  assert.ok(sentOf(home.folder).every(({ content }) => content?.toString() === 'new'));
  assert.equal([...readJournal(home.folder, { kind: 'poll' })].length, 0);
});

test('a clock that is years ahead for a start or two costs neither what is kept nor the count of the day', () => {
  using home = buildHome();
  const now = Date.now();
  {
    using journal = new Journal(home.folder);
    journal.add(buildMessage('of today'), now);
  }
  const ahead = Date.UTC(2100, 0, 1);
  for (const at of [ahead, ahead + 60_000]) {
    using journal = new Journal(home.folder);
    journal.add(buildMessage('ahead'), at);
  }
  using journal = new Journal(home.folder);
  journal.add(buildMessage('of today'), now);
  assert.equal(sentOf(home.folder).filter(({ content }) => content?.toString() === 'of today').length, 2);
  assert.equal(journal.sentToday(now), 2 * 'of today'.length);
});

test('after a long time off, what is too old goes once the clock has gone on for a day', () => {
  using home = buildHome();
  const now = Date.now();
  const kept = () => sentOf(home.folder).map(({ content }) => content?.toString());
  for (const [at, content] of [
    [now - 60 * day, 'old'],
    [now, 'back'],
  ] as const) {
    using journal = new Journal(home.folder);
    journal.add(buildMessage(content), at);
  }
  assert.deepEqual(kept(), ['old', 'back']);
  using journal = new Journal(home.folder);
  journal.add(buildMessage('next day'), now + day);
  assert.deepEqual(kept(), ['back', 'next day']);
});

test('however much is sent, the journal keeps to its bytes, and the oldest go first', () => {
  using home = buildHome();
  using journal = new Journal(home.folder, { maxBytes: 1_000_000, maxAgeMs: 30 * day });
  const now = Date.now();
  for (let i = 0; i < 150; i++) journal.add(buildMessage(randomBytes(20_000)), now);
  const kept = sentOf(home.folder);
  const bytes = kept.reduce((sum, item) => sum + item.bytes, 0);
  assert.ok(bytes <= 1_000_000 && bytes > 800_000, `${bytes} bytes`);
  assert.equal(journal.sentToday(now), 3_000_000, 'what went out today is known all the same');
  assert.equal(kept.at(-1)?.id, 150);
  const size = fs.statSync(path.join(home.folder, 'journal.sqlite')).size;
  assert.ok(size < 1_200_000, `the file has ${size} bytes`);
});

test('a damaged journal is set aside and a new one begun', () => {
  using home = buildHome();
  fs.writeFileSync(path.join(home.folder, 'journal.sqlite'), 'x'.repeat(5000));
  using journal = new Journal(home.folder);
  journal.add(buildMessage('1'));
  assert.equal(sentOf(home.folder).length, 1);
  assert.ok(fs.existsSync(path.join(home.folder, 'journal.sqlite.damaged')));
});

test('a journal that another program holds is not taken for a damaged one', () => {
  using home = buildHome();
  const file = path.join(home.folder, 'journal.sqlite');
  {
    using journal = new Journal(home.folder);
    journal.add(buildMessage('1'));
  }
  {
    using held = new DatabaseSync(file);
    held.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    assert.throws(() => new Journal(home.folder), /locked/);
  }
  assert.ok(!fs.existsSync(`${file}.damaged`));
  assert.equal(sentOf(home.folder).length, 1);
});
