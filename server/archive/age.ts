import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ArchiveFault } from './archive-fault.ts';

/* The age format (age-encryption.org): whoever has an identity (`AGE-SECRET-KEY-1…`) opens it with any tool that reads it. */

/** Streams of pieces so large are quicker. */
const highWaterMark = 1024 * 1024;

/** Loaded when it is needed: a server that moves nothing just now need not hold it. */
const age = () => import('age-encryption');

/** A new pair: who has the identity can open what is sealed to the recipient. */
export async function newIdentity(): Promise<{ identity: string; recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await age();
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** To whom something must be sealed that this opens; undefined where it is no identity. */
export async function recipientOf(identity: string): Promise<string | undefined> {
  const { identityToRecipient } = await age();
  try {
    return await identityToRecipient(identity);
  } catch {
    return undefined; // it says no more than that it is none
  }
}

/** Whether it is a recipient that something can be sealed to. */
export async function isRecipient(text: string): Promise<boolean> {
  const { Encrypter } = await age();
  try {
    new Encrypter().addRecipient(text);
    return text.startsWith('age1');
  } catch {
    return false; // it says no more than that it is none
  }
}

/** Of what was hashed on its way: bytes and SHA-256. */
export interface Measured {
  bytes: number;
  sha256: string;
}

/** Seals what `content` gives to the recipients; `plain` tells of the content once it has gone through. */
export async function seal(
  content: Readable,
  recipients: readonly string[],
): Promise<{ sealed: Readable; plain: () => Measured }> {
  const { Encrypter } = await age();
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const { through, measured } = meter(content);
  const sealed = await encrypter.encrypt(Readable.toWeb(through) as ReadableStream<Uint8Array>);
  return { sealed: Readable.fromWeb(sealed as import('node:stream/web').ReadableStream), plain: measured };
}

/** Opens what was sealed; the stream fails where it was changed. Throws `ArchiveFault` if no identity fits. */
export async function unseal(sealed: Readable, identities: readonly string[]): Promise<Readable> {
  const { Decrypter } = await age();
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  try {
    const plain = await decrypter.decrypt(Readable.toWeb(sealed) as ReadableStream<Uint8Array>);
    return Readable.fromWeb(plain as import('node:stream/web').ReadableStream);
  } catch (cause) {
    sealed.destroy();
    throw new ArchiveFault('a file of the archive cannot be opened with the identity given', { cause });
  }
}

/** Hashes what goes through. */
export function meter(content: Readable): { through: Readable; measured: () => Measured } {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* pieces() {
    for await (const piece of content as AsyncIterable<Uint8Array>) {
      hash.update(piece);
      bytes += piece.length;
      yield piece;
    }
  }
  return {
    through: Readable.from(pieces(), { objectMode: false, highWaterMark }),
    measured: () => ({ bytes, sha256: hash.digest('hex') }),
  };
}

/** Reads it to its end. */
export async function measure(content: Readable): Promise<Measured> {
  const { through, measured } = meter(content);
  for await (const _ of through);
  return measured();
}

export function fileContent(path: string): Readable {
  return createReadStream(path, { highWaterMark });
}

/** Writes a new file for its owner alone. */
export async function writeContent(content: Readable, path: string): Promise<void> {
  await pipeline(content, createWriteStream(path, { flags: 'wx', mode: 0o600, highWaterMark, flush: true }));
}
