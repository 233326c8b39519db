import { createHash, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

/** How keys, codes and session tokens are kept: they are random and long, so a plain SHA-256 can't be turned back. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** 256 random bits as text that is safe in headers and cookies. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** Whether two texts are equal, in a time that doesn't tell where they differ. */
export function sameToken(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(tokenHash(a)), Buffer.from(tokenHash(b)));
}

/** Without 0, 1, i, l, o and u: nothing that can be misread, and no words. 30 letters, 4.9 bits each. */
const letters = '23456789abcdefghjkmnpqrstvwxyz';

/** Random text that people can read out and type: `groups` groups of five letters, 24 bits each. */
export function readableToken(groups: number): string {
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return Array.from({ length: groups }, group).join('-');
}
