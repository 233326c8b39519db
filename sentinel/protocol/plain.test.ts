import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plain, plainJson } from './plain.ts';

const hostile = 'Desk\u001b]0;owned\u0007\u009b31m\u202etxt.exe\r\u{e0041} 7\n\té 席';

test('what would command a terminal becomes spaces; lines, tabs and letters of all kinds stay', () => {
  assert.equal(plain(hostile), 'Desk ]0;owned  31m txt.exe   7\n\té 席');
});

test('JSON says the same, and nothing in it commands a terminal', () => {
  for (const indent of [undefined, 2]) {
    const text = plainJson({ hostile }, indent);
    assert.deepEqual(JSON.parse(text), { hostile });
    assert.doesNotMatch(text, /[^\P{C}\n]/u);
    assert.match(text, /é 席/);
  }
});
