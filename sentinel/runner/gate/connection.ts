import type { Socket } from 'node:net';
import { monotonicUs } from '../monotonic.ts';

/** A connection of the browser's to a host, with its times; µs of the monotonic clock. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  /** When the browser asked for it. */
  readonly atUs: number;
  /** None if the host was an address. */
  dnsUs?: number;
  connectUs?: number;
  /** From the client's first word to the end of the handshake; none if TLS isn't spoken. */
  tlsUs?: number;
}

export function newConnection(host: string, port: number): Connection {
  return { host: host.toLowerCase(), port, atUs: monotonicUs() };
}

/** Takes the times of a socket's name resolution and connecting, which have just begun. */
export function timeConnecting(connection: Connection, socket: Socket): void {
  let fromUs = monotonicUs();
  socket.once('lookup', () => {
    connection.dnsUs = monotonicUs() - fromUs;
    fromUs = monotonicUs();
  });
  socket.once('connect', () => {
    connection.connectUs = monotonicUs() - fromUs;
  });
}

const handshake = 22;
const applicationData = 23;

/**
 * Takes the time of a TLS handshake, of which nothing can be read but what kind of record passes: it begins with the
 * client's first one and is over when the client sends its first encrypted one.
 */
export function timeHandshake(connection: Connection, client: Socket): void {
  const typesOf = recordTypes();
  let fromUs: number | undefined;
  const hear = (chunk: Buffer) => {
    for (const type of typesOf(chunk)) {
      fromUs ??= monotonicUs();
      if (type === handshake) continue;
      if (type === applicationData) connection.tlsUs = monotonicUs() - fromUs;
      if (type !== changeCipherSpec) return void client.off('data', hear);
    }
  };
  client.on('data', hear);
}

const changeCipherSpec = 20;
const headerBytes = 5;

/** Reads the types of TLS records out of a stream of bytes, each as soon as its header is there. */
export function recordTypes(): (chunk: Buffer) => number[] {
  let header = Buffer.alloc(0);
  let skip = 0;
  return (chunk) => {
    const types: number[] = [];
    for (let at = 0; at < chunk.length; ) {
      const skipped = Math.min(skip, chunk.length - at);
      skip -= skipped;
      at += skipped;
      const part = chunk.subarray(at, at + headerBytes - header.length);
      header = Buffer.concat([header, part]);
      at += part.length;
      if (header.length < headerBytes) break;
      types.push(header.readUInt8(0));
      skip = header.readUInt16BE(3);
      header = Buffer.alloc(0);
    }
    return types;
  };
}
