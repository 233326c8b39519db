/**
 * The code of an authenticator app (RFC 6238: six digits, SHA-1, 30 s) for a secret as it is shown beside the QR code. One
 * that is about to end is waited out, so that the code holds when it arrives.
 */
export async function totp(secret: string): Promise<string> {
  const left = 30_000 - (Date.now() % 30_000);
  if (left < 2_000) await new Promise((resolve) => setTimeout(resolve, left));
  return totpAt(secret, Date.now());
}

/** The code of an instant (ms since 1970). */
export async function totpAt(secret: string, now: number): Promise<string> {
  const key = await crypto.subtle.importKey('raw', base32(secret), { name: 'HMAC', hash: 'SHA-1' }, false, ['sign']);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(Math.floor(now / 30_000)));
  const hash = new DataView(await crypto.subtle.sign('HMAC', key, counter));
  const number = hash.getUint32(hash.getUint8(19) & 15) & 0x7f_ff_ff_ff;
  return String(number % 1_000_000).padStart(6, '0');
}

function base32(text: string): Uint8Array<ArrayBuffer> {
  const letters = text.toUpperCase().replaceAll(/[\s=-]/g, '');
  if (!/^[A-Z2-7]+$/.test(letters)) throw new Error('the TOTP secret is no base32: letters A to Z and digits 2 to 7');
  const bits = [...letters].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  const bytes = bits.join('').match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
}
