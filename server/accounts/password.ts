import { createHmac } from 'node:crypto';
import bcrypt from 'bcrypt';
import { Refused } from '../http/refused.ts';
import { readableToken } from '../http/token.ts';

export const minPasswordLength = 12;

/** What hashing needs to know of the server. */
export interface Hashing {
  passwordKey: Buffer;
  bcryptCost: number;
}

/** The hash under which a password is kept. Throws `Refused` if it is too short. */
export async function hashPassword(hashing: Hashing, password: string): Promise<string> {
  if ([...password].length < minPasswordLength) {
    throw new Refused(`the password must have at least ${minPasswordLength} characters: choose a longer one`);
  }
  return bcrypt.hash(digest(hashing, password), hashing.bcryptCost);
}

/** Whether it is the password. Takes as long when there is no hash, so that nobody learns which names exist. */
export async function passwordHolds(hashing: Hashing, password: string, hash: string | undefined): Promise<boolean> {
  const holds = await bcrypt.compare(digest(hashing, password), hash ?? decoy(hashing.bcryptCost));
  return holds && hash !== undefined;
}

/** A password that nobody has to think of: 98 random bits. */
export function newPassword(): string {
  return readableToken(4);
}

/**
 * bcrypt reads 72 bytes at most and stops at a zero byte. The HMAC's 64 characters of base64 hold the whole password,
 * and without the server's key nobody can try passwords on a stolen registry.
 */
function digest({ passwordKey }: Hashing, password: string): string {
  return createHmac('sha384', passwordKey).update(password.normalize('NFKC')).digest('base64');
}

/** The hash of nothing, at the same cost. */
function decoy(cost: number): string {
  return `$2b$${String(cost).padStart(2, '0')}$${'.'.repeat(53)}`;
}
