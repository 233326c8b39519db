import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { buildHome } from '../build-home.ts';
import { Boots } from './boots.ts';

const inHome = (home: { folder: string }) => path.join(home.folder, 'boots.json');

test('each start has an id of its own, on disk before anything is sent, and names those before it', () => {
  using home = buildHome();
  const first = new Boots(inHome(home));
  assert.deepEqual(first.before, []);
  assert.ok(fs.readFileSync(inHome(home), 'utf8').includes(first.current));
  const second = new Boots(inHome(home));
  assert.deepEqual(second.before, [first.current]);
  assert.notEqual(second.current, first.current);
});

test('once the server has answered a start, it need not explain itself again', () => {
  using home = buildHome();
  const boots = new Boots(inHome(home));
  boots.answered('of another start');
  assert.deepEqual(boots.before, []);
  boots.answered(boots.current);
  assert.equal(boots.before, 'known');
});

test('a start that somebody else uses is replaced once, however many answers say so', () => {
  using home = buildHome();
  const boots = new Boots(inHome(home));
  const old = boots.current;
  boots.answered(old);
  boots.replace(old);
  const replacement = boots.current;
  boots.replace(old);
  assert.equal(boots.current, replacement);
  assert.deepEqual(boots.before, [old]);
});

test('a start that could not be written down is none: what was never on disk is never sent', () => {
  using home = buildHome();
  const file = path.join(home.folder, 'kept', 'boots.json');
  const boots = new Boots(file);
  const old = boots.current;
  boots.answered(old);
  fs.rmSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(path.dirname(file), 'where a folder should be');
  assert.throws(() => boots.replace(old));
  assert.deepEqual([boots.current, boots.before], [old, 'known']);
});

test('of starts that nobody answered none is left out; there are as many as can be sent, then the last is used again', () => {
  using home = buildHome();
  const first = new Boots(inHome(home));
  first.answered(first.current);
  const ids = Array.from({ length: 300 }, () => new Boots(inHome(home)).current);
  const last = new Boots(inHome(home));
  assert.equal(last.current, ids.at(-1));
  assert.ok(last.before !== 'known' && last.before.includes(first.current) && last.before.includes(ids[0] ?? ''));
  assert.ok(last.before.join().length < 8000, 'it fits into a header');
});

test('starts that were answered are forgotten in time', () => {
  using home = buildHome();
  for (let i = 0; i < 60; i++) {
    const boots = new Boots(inHome(home));
    boots.answered(boots.current);
  }
  assert.ok(new Boots(inHome(home)).before.length < 30);
});
