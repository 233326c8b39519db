import 'reflect-metadata';
import { createHash, createPrivateKey, createPublicKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { keepPrivateFile, openPrivateFolder, readIfThere, replacePrivateFile } from './private-file.ts';

/*
 * The server's own certificate authority. Its folder holds three files, each whole or absent, so that a crash while they
 * are made does no harm: `authority.pem` and `backup.pem` are made once, `server.pem` is made anew when it must be.
 */

const dayMs = 86_400_000;
const authorityDays = 3650;
/** Browsers refuse certificates that are valid for longer than 398 days. */
const serverDays = 397;
const renewDays = 30;
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const ownNames = ['localhost', '127.0.0.1', '::1'];

export interface Authority {
  /** The authority's certificate, to be trusted by sentinels and browsers. */
  caPem: string;
  /** Pin of the key that would take over if the authority's were lost. */
  backupPin: string;
  /** What sentinels pin: the authority's key, then the backup key. */
  pins: string[];
  /** The server's private key. */
  key: string;
  /** The server's certificate and the authority's, so that who knows the pin can learn the authority from the handshake. */
  certChainPem: string;
}

/**
 * Opens the authority in `folder`, made on first use. The server's certificate names `localhost`, its addresses and
 * `hostNames`; it is made anew when these change or fewer than 30 days are left. Throws `FolderUnusable`.
 */
export async function openAuthority(
  folder: string,
  { hostNames = [], now = Date.now() }: { hostNames?: readonly string[]; now?: number },
): Promise<Authority> {
  x509.cryptoProvider.set(webcrypto as Crypto);
  openPrivateFolder(folder);
  const ca = await keepAuthority(join(folder, 'authority.pem'), now);
  const backup = await keepKey(join(folder, 'backup.pem'));
  const names = [...new Set([...ownNames, ...hostNames])];
  const server = await keepServer(join(folder, 'server.pem'), ca, names, now);
  const backupPin = pinOfKey(backup);
  return {
    caPem: ca.certificate,
    backupPin,
    pins: [pinOfKey(ca.key), backupPin],
    key: server.key,
    certChainPem: server.certificate + ca.certificate,
  };
}

/** A private key and its certificate, as PEM. */
interface Identity {
  key: string;
  certificate: string;
}

async function keepAuthority(file: string, now: number): Promise<Identity> {
  const present = readIfThere(file);
  if (present !== undefined) return identityIn(present, file);
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(now, authorityDays),
    serialNumber: serialNumber(),
    name: `CN=Vedette authority ${randomBytes(4).toString('hex')}, O=Vedette`,
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const made = (await pemOf(keys)) + pem(certificate);
  return identityIn(
    keepPrivateFile(file, () => made),
    file,
  );
}

async function keepKey(file: string): Promise<string> {
  const present = readIfThere(file);
  if (present !== undefined) return present;
  const made = await pemOf(await newKeys());
  return keepPrivateFile(file, () => made);
}

async function keepServer(file: string, ca: Identity, names: string[], now: number): Promise<Identity> {
  const present = readIfThere(file);
  if (present !== undefined && stillGood(present, ca, names, now)) return identityIn(present, file);
  const made = await newServer(ca, names, now);
  replacePrivateFile(file, made.key + made.certificate);
  return made;
}

function stillGood(content: string, ca: Identity, names: string[], now: number): boolean {
  try {
    const { key, certificate } = identityIn(content, 'server.pem');
    const parsed = new X509Certificate(certificate);
    const named = (parsed.subjectAltName ?? '').split(', ').map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
    const daysLeft = (Date.parse(parsed.validTo) - now) / dayMs;
    return (
      parsed.verify(new X509Certificate(ca.certificate).publicKey) &&
      parsed.checkPrivateKey(createPrivateKey(key)) &&
      Date.parse(parsed.validFrom) <= now &&
      daysLeft >= renewDays &&
      JSON.stringify(named.map(plainName).sort()) === JSON.stringify(names.map(plainName).sort())
    );
  } catch {
    return false; // whatever is wrong with it, a new one is the remedy
  }
}

/** Certificates write IPv6 addresses in full; `::1` and `0:0:0:0:0:0:0:1` are one name. */
function plainName(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname : name.toLowerCase();
}

async function newServer(ca: Identity, names: string[], now: number): Promise<Identity> {
  const keys = await newKeys();
  const issuer = new x509.X509Certificate(ca.certificate);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(now, serverDays),
    serialNumber: serialNumber(),
    subject: 'CN=Vedette server, O=Vedette',
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await signingKey(ca.key),
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(generalName)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { key: await pemOf(keys), certificate: pem(certificate) };
}

function generalName(value: string): x509.JsonGeneralName {
  return { type: isIP(value) ? 'ip' : 'dns', value };
}

/** From an hour ago, since the other side's clock may be behind. */
function validity(now: number, days: number) {
  const notBefore = now - 3_600_000;
  return { notBefore: new Date(notBefore), notAfter: new Date(notBefore + days * dayMs) };
}

/** 127 random bits: positive, as RFC 5280 wants it. */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(0) & 0x7f) | 0x40, 0);
  return bytes.toString('hex');
}

async function newKeys(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
}

async function signingKey(privatePem: string): Promise<CryptoKey> {
  const pkcs8 = createPrivateKey(privatePem).export({ format: 'der', type: 'pkcs8' });
  return (await webcrypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), algorithm, false, ['sign'])) as CryptoKey;
}

async function pemOf(keys: CryptoKeyPair): Promise<string> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`;
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

function identityIn(content: string, file: string): Identity {
  const [key] = content.match(/-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----\n?/) ?? [];
  const [certificate] = content.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/) ?? [];
  if (key && certificate) return { key, certificate };
  throw new Error(`${file} does not hold a private key and a certificate: restore it from a backup`);
}

/** SHA-256 of the public key's SPKI form, base64. */
function pinOfKey(privatePem: string): string {
  const spki = createPublicKey(privatePem).export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('base64');
}
