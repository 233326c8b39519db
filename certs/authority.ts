import 'reflect-metadata';
import { createHash, createPublicKey, randomBytes, X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import {
  CertificateUnusable,
  type Identity,
  identityIn,
  keyPem,
  newIdentity,
  newKeys,
  serialNumber,
  signature,
  validity,
} from './identity.ts';
import { keepPrivateFile, openPrivateFolder, readIfThere } from './private-file.ts';

/*
 * The server's own certificate authority: `authority.pem` and `backup.pem` in its folder, made once, each whole or
 * absent, so that a crash while they are made does no harm.
 */

const authorityDays = 3650;

export interface Authority {
  /** The authority's certificate, to be trusted by sentinels and browsers. */
  caPem: string;
  /** What sentinels pin: the authority's key, then the backup key, which would take over if that were lost. */
  pins: string[];
}

/** Opens the authority in `folder`, made on first use. Throws `FolderUnusable` or `CertificateUnusable`. */
export async function openAuthority(folder: string, now = Date.now()): Promise<Authority> {
  openPrivateFolder(folder);
  const ca = await keepAuthority(folder, now);
  const backup = await keepBackupKey(join(folder, 'backup.pem'));
  return { caPem: ca.certificate, pins: [pinOfKey(ca.key), pinOfKey(backup)] };
}

/** The authority's key and certificate, made on first use, in a folder that is there. Throws as `openAuthority`. */
export async function keepAuthority(folder: string, now: number): Promise<Identity> {
  const file = join(folder, 'authority.pem');
  const text = readIfThere(file) ?? (await newAuthority(file, now));
  const identity = identityIn(text, file);
  checkClock(identity, file, now);
  return identity;
}

async function newAuthority(file: string, now: number): Promise<string> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(now, authorityDays),
    serialNumber: serialNumber(),
    name: `CN=Vedette authority ${randomBytes(4).toString('hex')}, O=Vedette`,
    keys,
    signingAlgorithm: signature,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const made = await newIdentity(keys, certificate);
  return keepPrivateFile(file, () => made.key + made.certificate);
}

async function keepBackupKey(file: string): Promise<string> {
  const present = readIfThere(file);
  if (present !== undefined) return present;
  const made = await keyPem(await newKeys());
  return keepPrivateFile(file, () => made);
}

/** With an authority that is out of date every client would refuse the server: better said here, once, and why. */
function checkClock({ certificate }: Identity, file: string, now: number): void {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  const clock = `this machine's clock says ${new Date(now).toISOString()}`;
  if (now < validFromDate.getTime()) {
    const made = validFromDate.toISOString();
    throw new CertificateUnusable(`${clock}, but the authority in ${file} is valid from ${made}: set the clock`);
  }
  if (now >= validToDate.getTime()) {
    throw new CertificateUnusable(
      `${clock}, and the authority in ${file} expired on ${validToDate.toISOString()}: set the clock, or, if it is right, ` +
        'move that file away to have a new authority made, and enrol every sentinel again',
    );
  }
}

/** SHA-256 of the public key's SPKI form, base64. */
function pinOfKey(privatePem: string): string {
  const spki = createPublicKey(privatePem).export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('base64');
}
