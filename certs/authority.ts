import 'reflect-metadata';
import { randomBytes, X509Certificate } from 'node:crypto';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { givenFile, givenPins, nextGivenFile, readGiven } from './given-certificate.ts';
import {
  CertificateUnusable,
  type Identity,
  identityIn,
  keyPem,
  keysIn,
  newIdentity,
  newKeys,
  serialNumber,
  signature,
  validity,
} from './identity.ts';
import { keyPin } from './pin.ts';
import { keepPrivateFile, openPrivateFolder, readIfThere } from './private-file.ts';

/*
 * The server's own certificate authority, in its folder: `authority.pem`, a backup key that bears the name of the
 * authority's key, and while the keys change (rotate.ts) `previous.pem`. Each is made once, whole or absent, so that a
 * crash at any time does no harm.
 */

const authorityDays = 3650;

/** Whom sentinels are to trust. */
export interface Authority {
  /** The certificate that sentinels and browsers are to trust: our own authority's, or the one that a given chain ends with. */
  caPem: string;
  /**
   * What sentinels pin. Of our own authority its key, the backup key, and the key before while that is not retired; of a
   * given certificate its own key and the backup. Then those of one that is to be shown later.
   */
  pins: string[];
  /** Whether the key before is not retired yet. */
  changing: boolean;
  /** Whether a certificate is shown that the operator has given. */
  isGiven: boolean;
  /** Of a given certificate that is to be shown later; they are among `pins`. */
  announced: string[];
}

/** Opens the authority in `folder`, made on first use. Throws `FolderUnusable` or `CertificateUnusable`. */
export async function openAuthority(folder: string, now = Date.now()): Promise<Authority> {
  openPrivateFolder(folder);
  const next = readGiven(nextGivenFile(folder));
  const announced = next ? givenPins(next) : [];
  const trusted = whomGiven(folder) ?? (await whomOwn(folder, now));
  return { ...trusted, pins: [...new Set([...trusted.pins, ...announced])], announced };
}

type Trusted = Omit<Authority, 'announced'>;

function whomGiven(folder: string): Trusted | undefined {
  const given = readGiven(givenFile(folder));
  return given && { caPem: given.chain.at(-1) ?? '', pins: givenPins(given), changing: false, isGiven: true };
}

async function whomOwn(folder: string, now: number): Promise<Trusted> {
  const ca = await keepAuthority(folder, now);
  const backup = await keepBackupKey(folder, ca.key);
  const previous = readIfThere(previousFile(folder));
  const before = previous === undefined ? ca.key : identityIn(previous, previousFile(folder)).key;
  const pins = [...new Set([ca.key, backup, before].map(keyPin))];
  return { caPem: ca.certificate, pins, changing: pins.length > 2, isGiven: false };
}

/** The authority's key and certificate, made on first use, in a folder that is there. Throws as `openAuthority`. */
export async function keepAuthority(folder: string, now: number): Promise<Identity> {
  const file = join(folder, 'authority.pem');
  const text = readIfThere(file) ?? (await newAuthority(file, now));
  const identity = identityIn(text, file);
  checkClock(identity, file, now);
  return identity;
}

/** A lost authority is followed by its backup key, since that is what sentinels know. */
async function newAuthority(file: string, now: number): Promise<string> {
  const backup = newestBackup(dirname(file));
  const made = await authorityOf(backup === undefined ? await newKeys() : await keysIn(backup), now);
  return keepPrivateFile(file, () => made);
}

/** Key and certificate of an authority that has `keys`. */
export async function authorityOf(keys: CryptoKeyPair, now: number): Promise<string> {
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
  return made.key + made.certificate;
}

/** The backup of the authority that has `key` (PEM), made on first use. */
export async function keepBackupKey(folder: string, key: string): Promise<string> {
  const file = backupFile(folder, key);
  const present = readIfThere(file);
  if (present !== undefined) return present;
  const made = await keyPem(await newKeys());
  return keepPrivateFile(file, () => made);
}

/** Named after the key that it backs up: so a change of the authority's key, which is one write, changes its backup too. */
export function backupFile(folder: string, key: string): string {
  return join(folder, `backup-${Buffer.from(keyPin(key), 'base64').toString('hex').slice(0, 16)}.pem`);
}

export function previousFile(folder: string): string {
  return join(folder, 'previous.pem');
}

function newestBackup(folder: string): string | undefined {
  const files = readdirSync(folder).filter((name) => /^backup-[0-9a-f]{16}\.pem$/.test(name));
  const byAge = files.map((name) => join(folder, name)).sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return byAge[0] === undefined ? undefined : readIfThere(byAge[0]);
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
        'move that file away: the backup key takes over at the next start, and sentinels follow by themselves',
    );
  }
}
