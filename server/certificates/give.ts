import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { openAuthority } from '../../certs/authority.ts';
import {
  type CertificateFiles,
  type GivenCertificate,
  givenFile,
  givenPins,
  nextGivenFile,
  readFiles,
  readGiven,
  refuseOtherNames,
} from '../../certs/given-certificate.ts';
import { spkiPin } from '../../certs/pin.ts';
import { replacePrivateFile } from '../../certs/private-file.ts';
import { audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { Refused } from '../http/refused.ts';
import { readiness } from './readiness.ts';
import { refuseUnready } from './rotation.ts';

export interface Given extends CertificateFiles {
  /** Of the key that is to follow one day; may be left out where the key is the one that is shown or announced. */
  backupPin?: string | undefined;
  /** Names under which the server is reached, as far as they are known. */
  hostNames: readonly string[];
}

/** It is shown from now on with a key that was shown before, or with another one; or sentinels are told of it first. */
export type GiveStep = 'renew' | 'show' | 'announce';

/**
 * Has the server show a certificate that the operator has got elsewhere. One with the key of the present one is shown at
 * once. Of another key the sentinels are told first; given again once they all know it, the certificate is shown. `force`
 * goes on at once: who then has only older pins sends nothing until it is given the new one by hand. Throws `Refused`, and
 * `CertificateUnusable` where a file is not what it should be.
 */
export async function giveCertificate(
  server: ServerContext,
  given: Given,
  { force, seenWithinDays }: { force: boolean; seenWithinDays: number },
): Promise<GiveStep> {
  const folder = join(server.dataFolder, 'certs');
  const certificate = withBackup(folder, given, readFiles(given, server.now()));
  refuseOtherNames(certificate, given.hostNames);
  const step = await nextStep(server, certificate, { force, seenWithinDays });
  const text = JSON.stringify(certificate);
  replacePrivateFile(step === 'announce' ? nextGivenFile(folder) : givenFile(folder), text);
  if (step === 'show') rmSync(nextGivenFile(folder), { force: true });
  server.authority = await openAuthority(folder, server.now());
  const detail = { step, pins: givenPins(certificate) };
  await audit(server.registry, { at: server.now(), actor: commandLine, action: 'certificate-given', detail });
  return step;
}

async function nextStep(
  server: ServerContext,
  certificate: GivenCertificate,
  { force, seenWithinDays }: { force: boolean; seenWithinDays: number },
): Promise<GiveStep> {
  const { pins, isGiven } = server.authority;
  const [pin] = givenPins(certificate);
  if (isGiven && pins[0] === pin) return 'renew';
  if (force) return 'show';
  const who = await readiness(server, seenWithinDays);
  const isAlone = who.ready + who.unready.length + who.gone.length + who.unread.length === 0;
  if (!pins.includes(pin) && !isAlone) return 'announce';
  refuseUnready(who);
  return 'show';
}

function withBackup(
  folder: string,
  { backupPin }: Given,
  { key, chain }: Omit<GivenCertificate, 'backupPin'>,
): GivenCertificate {
  const seen = chain.map((pem) => spkiPin(Buffer.from(pem)));
  const known = [givenFile(folder), nextGivenFile(folder)].map((file) => readGiven(file));
  const before = known.find((one) => one && givenPins(one)[0] === seen[0]);
  const backup = backupPin ?? before?.backupPin;
  if (backup === undefined) {
    throw new Refused(
      'sentinels need the pin of a second key, for the day on which this one is lost or stolen: make one, keep it away from ' +
        'this machine (openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out backup.pem), and give it with ' +
        '--backup-key FILE, or its pin with --backup-pin',
    );
  }
  if (seen.includes(backup)) throw new Refused('the backup key is one of those in use: make another one');
  return { key, chain, backupPin: backup };
}
