import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError } from 'commander';
import { keyPin } from '../../certs/pin.ts';
import { Pin } from '../../sentinel/protocol/messages.ts';
import type { Given, GiveStep } from '../certificates/give.ts';
import { Refused } from '../http/refused.ts';

export interface GivenOptions {
  certificate?: string;
  key?: string;
  ca?: string;
  backupKey?: string;
  backupPin?: string;
}

/** The same for `init`, which needs none of them, and `certs use`. */
export function takeCertificate(command: Command, isNeeded = false): Command {
  return command
    .hook('preAction', (_, asked) => refuseHalf(asked, isNeeded))
    .option('--certificate <file>', 'a certificate of your own (PEM), with those that signed it')
    .option('--key <file>', 'its private key (PEM), which others may not read')
    .option(
      '--ca <file>',
      'certificates of authorities that the first file leaves out, up to the one that signed itself',
    )
    .option('--backup-key <file>', 'key (PEM) that is to follow one day; only its pin is taken, keep it elsewhere')
    .option('--backup-pin <pin>', 'pin of that key, where the key is not at hand', pinOf);
}

/** What was given; undefined where nothing was. Throws `Refused` where the backup key can't be read. */
export function givenIn(options: GivenOptions, hostNames: readonly string[]): Given | undefined {
  const { certificate, key, ca, backupKey, backupPin } = options;
  if (certificate === undefined || key === undefined) return undefined;
  return { certificate, key, ca, hostNames, backupPin: backupPin ?? (backupKey && pinOfFile(backupKey)) };
}

function refuseHalf(command: Command, isNeeded: boolean): void {
  const { certificate, key, ca, backupKey, backupPin }: GivenOptions = command.opts();
  const isAsked = isNeeded || [certificate, key, ca, backupKey, backupPin].some((one) => one !== undefined);
  if (!isAsked || (certificate !== undefined && key !== undefined)) return;
  command.error('error: a certificate and its key belong together: give --certificate FILE and --key FILE');
}

/** How it goes on, for people. */
export const afterGiving: Record<GiveStep, string> = {
  renew: 'The certificate is renewed; a running server shows it within 5 seconds.',
  show: 'The certificate is shown from now on; a running server shows it within 5 seconds.',
  announce:
    'Sentinels are told of the new pins first. Once `vedette-server certs status` says that all have them, give this\n' +
    'command again: then the certificate is shown.',
};

function pinOf(text: string): string {
  if (Pin.safeParse(text).success) return text;
  throw new InvalidArgumentError('It must be the SHA-256 of a public key (SPKI), base64: 44 characters.');
}

function pinOfFile(file: string): string {
  try {
    return keyPin(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new Refused(`${file} holds no key (PEM) that can be read without a passphrase`, { cause });
  }
}
