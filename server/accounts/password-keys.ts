import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { keepPrivateFile, replacePrivateFile } from '../../certs/private-file.ts';

/** A key under which passwords are kept. */
export interface PasswordKey {
  /** Tells it apart, and nothing of it. */
  id: string;
  key: Buffer;
}

/** The newest first; while it is changed, the one before too. */
export type PasswordKeys = readonly [PasswordKey, ...PasswordKey[]];

/** The keys of the data folder, made on first use and read each time, since they can be changed beside a running server. */
export function openPasswordKeys(dataFolder: string): PasswordKeys {
  const [newest = '', ...before] = keepPrivateFile(fileOf(dataFolder), newKey).trim().split('\n');
  return [keyOf(newest), ...before.map(keyOf)];
}

/** Puts a new key before the present one, which goes on being of use. */
export function addPasswordKey(dataFolder: string): void {
  const [present] = openPasswordKeys(dataFolder);
  replacePrivateFile(fileOf(dataFolder), `${newKey()}\n${present.key.toString('base64')}`);
}

/** Removes all keys but the newest. */
export function dropPasswordKeys(dataFolder: string): void {
  const [newest] = openPasswordKeys(dataFolder);
  replacePrivateFile(fileOf(dataFolder), newest.key.toString('base64'));
}

/** What was kept before keys had marks was so under the key that is there longest. */
export function oldestOf(keys: PasswordKeys): PasswordKey {
  return keys.at(-1) ?? keys[0];
}

/** The key of this mark; undefined if it is none of these. */
export function keyOfMark(keys: PasswordKeys, mark: string): PasswordKey | undefined {
  return mark === '' ? oldestOf(keys) : keys.find(({ id }) => id === mark);
}

export function passwordKey(key: Buffer): PasswordKey {
  return { id: createHash('sha256').update('which key').update(key).digest('hex').slice(0, 16), key };
}

function keyOf(text: string): PasswordKey {
  return passwordKey(Buffer.from(text, 'base64'));
}

function newKey(): string {
  return randomBytes(32).toString('base64');
}

function fileOf(dataFolder: string): string {
  return join(dataFolder, 'password-key');
}
