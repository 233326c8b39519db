import 'reflect-metadata';
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

/** A private key and its certificate, as PEM. */
export interface Identity {
  key: string;
  certificate: string;
}

/** A file of certificates is damaged, or out of date with this machine's clock; the message says what to do. */
export class CertificateUnusable extends Error {
  override readonly name = 'CertificateUnusable';
}

export const signature = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const dayMs = 86_400_000;

export async function newKeys(): Promise<CryptoKeyPair> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  return (await webcrypto.subtle.generateKey(signature, true, ['sign', 'verify'])) as CryptoKeyPair;
}

/** The pair of a private key in PEM. */
export async function keysIn(privatePem: string): Promise<CryptoKeyPair> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  const { subtle } = webcrypto;
  const pkcs8 = new Uint8Array(createPrivateKey(privatePem).export({ format: 'der', type: 'pkcs8' }));
  const spki = new Uint8Array(createPublicKey(privatePem).export({ format: 'der', type: 'spki' }));
  return {
    privateKey: (await subtle.importKey('pkcs8', pkcs8, signature, true, ['sign'])) as CryptoKey,
    publicKey: (await subtle.importKey('spki', spki, signature, true, ['verify'])) as CryptoKey,
  };
}

/** The private key as PKCS #8 PEM. */
export async function keyPem(keys: CryptoKeyPair): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;
}

export async function newIdentity(keys: CryptoKeyPair, certificate: x509.X509Certificate): Promise<Identity> {
  return { key: await keyPem(keys), certificate: `${certificate.toString('pem')}\n` };
}

/** What `newIdentity` gave, from the text of the file in which it was kept. Throws `CertificateUnusable`. */
export function identityIn(content: string, file: string): Identity {
  const [key] = content.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/) ?? [];
  const [certificate] = content.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/) ?? [];
  if (key && certificate) return { key, certificate };
  throw new CertificateUnusable(`${file} does not hold a private key and a certificate: restore it from a backup`);
}

/** From an hour ago, since the other side's clock may be behind. */
export function validity(now: number, days: number) {
  const notBefore = now - 3_600_000;
  return { notBefore: new Date(notBefore), notAfter: new Date(notBefore + days * dayMs) };
}

/** 127 random bits: positive, as RFC 5280 wants it. */
export function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString('hex');
}
