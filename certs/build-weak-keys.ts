import { generateKeyPairSync } from 'node:crypto';

/** For tests: an RSA key of 1024 bits, which nobody should take any more. */
export async function weakKeys(): Promise<CryptoKeyPair> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  return {
    publicKey: await crypto.subtle.importKey('spki', spki, rsa, true, ['verify']),
    privateKey: await crypto.subtle.importKey('pkcs8', pkcs8, rsa, true, ['sign']),
  };
}
