import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

/*
 * What a token looks like: `vdt_`, 256 random bits and a checksum, in hexadecimal digits. Whoever searches files for
 * secrets that should not be there knows one by that, and a mistyped one is told from a stolen one.
 */

const form = /^vdt_([0-9a-f]{64})([0-9a-f]{8})$/;

export function newTokenText(): string {
  const secret = randomBytes(32).toString('hex');
  return `vdt_${secret}${checksum(secret)}`;
}

/** Whether it can be a token at all; what can't is never looked up. */
export function isTokenText(text: string): boolean {
  const [, secret = '', sum] = form.exec(text) ?? [];
  return sum === checksum(secret);
}

/** The part that may be shown later, by which its owner knows it again. */
export function tokenStart(text: string): string {
  return text.slice(0, 12);
}

function checksum(secret: string): string {
  return crc32(secret).toString(16).padStart(8, '0');
}
