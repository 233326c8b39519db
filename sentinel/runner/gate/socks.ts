import { once } from 'node:events';
import type { Socket } from 'node:net';

/*
 * The server's side of SOCKS 5 (RFC 1928), as much as a browser uses: no authentication, CONNECT. Whatever a page speaks,
 * HTTP, TLS or a web socket, passes as bytes, so that nothing is read and written anew on its way.
 */

export interface Address {
  host: string;
  port: number;
}

/** Where a client wants to be connected to. Rejects if it says something else, or nothing in time. */
export async function readRequest(client: Socket, timeoutMs: number): Promise<Address> {
  const late = AbortSignal.timeout(timeoutMs);
  const read = (count: number) => bytes(client, count, late);
  const [version, methods = 0] = await read(2);
  if (version !== 5 || !(await read(methods)).includes(0)) throw new Error('not a SOCKS 5 client');
  client.write(Buffer.from([5, 0]));
  const [, command, , kind] = await read(4);
  if (command !== 1) throw new Error('a command other than CONNECT');
  const host = await readHost(kind, read);
  return { host, port: (await read(2)).readUInt16BE() };
}

async function readHost(kind: number | undefined, read: (count: number) => Promise<Buffer>): Promise<string> {
  if (kind === 1) return (await read(4)).join('.');
  if (kind === 3) return (await read((await read(1)).readUInt8())).toString('latin1');
  if (kind !== 4) throw new Error('an unknown kind of address');
  const groups = await read(16);
  return Array.from({ length: 8 }, (_, i) => groups.readUInt16BE(2 * i).toString(16)).join(':');
}

const replies = { open: 0, HOST_DENIED: 2, DNS: 4, CONNECT: 5 } as const;

/** Tells the client how its request went. */
export function answer(client: Socket, how: keyof typeof replies): void {
  if (client.writable) client.write(Buffer.from([5, replies[how], 0, 1, 0, 0, 0, 0, 0, 0]));
}

async function bytes(client: Socket, count: number, late: AbortSignal): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0);
  for (;;) {
    const found = client.read(count) as Buffer | null;
    if (found?.length === count) return found;
    if (found || client.readableEnded || client.destroyed) throw new Error('it ended before it had said where to');
    await once(client, 'readable', { signal: late });
  }
}
