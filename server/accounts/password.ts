import { createHmac } from 'node:crypto';
import bcrypt from 'bcrypt';
import { readableToken, sameToken } from '../http/token.ts';
import { keyOfMark, type PasswordKey, type PasswordKeys } from './password-keys.ts';

/** What hashing needs to know of the server. */
export interface Hashing {
  passwordKeys: PasswordKeys;
  bcryptCost: number;
}

/** The hash under which a password is kept: the mark of its key, and bcrypt's. */
export async function hashPassword({ passwordKeys: [newest], bcryptCost }: Hashing, password: string): Promise<string> {
  return newest.id + (await bcrypt.hash(digest(newest, password), bcryptCost));
}

/**
 * Whether it is the password. Takes as long when there is no hash (or an empty one), or one that was made at a lower
 * cost, so that nobody learns which names exist.
 */
export async function passwordHolds(hashing: Hashing, password: string, kept: string | undefined): Promise<boolean> {
  const { bcryptCost, passwordKeys } = hashing;
  const { mark, hash } = partsOf(kept);
  const key = keyOfMark(passwordKeys, mark);
  const typed = digest(key ?? passwordKeys[0], password);
  const holds = await bcrypt.compare(typed, hash || decoy(bcryptCost));
  // A hash of cost n, and then one each of n up to the present cost less one, are as much work as one of the present cost.
  for (let cost = hash ? costOf(hash) : bcryptCost; cost < bcryptCost; cost++) await bcrypt.compare(typed, decoy(cost));
  return holds && key !== undefined && hash !== '';
}

/** Whether a hash was made at a lower cost, or under another key, than new ones are. */
export function isOutdated({ bcryptCost, passwordKeys }: Hashing, kept: string): boolean {
  const { mark, hash } = partsOf(kept);
  return costOf(hash) < bcryptCost || keyOfMark(passwordKeys, mark) !== passwordKeys[0];
}

/** The mark of the key under which a password or a recovery code is kept; empty where it bears none. */
export function markOf(kept: string): string {
  return partsOf(kept).mark;
}

/** A password that nobody has to think of: 98 random bits. */
export function newPassword(): string {
  return readableToken(4);
}

/** The hash of a recovery code, which has 73 random bits: worth nothing without the server's key, whose mark it bears. */
export function hashRecoveryCode({ passwordKeys: [newest] }: Hashing, code: string): string {
  return `${newest.id}$${recoveryDigest(newest, code)}`;
}

/** Whether it is the recovery code of which this is kept. */
export function recoveryCodeHolds({ passwordKeys }: Hashing, code: string, kept: string): boolean {
  const { mark, hash } = partsOf(kept);
  const key = keyOfMark(passwordKeys, mark);
  return key !== undefined && sameToken(hash.replace('$', ''), recoveryDigest(key, code));
}

function recoveryDigest({ key }: PasswordKey, code: string): string {
  return createHmac('sha256', key).update(`recovery code ${code}`).digest('hex');
}

/**
 * bcrypt reads 72 bytes at most and stops at a zero byte. The HMAC's 64 characters of base64 hold the whole password,
 * and without the server's key nobody can try passwords on a stolen registry.
 */
function digest({ key }: PasswordKey, password: string): string {
  return createHmac('sha384', key).update(password.normalize('NFKC')).digest('base64');
}

/** The key's mark, which earlier ones lack, and what was made with it. */
function partsOf(kept = ''): { mark: string; hash: string } {
  const [, mark = '', hash = ''] = /^([0-9a-f]{16}(?=\$))?(.*)$/s.exec(kept) ?? [];
  return { mark, hash };
}

/** As in `$2b$12$…`. */
function costOf(hash: string): number {
  return Number(hash.slice(4, 6));
}

/** The hash of nothing, at this cost. */
function decoy(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}
