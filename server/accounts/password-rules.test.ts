import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Refused } from '../http/refused.ts';
import { hashPassword, isOutdated, passwordHolds } from './password.ts';
import { costFor } from './password-cost.ts';
import { passwordKey } from './password-keys.ts';
import { hashesAfter, refuseEarlier, refuseWeak } from './password-rules.ts';

const words = ['alice.berg', 'alice', 'berg', 'Acme Holding', 'vedette'];
const hashing = { passwordKeys: [passwordKey(randomBytes(32))] as const, bcryptCost: 4 };

test('passwords that are hard to guess are taken, whatever their characters and length', async () => {
  const emoji = Array.from({ length: 64 }, (_, i) => String.fromCodePoint(0x1f600 + i)).join('');
  const good = [
    'violet kettle runs north',
    ' leading space and kettles',
    'k8#vQ2!mZp4w',
    emoji,
    'Grüße aus Tromsø um vier',
    `${randomBytes(400).toString('base64')}`,
  ];
  for (const password of good) await refuseWeak(password, words);
});

test('what is short, common, a pattern or about the account is refused, with what would help', async () => {
  const bad: [password: string, why: RegExp][] = [
    ['elevenchars', /has 11 characters and needs 12: a few words/],
    ['ﬃ'.repeat(3), /has 9 characters/], // counted as it is hashed: normalised
    ['Password1234', /easy to guess\. .*common/i],
    ['qwertyuiop123', /easy to guess/],
    ['qzqzqzqzqzqzqz', /easy to guess\. Repeated/],
    ['abcdefghijkl', /easy to guess\. .*sequences/],
    ['Alice runs a kettle north', /holds "alice"/],
    ['kettle aCMe hoLding north', /holds "Acme Holding"/],
    ['😀'.repeat(64), /easy to guess/],
  ];
  for (const [password, why] of bad) {
    await assert.rejects(refuseWeak(password, words), (error) => error instanceof Refused && why.test(error.message));
  }
});

test('all of the million most used passwords that are long enough are refused', async () => {
  const list = readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n');
  assert.ok(list.length > 40_000 && list.every((password) => password.length >= 12));
  const every = process.env.VEDETTE_LONG ? 1 : 1000;
  for (const password of list.filter((_, i) => i % every === 0)) {
    const typed = password.charAt(0).toUpperCase() + password.slice(1);
    await assert.rejects(refuseWeak(typed, words), Refused, typed);
  }
});

test('none of the last ten passwords comes back, the eleventh may', async () => {
  const passwords = Array.from({ length: 11 }, (_, i) => `violet kettle runs north ${i}`);
  let user = { password_hash: '', earlier_hashes: null as string | null };
  for (const password of passwords) {
    await refuseEarlier(hashing, user, password);
    user = { password_hash: await hashPassword(hashing, password), earlier_hashes: hashesAfter(user) };
  }
  for (const password of passwords.slice(1)) await assert.rejects(refuseEarlier(hashing, user, password), /last 10/);
  await refuseEarlier(hashing, user, passwords[0] ?? '');
});

test('a hash of a lower cost holds, is known as outdated, and takes as much work as one of the present cost', async () => {
  const password = 'violet kettle runs north';
  const [old, present] = [await hashPassword({ ...hashing, bcryptCost: 4 }, password), { ...hashing, bcryptCost: 8 }];
  assert.equal(await passwordHolds(present, password, old), true);
  assert.deepEqual([isOutdated(present, old), isOutdated(hashing, old)], [true, false]);
  const work = async (hash: string | undefined) => {
    const begin = process.cpuUsage();
    for (let i = 0; i < 5; i++) await passwordHolds(present, password, hash);
    return process.cpuUsage(begin).user;
  };
  const fresh = await hashPassword(present, password);
  const [ofOld, ofFresh] = [await work(old), await work(fresh)];
  assert.ok(ofOld > ofFresh / 2, `${ofOld} µs for the old one, ${ofFresh} µs for one of the present cost`);
});

test('the cost is what the machine does in 200 to 400 ms, and never below 12', () => {
  const cases: [trialMs: number, cost: number][] = [
    [100, 12], // a machine on which 12 takes 1.6 s
    [20, 12],
    [12, 13],
    [6, 14],
    [1, 16],
  ];
  for (const [trialMs, cost] of cases) assert.equal(costFor(trialMs), cost, `${trialMs} ms`);
});
