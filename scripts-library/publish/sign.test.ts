import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ScriptStatement } from '../../sentinel/protocol/messages.ts';
import { sha256Hex, verifyStatement } from '../../sentinel/protocol/statement.ts';
import { newScriptKey, scriptKeyOf, sign } from './sign.ts';

const alice = '018f0000-0000-7000-8000-00000000000a';
const bob = '018f0000-0000-7000-8000-00000000000b';
const key = newScriptKey();
const privateKey = createPrivateKey(key.privateKeyPem);

const buildStatement = (changes: Partial<ScriptStatement> = {}): ScriptStatement => ({
  customerId: alice,
  script: 'shop.spec.ts',
  version: 1,
  bundleSha256: sha256Hex('bundle'),
  hosts: ['shop.example'],
  secrets: ['SHOP_PASSWORD'],
  keyId: key.id,
  signedAt: 1_800_000_000_000,
  ...changes,
});

const arbitraryStatement = fc
  .record({
    script: fc.string({ minLength: 1, maxLength: 300 }),
    version: fc.integer({ min: 1 }),
    rollback: fc.boolean(),
    bundleSha256: fc.string().map((text) => sha256Hex(text)),
    hosts: fc.array(fc.domain(), { maxLength: 5 }),
    secrets: fc.array(fc.string({ minLength: 1, maxLength: 100 }), { maxLength: 5 }),
  })
  .map(buildStatement);

test('a signed statement is verified by the public key of its signer', () => {
  const verified = verifyStatement(sign(buildStatement(), privateKey), [key], alice);
  assert.deepEqual(verified, { ok: true, statement: buildStatement() });
});

test('every statement comes back from signing as it went in', () => {
  fc.assert(
    fc.property(arbitraryStatement, (statement) => {
      assert.deepEqual(verifyStatement(sign(statement, privateKey), [key], alice), { ok: true, statement });
    }),
  );
});

test('a statement with any bit flipped is refused', () => {
  fc.assert(
    fc.property(arbitraryStatement, fc.nat(), fc.integer({ min: 0, max: 7 }), (statement, at, bit) => {
      const signed = sign(statement, privateKey);
      const bytes = Buffer.from(signed.statement);
      flip(bytes, at, bit);
      assert.equal(verifyStatement({ ...signed, statement: bytes.toString() }, [key], alice).ok, false);
    }),
  );
});

test('a signature with any bit flipped is refused', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 0, max: 7 }), (at, bit) => {
      const signed = sign(buildStatement(), privateKey);
      const bytes = Buffer.from(signed.signature, 'base64');
      flip(bytes, at, bit);
      assert.equal(verifyStatement({ ...signed, signature: bytes.toString('base64') }, [key], alice).ok, false);
    }),
  );
});

test('an altered bundle no longer has the hash that was signed', () => {
  const verified = verifyStatement(sign(buildStatement(), privateKey), [key], alice);
  assert.ok(verified.ok);
  assert.equal(verified.statement.bundleSha256, sha256Hex('bundle'));
  assert.notEqual(verified.statement.bundleSha256, sha256Hex('bundle '));
});

test('a statement signed with another key is refused', () => {
  const stranger = newScriptKey();
  const signed = sign(buildStatement({ keyId: stranger.id }), createPrivateKey(stranger.privateKeyPem));
  assert.equal(verifyStatement(signed, [key], alice).ok, false);
  const posing = { ...stranger, id: key.id };
  assert.equal(verifyStatement(sign(buildStatement(), privateKey), [posing], alice).ok, false);
});

test('a statement signed for another customer is refused', () => {
  assert.equal(verifyStatement(sign(buildStatement(), privateKey), [key], bob).ok, false);
});

test('a statement that names another key than its signer is not signed', () => {
  assert.throws(() => sign(buildStatement({ keyId: 'someone else' }), privateKey), /is being signed with/);
});

test('a statement that is not of the form of the protocol is not signed', () => {
  assert.throws(() => sign(buildStatement({ version: 0 }), privateKey));
});

test('the public part of a kept key is the one that was handed out', () => {
  assert.deepEqual(scriptKeyOf(key.privateKeyPem), { id: key.id, publicKey: key.publicKey });
  assert.match(key.id, /^[0-9a-f]{16}$/);
});

test('a key of another kind is refused', () => {
  const { privateKey: ec } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  assert.throws(() => sign(buildStatement(), ec), /Ed25519/);
  assert.throws(() => scriptKeyOf(ec.export({ format: 'pem', type: 'pkcs8' }).toString()), /Ed25519/);
});

function flip(bytes: Buffer, at: number, bit: number): void {
  const index = at % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(index) ^ (1 << bit), index);
}
