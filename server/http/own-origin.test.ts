import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ownOrigin } from './own-origin.ts';

const evil = 'evil.example';

test('a link is made of a name that the server was given, and of no other', () => {
  const server = { ownNames: ['localhost', '[::1]', 'vedette.example'] };
  assert.equal(ownOrigin(server, 'vedette.example'), 'https://vedette.example');
  assert.equal(ownOrigin(server, '[::1]:8443'), 'https://[::1]:8443');
  for (const host of [
    evil,
    `vedette.example.${evil}`,
    `vedette.example@${evil}`,
    `${evil}#vedette.example`,
    '',
    'x y',
  ]) {
    assert.throws(() => ownOrigin(server, host), { code: 'HOST_UNKNOWN' }, host);
  }
  const made = fc.string({ unit: 'grapheme-ascii' });
  fc.assert(
    fc.property(made, made, (before, after) => {
      try {
        const { hostname } = new URL(ownOrigin(server, `${before}${evil}${after}`));
        assert.ok(server.ownNames.includes(hostname));
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'HOST_UNKNOWN');
      }
    }),
  );
});
