import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { openPrivateFolder, readIfThere, replacePrivateFile } from '../../certs/private-file.ts';
import type { ScriptKey } from '../../sentinel/protocol/messages.ts';
import { Failure, Misuse } from '../failure.ts';
import { newScriptKey } from '../publish/sign.ts';
import { surroundings } from '../surroundings.ts';

/* An author's own key: its private half is sealed with a passphrase, and only ever in the clear while something is signed. */

/** scrypt with 128 MiB, as OWASP asks for; AES-256-GCM, whose tag also says whether the passphrase was right. */
const cost = { N: 2 ** 17, r: 8, p: 1 };
const KeyFile = z.object({
  id: z.string(),
  publicKey: z.string(),
  cost: z.object({ N: z.int().max(2 ** 20), r: z.int().max(32), p: z.int().max(16) }),
  ...{ salt: z.base64(), nonce: z.base64(), tag: z.base64(), sealed: z.base64() },
});
type KeyFile = z.infer<typeof KeyFile>;

/** A key that can sign. */
export interface AuthorKey extends ScriptKey {
  privateKey: KeyObject;
}

/** Where the key is unless another file is named. */
export function usualKeyFile(): string {
  return path.join(surroundings().configFolder, 'author-key.json');
}

/** Makes a key in a file that its owner alone can read. Throws `Misuse` if there is one already. */
export function createKey(file: string, passphrase: string): ScriptKey {
  if (existsSync(file)) throw new Misuse(`${file} is there already: name another file with --file.`);
  const { id, publicKey, privateKeyPem } = newScriptKey();
  const [salt, nonce] = [randomBytes(32), randomBytes(12)];
  const cipher = createCipheriv('aes-256-gcm', sealingKey(passphrase, salt, cost), nonce).setAAD(Buffer.from(id));
  const sealed = Buffer.concat([cipher.update(privateKeyPem), cipher.final()]);
  const text = (bytes: Buffer) => bytes.toString('base64');
  const content: KeyFile = {
    ...{
      id,
      publicKey,
      cost,
      salt: text(salt),
      nonce: text(nonce),
      tag: text(cipher.getAuthTag()),
      sealed: text(sealed),
    },
  };
  openPrivateFolder(path.dirname(path.resolve(file)));
  replacePrivateFile(file, `${JSON.stringify(content, null, 2)}\n`);
  return { id, publicKey };
}

/** What may be told of a key. Throws `Misuse` if there is none. */
export function publicPart(file: string): ScriptKey {
  const { id, publicKey } = read(file);
  return { id, publicKey };
}

/** The key itself. Throws `Failure` if the passphrase is wrong, or the file was altered. */
export function openKey(file: string, passphrase: string): AuthorKey {
  const { id, publicKey, salt, nonce, tag, sealed, cost: costOfFile } = read(file);
  const bytes = (text: string) => Buffer.from(text, 'base64');
  try {
    const key = sealingKey(passphrase, bytes(salt), costOfFile);
    const cipher = createDecipheriv('aes-256-gcm', key, bytes(nonce)).setAAD(Buffer.from(id)).setAuthTag(bytes(tag));
    const pem = Buffer.concat([cipher.update(bytes(sealed)), cipher.final()]);
    return { id, publicKey, privateKey: createPrivateKey(pem) };
  } catch (cause) {
    throw new Failure(`The key in ${file} can't be opened: the passphrase is wrong, or the file was altered.`, {
      cause,
    });
  }
}

function sealingKey(passphrase: string, salt: Buffer, { N, r, p }: typeof cost): Buffer {
  return scryptSync(passphrase.normalize('NFKC'), salt, 32, { N, r, p, maxmem: 256 * N * r });
}

function read(file: string): KeyFile {
  const text = readIfThere(file);
  if (text === undefined) throw new Misuse(`There is no key in ${file}: make one with \`vedette keys create\`.`);
  try {
    return KeyFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure(`${file} is no key of \`vedette keys create\`.`, { cause });
  }
}
