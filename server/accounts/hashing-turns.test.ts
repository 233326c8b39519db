import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashingTurns } from './hashing-turns.ts';

/** Asks for turns, each of which ends when it is told to, and notes who has had theirs. */
function buildAsking() {
  const turns = hashingTurns();
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<void>((resolve) => ends.set(name, resolve));
  };
  const settled = () => new Promise((done) => setImmediate(done));
  return {
    begun,
    settled,
    stranger: (name: string) => turns.ofStranger(work(name)),
    known: (name: string) => turns.ofKnown(name.charAt(0), work(name)),
    end: (name: string) => {
      ends.get(name)?.();
      return settled();
    },
  };
}

test('known users have what strangers leave free, and strangers have theirs again as it becomes free', async () => {
  const { begun, known, stranger, end, settled } = buildAsking();
  for (const name of ['a', 'b', 'c', 'd']) void known(name);
  await settled();
  for (const name of ['x', 'y', 'z']) void stranger(name);
  await settled();
  assert.deepEqual(begun, ['a', 'b', 'c']);
  for (const name of ['a', 'b']) await end(name);
  assert.deepEqual(begun.slice(3), ['x', 'y']);
  await end('x');
  assert.deepEqual(begun.slice(5), ['z'], 'a turn of theirs, while the known have one');
  await end('c');
  assert.deepEqual(begun.slice(6), ['d'], 'the turn that strangers never have');
});

test('one user has one turn and one who waits for it, whatever else they ask for', async () => {
  const { begun, known, end, settled } = buildAsking();
  void known('a1');
  void known('a2');
  await assert.rejects(known('a3'), { code: 'BUSY' });
  void known('b1');
  await settled();
  assert.deepEqual(begun, ['a1', 'b1']);
  await end('a1');
  assert.deepEqual(begun, ['a1', 'b1', 'a2']);
});
