import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { keepPrivateFile, readIfThere, replacePrivateFile } from '../../certs/private-file.ts';

const [keyFile, beforeFile] = ['audit-key.pem', 'audit-keys-before.pem'];
/** In the data folder. */
export const auditKeyFiles: readonly string[] = [keyFile, beforeFile];

export interface AuditKey {
  /** The first 16 hexadecimal digits of the SHA-256 of its public half. */
  id: string;
  privateKey: KeyObject;
}

/** The Ed25519 key that signs the heads of audit trails, made on first use. */
export function openAuditKey(dataFolder: string): AuditKey {
  const privateKey = createPrivateKey(keepPrivateFile(join(dataFolder, keyFile), newKeyPem));
  return { id: idOf(createPublicKey(privateKey)), privateKey };
}

/** Public keys by id: the present one's, and those of the keys before, whose signatures still count. */
export function auditKeys(dataFolder: string): ReadonlyMap<string, KeyObject> {
  const present = createPublicKey(openAuditKey(dataFolder).privateKey);
  return new Map([...keysBefore(dataFolder), present].map((key) => [idOf(key), key]));
}

/** Makes a new key; of the one before the public half is kept. Returns the new one's id. */
export function renewAuditKey(dataFolder: string): string {
  const before = [...auditKeys(dataFolder).values()];
  const pems = before.map((key) => key.export({ format: 'pem', type: 'spki' }).toString());
  replacePrivateFile(join(dataFolder, beforeFile), pems.join(''));
  replacePrivateFile(join(dataFolder, keyFile), newKeyPem());
  return openAuditKey(dataFolder).id;
}

function keysBefore(dataFolder: string): KeyObject[] {
  const text = readIfThere(join(dataFolder, beforeFile)) ?? '';
  return (text.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? []).map((pem) => createPublicKey(pem));
}

function newKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

function idOf(publicKey: KeyObject): string {
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}
