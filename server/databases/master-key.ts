import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keepPrivateFile, replacePrivateFile } from '../../certs/private-file.ts';
import { Refused } from '../http/refused.ts';

const [keyBytes, ivBytes, tagBytes] = [32, 12, 16];

/**
 * Seals what the registry keeps of connections and second factors: whoever has a copy of it alone learns none. A sealed
 * text names what it is about, so that it can't be put in the place of another.
 */
export interface MasterKey {
  seal(text: string, about: string): string;
  /** Throws `Refused` if it was sealed with another key, about something else, or was changed. */
  unseal(sealed: string, about: string): string;
}

/**
 * The keys given, 32 bytes as base64 each; else those of the file `master-key` in the data folder, made on first use and read
 * each time, since it can be changed beside a running server. The first seals, the others still unseal.
 */
export function openMasterKey(dataFolder: string, given: string | undefined): MasterKey {
  const file = join(dataFolder, 'master-key');
  const keys = () =>
    keysIn(given ?? keepPrivateFile(file, newKey), given === undefined ? `the file ${file}` : variable);
  keys();
  return {
    seal(text, about) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', keys()[0] ?? '', iv).setAAD(Buffer.from(about));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    unseal(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64');
      const found = keys().map((key) => unsealed(bytes, key, about));
      const text = found.find((one) => one !== undefined);
      if (text !== undefined) return text;
      const next = 'start with the master key that the registry was made with';
      throw new Refused(`what is sealed of ${about} cannot be unsealed: ${next}`);
    },
  };
}

/** Puts a new key before the one of the file, which goes on unsealing; those before that one are gone. */
export function renewMasterKeyFile(dataFolder: string): void {
  const file = join(dataFolder, 'master-key');
  const [present = ''] = keepPrivateFile(file, newKey).split(apart);
  replacePrivateFile(file, `${newKey()}\n${present}`);
}

const variable = 'VEDETTE_MASTER_KEY';
const apart = /[\s,]+/;

function newKey(): string {
  return randomBytes(keyBytes).toString('base64');
}

function keysIn(text: string, where: string): Buffer[] {
  const keys = text
    .trim()
    .split(apart)
    .map((one) => Buffer.from(one, 'base64'));
  if (keys.every((key) => key.length === keyBytes)) return keys;
  throw new Refused(`${where} does not hold a master key: it is 32 bytes as base64 (openssl rand -base64 32)`);
}

function unsealed(bytes: Buffer, key: Buffer, about: string): string | undefined {
  const [iv, tag] = [bytes.subarray(0, ivBytes), bytes.subarray(ivBytes, ivBytes + tagBytes)];
  try {
    const options = { authTagLength: tagBytes };
    const decipher = createDecipheriv('aes-256-gcm', key, iv, options).setAAD(Buffer.from(about)).setAuthTag(tag);
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString();
  } catch {
    return undefined; // another key's, of something else, or changed: whoever asks can't tell which
  }
}
