import { createHmac } from 'node:crypto';
import bcrypt from 'bcrypt';
import { readableToken } from '../http/token.ts';

/** What hashing needs to know of the server. */
export interface Hashing {
  passwordKey: Buffer;
  bcryptCost: number;
}

/** The hash under which a password is kept. */
export function hashPassword(hashing: Hashing, password: string): Promise<string> {
  return bcrypt.hash(digest(hashing, password), hashing.bcryptCost);
}

/**
 * Whether it is the password. Takes as long when there is no hash (or an empty one), or one that was made at a lower
 * cost, so that nobody learns which names exist.
 */
export async function passwordHolds(hashing: Hashing, password: string, hash: string | undefined): Promise<boolean> {
  const { bcryptCost } = hashing;
  const typed = digest(hashing, password);
  const holds = await bcrypt.compare(typed, hash || decoy(bcryptCost));
  // A hash of cost n, and then one each of n up to the present cost less one, are as much work as one of the present cost.
  for (let cost = hash ? costOf(hash) : bcryptCost; cost < bcryptCost; cost++) await bcrypt.compare(typed, decoy(cost));
  return holds && Boolean(hash);
}

/** Whether a hash was made at a lower cost than new ones are. */
export function isOutdated({ bcryptCost }: Hashing, hash: string): boolean {
  return costOf(hash) < bcryptCost;
}

/** A password that nobody has to think of: 98 random bits. */
export function newPassword(): string {
  return readableToken(4);
}

/** The hash of a recovery code, which has 73 random bits: worth nothing without the server's key. */
export function hashRecoveryCode({ passwordKey }: Hashing, code: string): string {
  return createHmac('sha256', passwordKey).update(`recovery code ${code}`).digest('hex');
}

/**
 * bcrypt reads 72 bytes at most and stops at a zero byte. The HMAC's 64 characters of base64 hold the whole password,
 * and without the server's key nobody can try passwords on a stolen registry.
 */
function digest({ passwordKey }: Hashing, password: string): string {
  return createHmac('sha384', passwordKey).update(password.normalize('NFKC')).digest('base64');
}

/** As in `$2b$12$…`. */
function costOf(hash: string): number {
  return Number(hash.slice(4, 6));
}

/** The hash of nothing, at this cost. */
function decoy(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}
