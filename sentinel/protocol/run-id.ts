import { randomBytes } from 'node:crypto';

/** A UUID of version 7 (RFC 9562, section 5.7): 48 bits of `now` (ms since 1970), then random bits. */
export function newRunId(now: number, random: Uint8Array = randomBytes(10)): string {
  const bytes = Buffer.alloc(16);
  bytes.writeUIntBE(Math.min(Math.max(0, Math.trunc(now)), 2 ** 48 - 1), 0, 6);
  bytes.set(random.subarray(0, 10), 6);
  bytes.writeUInt8(((bytes.readUInt8(6) & 0x0f) | 0x70) >>> 0, 6);
  bytes.writeUInt8(((bytes.readUInt8(8) & 0x3f) | 0x80) >>> 0, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
