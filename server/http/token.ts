import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

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
