import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import path from 'node:path';
import { keepPrivateFile } from '../certs/private-file.ts';

/** Encrypts what lies on the sentinel's disk: AES-256-GCM, with a key that only the sentinel's user may read. */
export interface Seal {
  /** `label` says what the content is; it opens under the same label only, so that no two can change places. */
  close(content: Uint8Array, label: string): Buffer;
  /** The content, or undefined if it was altered or sealed with another key or label. */
  open(sealed: Uint8Array, label: string): Buffer | undefined;
}

const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;

/** The seal of a home folder for one purpose; its key file is made on first use. Throws `FolderUnusable`. */
export function openSeal(home: string, purpose: 'vault' | 'spool' | 'journal'): Seal {
  const text = keepPrivateFile(path.join(home, 'key'), () => `${randomBytes(32).toString('base64')}\n`);
  const secret = Buffer.from(text.trim(), 'base64');
  if (secret.length !== 32)
    throw new Error(`the key file ${path.join(home, 'key')} is damaged: restore it, or enrol again in another home`);
  return sealWith(Buffer.from(hkdfSync('sha256', secret, '', `vedette-sentinel ${purpose}`, 32)));
}

function sealWith(key: Buffer): Seal {
  return {
    close(content, label) {
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, key, nonce).setAAD(Buffer.from(label));
      const body = Buffer.concat([sealing.update(content), sealing.final()]);
      return Buffer.concat([nonce, sealing.getAuthTag(), body]);
    },
    open(sealed, label) {
      const nonce = sealed.subarray(0, nonceBytes);
      const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
      if (tag.length < tagBytes) return undefined;
      const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes }).setAAD(Buffer.from(label));
      opening.setAuthTag(tag);
      try {
        const content = opening.update(sealed.subarray(nonceBytes + tagBytes));
        opening.final(); // adds nothing in this mode, and throws unless the tag holds: a copy of large files is spared
        return content;
      } catch {
        return undefined; // the tag does not hold: altered, or another key
      }
    },
  };
}
