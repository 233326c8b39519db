import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { keyPem, newKeys, signature } from './identity.ts';

/* Certificates for tests, good and bad ones. The real ones are made in authority.ts and server-certificate.ts. */

export interface BuiltCertificate {
  certPem: string;
  keyPem: string;
  raw: Uint8Array;
  x509: x509.X509Certificate;
  keys: CryptoKeyPair;
}

export interface CertificateWishes {
  subject?: string;
  /** Who signs; none: it signs itself. */
  issuer?: BuiltCertificate;
  /** Keys to use instead of new ones. */
  keys?: CryptoKeyPair;
  isCa?: boolean;
  names?: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
}

const day = 86_400_000;

/** A folder that is gone when disposed. */
export function tempFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-certs-'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

/** A certificate for `names` (localhost if none are given), valid now unless told otherwise. */
export async function buildCertificate(wishes: CertificateWishes = {}): Promise<BuiltCertificate> {
  const keys = wishes.keys ?? (await newKeys());
  const subject = wishes.subject ?? 'CN=localhost';
  const certificate = await x509.X509CertificateGenerator.create({
    subject,
    issuer: wishes.issuer?.x509.subject ?? subject,
    publicKey: keys.publicKey,
    signingKey: wishes.issuer?.keys.privateKey ?? keys.privateKey,
    signingAlgorithm: signature,
    notBefore: wishes.notBefore ?? new Date(Date.now() - day),
    notAfter: wishes.notAfter ?? new Date(Date.now() + day),
    extensions: await extensionsOf(wishes, keys),
  });
  return {
    certPem: certificate.toString('pem'),
    keyPem: await keyPem(keys),
    raw: new Uint8Array(certificate.rawData),
    x509: certificate,
    keys,
  };
}

export function buildCa(wishes: CertificateWishes = {}): Promise<BuiltCertificate> {
  return buildCertificate({ subject: 'CN=Vedette test authority', isCa: true, names: [], ...wishes });
}

async function extensionsOf(wishes: CertificateWishes, keys: CryptoKeyPair): Promise<x509.Extension[]> {
  const names = wishes.names ?? ['localhost'];
  const alternative = names.map((value) => ({
    type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const),
    value,
  }));
  return [
    new x509.BasicConstraintsExtension(wishes.isCa ?? false, undefined, true),
    await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternative)] : []),
  ];
}
