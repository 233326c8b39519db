import assert from 'node:assert/strict';
import { test } from 'node:test';
import { actionName, detailWords } from './en-audit.ts';

test('names of actions and what else an entry holds read as words', () => {
  assert.equal(actionName('sign-in-failed'), 'Sign in failed');
  const detail = {
    source: '127.0.0.1',
    usesLeft: 2,
    hosts: ['a', 'b'],
    before: { every: 60 },
    why: null,
    until: 2e12,
    sha256: 'a'.repeat(64),
  };
  assert.equal(
    detailWords(detail, (at) => `at ${at}`),
    'source: 127.0.0.1 · uses left: 2 · hosts: a, b · before: {"every":60} · until: at 2000000000000 · sha256: aaaaaaaaaaaa…',
  );
  assert.equal(detailWords({}, String), '');
});
