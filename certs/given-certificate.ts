import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { CertificateUnusable } from './identity.ts';
import { spkiPin } from './pin.ts';
import { readIfThere } from './private-file.ts';

/*
 * A certificate that the operator has got elsewhere, shown instead of one of our own authority. It lies beside the authority
 * as `given.json`; `given-next.json` is one that sentinels are told of before it is shown.
 */

/** Files as the operator has them. */
export interface CertificateFiles {
  /** PEM: the server's certificate, and as a rule those that signed it. */
  certificate: string;
  /** PEM: its private key. */
  key: string;
  /** PEM: authorities that the first file leaves out. */
  ca?: string | undefined;
}

/** A key with its certificate and all that signed it, each by the next, up to one that signed itself (PEM). */
export interface GivenChain {
  key: string;
  chain: readonly string[];
}

export interface GivenCertificate extends GivenChain {
  /** Of the key that is to follow one day. */
  backupPin: string;
}

export function givenFile(folder: string): string {
  return join(folder, 'given.json');
}

export function nextGivenFile(folder: string): string {
  return join(folder, 'given-next.json');
}

/** What `JSON.stringify` wrote of a given certificate; undefined where there is none. Throws `CertificateUnusable`. */
export function readGiven(file: string): GivenCertificate | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  try {
    const { key, chain, backupPin }: GivenCertificate = JSON.parse(text);
    leafOf({ chain });
    return { key, chain, backupPin };
  } catch (cause) {
    throw new CertificateUnusable(`${file} is damaged: restore it from a backup`, { cause });
  }
}

/** Pins of the certificate's key and of its backup. */
export function givenPins(given: GivenCertificate): [string, string] {
  return [spkiPin(leafOf(given).raw), given.backupPin];
}

export function leafOf({ chain }: Pick<GivenChain, 'chain'>): X509Certificate {
  return new X509Certificate(chain[0] ?? '');
}

/** What the files hold, made whole. Throws `CertificateUnusable` unless sentinels and browsers could accept it at `now`. */
export function readFiles({ certificate, key, ca }: CertificateFiles, now: number): GivenChain {
  refuseOpenToOthers(key);
  const secret = privateKeyIn(key);
  const certificates = certificatesIn(certificate);
  const [leaf] = certificates;
  if (!leaf?.checkPrivateKey(secret)) {
    throw new CertificateUnusable(
      `the key in ${key} does not belong to the first certificate in ${certificate}: give two that were made together`,
    );
  }
  const authorities = [...certificates, ...(ca === undefined ? [] : certificatesIn(ca))];
  const chain = chainOf(leaf, authorities, `${certificate}${ca === undefined ? '' : ` or ${ca}`}`);
  for (const one of chain) refuseOutOfDate(one, now);
  if (leaf.subjectAltName === undefined) {
    throw new CertificateUnusable(
      `the certificate in ${certificate} names no host: have one made for the server's name`,
    );
  }
  const pem = chain.map(String);
  const given = { key: secret.export({ format: 'pem', type: 'pkcs8' }).toString(), chain: pem };
  refuseWeak(given, certificate);
  return given;
}

/** Throws `CertificateUnusable` where the certificate is not for one of these names and addresses. */
export function refuseOtherNames(given: Pick<GivenChain, 'chain'>, names: readonly string[]): void {
  const leaf = leafOf(given);
  const isFor = (name: string) =>
    isIP(name) === 0 ? leaf.checkHost(name, { subject: 'never' }) !== undefined : leaf.checkIP(name) !== undefined;
  const missing = names.filter((name) => !isFor(name));
  if (missing.length === 0) return;
  throw new CertificateUnusable(
    `the certificate is not for ${missing.join(', ')}, but for ${leaf.subjectAltName}: have one made that names all, ` +
      'or give those names alone with --host-name',
  );
}

/** Throws `CertificateUnusable` where no client would accept the certificate at `now`. */
export function refuseOutOfDate(certificate: X509Certificate, now: number): void {
  const { validFromDate, validToDate } = certificate;
  if (validFromDate.getTime() <= now && now < validToDate.getTime()) return;
  const [clock, from, to] = [new Date(now), validFromDate, validToDate].map((at) => at.toISOString());
  throw new CertificateUnusable(
    `the certificate of ${nameOf(certificate)} is valid from ${from} to ${to}, and this machine's clock says ${clock}: ` +
      'set the clock, or have it renewed and give it with vedette-server certs use',
  );
}

function refuseOpenToOthers(file: string): void {
  const { mode } = explained(file, () => statSync(file));
  if (process.platform === 'win32' || (mode & 0o027) === 0) return;
  throw new CertificateUnusable(`others may read or change the key in ${file}: chmod 600 ${file}`);
}

function privateKeyIn(file: string): KeyObject {
  try {
    return createPrivateKey(explained(file, () => readFileSync(file, 'utf8')));
  } catch (cause) {
    if (cause instanceof CertificateUnusable) throw cause;
    throw new CertificateUnusable(
      `${file} holds no private key (PEM) that can be read without a passphrase: take one off with openssl pkey`,
      { cause },
    );
  }
}

function certificatesIn(file: string): X509Certificate[] {
  const text = explained(file, () => readFileSync(file, 'utf8'));
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    if (found.length > 0) return found.map((pem) => new X509Certificate(pem));
  } catch {
    // It is told below, as of a file without any.
  }
  throw new CertificateUnusable(`${file} holds no certificate (PEM), or a damaged one`);
}

/** From the server's certificate up to one that signed itself; of the public authorities Node knows those. */
function chainOf(leaf: X509Certificate, given: readonly X509Certificate[], where: string): X509Certificate[] {
  const chain = [leaf];
  for (let at = leaf; !isSigned(at, at); chain.push(at)) {
    const above =
      given.find((one) => one.ca && isSigned(at, one)) ?? publicAuthorities().find((one) => isSigned(at, one));
    if (!above || chain.length === 10) {
      throw new CertificateUnusable(
        `${nameOf(at)} is signed by ${at.issuer.replaceAll('\n', ', ')}, whose certificate is not in ${where}: give ` +
          '--ca FILE with those of the authorities, up to the one that signed itself',
      );
    }
    at = above;
  }
  return chain;
}

function isSigned(below: X509Certificate, above: X509Certificate): boolean {
  return below.checkIssued(above) && below.verify(above.publicKey);
}

function publicAuthorities(): X509Certificate[] {
  return tls.rootCertificates.map((pem) => new X509Certificate(pem));
}

/** Of a key or signature that OpenSSL thinks too weak it says so before anybody connects. */
function refuseWeak({ key, chain }: GivenChain, file: string): void {
  try {
    tls.createSecureContext({ key, cert: chain.join('') });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CertificateUnusable(`no client would accept the certificate in ${file} (${why}): have another made`, {
      cause,
    });
  }
}

function nameOf({ subject, subjectAltName }: X509Certificate): string {
  return subject?.replaceAll('\n', ', ') || (subjectAltName ?? 'a certificate without a name');
}

function explained<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : cause;
    throw new CertificateUnusable(`${file} cannot be read (${code})`, { cause });
  }
}
