import 'reflect-metadata';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { keepAuthority } from './authority.ts';
import {
  type GivenCertificate,
  givenFile,
  leafOf,
  readGiven,
  refuseOtherNames,
  refuseOutOfDate,
} from './given-certificate.ts';
import {
  type Identity,
  identityIn,
  keysIn,
  newIdentity,
  newKeys,
  serialNumber,
  signature,
  validity,
} from './identity.ts';
import { spkiPin } from './pin.ts';
import { readIfThere, replacePrivateFile } from './private-file.ts';

const dayMs = 86_400_000;
/** Browsers refuse certificates that are valid for longer than 398 days. */
const validDays = 397;
const renewDays = 30;
const ownNames = ['localhost', '127.0.0.1', '::1'];

/** What a TLS server shows and proves. */
export interface ServerCertificate {
  /** The server's private key. */
  key: string;
  /** The server's certificate and those that signed it, up to the authority's, so that who knows the pin can learn the authority from the handshake. */
  chain: string;
}

/**
 * The server's certificate, `server.pem` beside the authority in `folder`. It names `localhost`, its addresses and
 * `hostNames`, and is made anew when these change or fewer than 30 days are left. Where the operator has given one that is
 * shown instead. Throws as `openAuthority`, and `CertificateUnusable` where a given one is out of date or lacks a name.
 */
export async function openServerCertificate(
  folder: string,
  hostNames: readonly string[] = [],
  now = Date.now(),
): Promise<ServerCertificate> {
  const given = readGiven(givenFile(folder));
  if (given) return shown(given, hostNames, now);
  const ca = await keepAuthority(folder, now);
  const names = [...new Set([...ownNames, ...hostNames])];
  const { key, certificate } = await keepServer(join(folder, 'server.pem'), ca, names, now);
  return { key, chain: certificate + ca.certificate };
}

function shown(given: GivenCertificate, hostNames: readonly string[], now: number): ServerCertificate {
  refuseOutOfDate(leafOf(given), now);
  refuseOtherNames(given, hostNames);
  return { key: given.key, chain: given.chain.join('') };
}

/**
 * Pin of the server's own key, as `curl --pinnedpubkey` takes it after `sha256//`; another one with every new certificate
 * of our own authority. Undefined before the first start. Throws `CertificateUnusable`.
 */
export function serverPin(folder: string): string | undefined {
  const given = readGiven(givenFile(folder));
  if (given) return spkiPin(leafOf(given).raw);
  const file = join(folder, 'server.pem');
  const present = readIfThere(file);
  return present === undefined ? undefined : spkiPin(Buffer.from(identityIn(present, file).certificate));
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
    return (
      parsed.verify(new X509Certificate(ca.certificate).publicKey) &&
      parsed.checkPrivateKey(createPrivateKey(key)) &&
      parsed.validFromDate.getTime() <= now &&
      parsed.validToDate.getTime() - now >= renewDays * dayMs &&
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
    ...validity(now, validDays),
    serialNumber: serialNumber(),
    subject: 'CN=Vedette server, O=Vedette',
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: (await keysIn(ca.key)).privateKey,
    signingAlgorithm: signature,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map(generalName)),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return newIdentity(keys, certificate);
}

function generalName(value: string): x509.JsonGeneralName {
  return { type: isIP(value) ? 'ip' : 'dns', value };
}
