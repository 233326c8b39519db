import path from 'node:path';
import { z } from 'zod';
import { readIfThere, replacePrivateFile } from '../certs/private-file.ts';
import { openSeal, type Seal } from './seal.ts';

/** Names a secret can have: what `process.env.NAME` in a script can read. */
export const SecretName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/, 'letters, digits and _ only, no digit first');

const VaultFile = z.strictObject({
  apiKey: z.string().optional(),
  proxyAuthorization: z.string().optional(),
  secrets: z.record(z.string(), z.string()),
});
type VaultFile = z.infer<typeof VaultFile>;

/**
 * Secrets that scripts may read, the API key and what a proxy wants to know, sealed in one file of the home folder. Nothing is kept in memory: a
 * secret that the administrator sets is there for the next run.
 */
export class Vault {
  readonly #file: string;
  readonly #seal: Seal;

  /** Throws `FolderUnusable`. */
  constructor(home: string) {
    this.#file = path.join(home, 'vault.json');
    this.#seal = openSeal(home, 'vault');
  }

  names(): string[] {
    return Object.keys(this.#read().secrets).sort();
  }

  secret(name: string): string | undefined {
    const { secrets } = this.#read();
    return Object.hasOwn(secrets, name) ? this.#open(secrets[name], secretLabel(name)) : undefined;
  }

  /** `name` must be a `SecretName`. */
  setSecret(name: string, value: string): void {
    const content = this.#read();
    const sealed = this.#close(value, secretLabel(SecretName.parse(name)));
    this.#write({ ...content, secrets: { ...content.secrets, [name]: sealed } });
  }

  /** Whether there was such a secret. */
  removeSecret(name: string): boolean {
    const content = this.#read();
    if (!Object.hasOwn(content.secrets, name)) return false;
    const { [name]: _, ...secrets } = content.secrets;
    this.#write({ ...content, secrets });
    return true;
  }

  apiKey(): string | undefined {
    return this.#open(this.#read().apiKey, 'api key');
  }

  setApiKey(key: string): void {
    this.#write({ ...this.#read(), apiKey: this.#close(key, 'api key') });
  }

  proxyAuthorization(): string | undefined {
    return this.#open(this.#read().proxyAuthorization, 'proxy');
  }

  /** Undefined removes it. */
  setProxyAuthorization(value: string | undefined): void {
    const { proxyAuthorization: _, ...content } = this.#read();
    this.#write(value === undefined ? content : { ...content, proxyAuthorization: this.#close(value, 'proxy') });
  }

  #read(): VaultFile {
    const text = readIfThere(this.#file);
    if (text === undefined) return { secrets: {} };
    const content = VaultFile.safeParse(parseJson(text));
    if (content.success) return content.data;
    throw new Error(
      `the vault ${this.#file} is damaged: restore it, or remove it, enrol again and set the secrets again`,
    );
  }

  #write(content: VaultFile): void {
    replacePrivateFile(this.#file, JSON.stringify(content));
  }

  #close(value: string, label: string): string {
    return this.#seal.close(Buffer.from(value), label).toString('base64');
  }

  #open(sealed: string | undefined, label: string): string | undefined {
    if (sealed === undefined) return undefined;
    const value = this.#seal.open(Buffer.from(sealed, 'base64'), label);
    if (value) return value.toString();
    throw new Error(`the ${label} in ${this.#file} does not open with the key of this home: set it again`);
  }
}

function secretLabel(name: string): string {
  return `secret ${name}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema refuses it, with the sentence that belongs to it
  }
}
