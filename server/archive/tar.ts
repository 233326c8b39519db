import type { Readable } from 'node:stream';

/** A file that is packed: its name is short, since it is a hash. */
export interface Packed {
  name: string;
  bytes: number;
  content: Readable;
}

const block = 512;

/** A tar archive (POSIX ustar) of the files, piece by piece. */
export async function* tar(files: AsyncIterable<Packed>): AsyncGenerator<Uint8Array> {
  for await (const { name, bytes, content } of files) {
    yield header(name, bytes);
    let written = 0;
    for await (const piece of content as AsyncIterable<Uint8Array>) {
      written += piece.length;
      yield piece;
    }
    if (written !== bytes) throw new Error(`the file ${name} changed while it was packed`);
    yield Buffer.alloc((block - (bytes % block)) % block);
  }
  yield Buffer.alloc(2 * block);
}

function header(name: string, bytes: number): Buffer {
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`;
  const fields: [number, string][] = [
    ...[[0, name] as const, [100, octal(0o600, 8)] as const, [108, octal(0, 8)] as const, [116, octal(0, 8)] as const],
    ...[[124, octal(bytes, 12)] as const, [136, octal(0, 12)] as const, [148, ' '.repeat(8)] as const],
    ...[[156, '0'] as const, [257, 'ustar\x0000'] as const],
  ].map(([at, text]) => [at, text]);
  const head = Buffer.alloc(block);
  for (const [at, text] of fields) head.write(text, at, 'latin1');
  const sum = head.reduce((total, byte) => total + byte, 0);
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return head;
}
