import { createReadStream, createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ArchiveFault } from './archive-fault.ts';

const block = 512;

/** Takes the files that `tar` packed out again, into a folder; each is named by its SHA-256. Throws `ArchiveFault`. */
export async function untar(path: string, into: string): Promise<void> {
  await using file = await open(path, 'r');
  const head = Buffer.alloc(block);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(head, 0, block, at);
    const name = head.toString('latin1', 0, 64);
    if (bytesRead < block || head[0] === 0) return;
    const bytes = Number.parseInt(head.toString('latin1', 124, 135), 8);
    if (!/^[0-9a-f]{64}$/.test(name) || !Number.isSafeInteger(bytes)) {
      throw new ArchiveFault('the evidence of the archive is not packed as it must be');
    }
    at += block;
    await copy(path, { at, bytes }, join(into, name));
    at += Math.ceil(bytes / block) * block;
  }
}

/** A file that is there already is the same: it is named by what is in it. */
async function copy(from: string, { at, bytes }: { at: number; bytes: number }, to: string): Promise<void> {
  if (bytes === 0) return; // a stream has no way to say that
  await pipeline(createReadStream(from, { start: at, end: at + bytes - 1 }), createWriteStream(to, { mode: 0o600 }));
}
