import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keepPrivateFile } from '../../certs/private-file.ts';
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

/** The key given, 32 bytes as base64; else that of the file `master-key` in the data folder, made on first use. */
export function openMasterKey(dataFolder: string, given: string | undefined): MasterKey {
  const file = join(dataFolder, 'master-key');
  const text = given ?? keepPrivateFile(file, () => randomBytes(keyBytes).toString('base64'));
  const key = Buffer.from(text, 'base64');
  if (key.length !== keyBytes) {
    const where = given === undefined ? `the file ${file}` : 'VEDETTE_MASTER_KEY';
    throw new Refused(`${where} does not hold a master key: it is 32 bytes as base64 (openssl rand -base64 32)`);
  }
  return {
    seal(text, about) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(about));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64');
    },
    unseal(sealed, about) {
      const bytes = Buffer.from(sealed, 'base64');
      const [iv, tag] = [bytes.subarray(0, ivBytes), bytes.subarray(ivBytes, ivBytes + tagBytes)];
      try {
        const options = { authTagLength: tagBytes };
        const decipher = createDecipheriv('aes-256-gcm', key, iv, options).setAAD(Buffer.from(about)).setAuthTag(tag);
        return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()]).toString();
      } catch (error) {
        const next = 'start with the master key that the registry was made with';
        throw new Refused(`what is sealed of ${about} cannot be unsealed: ${next}`, { cause: error });
      }
    },
  };
}
