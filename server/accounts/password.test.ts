import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { Refused } from '../http/refused.ts';
import { hashPassword, newPassword, passwordHolds } from './password.ts';
import { passwordKey } from './password-keys.ts';
import { minPasswordLength, refuseShort } from './password-rules.ts';

const hashing = { passwordKeys: [passwordKey(randomBytes(32))] as const, bcryptCost: 4 };
const long = 'x'.repeat(72);

test('a password holds against its hash, and no other does, whatever the characters', async () => {
  const passwords = fc.string({ unit: 'binary', minLength: minPasswordLength, maxLength: 100 });
  await fc.assert(
    fc.asyncProperty(passwords, passwords, async (password, other) => {
      const hash = await hashPassword(hashing, password);
      assert.equal(await passwordHolds(hashing, password, hash), true);
      const same = password.normalize('NFKC') === other.normalize('NFKC');
      assert.equal(await passwordHolds(hashing, other, hash), same);
    }),
    { numRuns: 50 },
  );
});

test("what lies beyond bcrypt's 72 bytes, and behind a zero byte, counts", async () => {
  const hash = await hashPassword(hashing, `${long}A`);
  assert.equal(await passwordHolds(hashing, `${long}B`, hash), false);
  const withZero = await hashPassword(hashing, 'before\0after it');
  assert.equal(await passwordHolds(hashing, 'before\0something', withZero), false);
});

test("a hash is worth nothing without the server's key", async () => {
  const hash = await hashPassword(hashing, long);
  assert.equal(
    await passwordHolds({ ...hashing, passwordKeys: [passwordKey(randomBytes(32))] as const }, long, hash),
    false,
  );
});

test('without a hash nothing holds, after the same work', async () => {
  assert.equal(await passwordHolds(hashing, long, undefined), false);
  const work = async (hash: string | undefined) => {
    const begin = process.cpuUsage();
    await passwordHolds({ ...hashing, bcryptCost: 10 }, long, hash);
    return process.cpuUsage(begin).user;
  };
  const hash = await hashPassword({ ...hashing, bcryptCost: 10 }, long);
  const [known, unknown] = [await work(hash), await work(undefined)];
  assert.ok(unknown > known / 3, `${unknown} µs for an unknown name, ${known} µs for a known one`);
});

test('a password of fewer than 12 characters is refused', () => {
  assert.throws(() => refuseShort('elevenchars'), Refused);
});

test('passwords we make are long enough and differ', () => {
  const made = new Set(Array.from({ length: 100 }, newPassword));
  assert.equal(made.size, 100);
  for (const password of made) assert.match(password, /^([2-9a-z]{5}-){3}[2-9a-z]{5}$/);
});
