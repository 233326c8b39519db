import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Server } from 'node:https';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { securityHeaderLines } from './security-headers.ts';

/** What is wrong by Node's code for it; 400 for all others, as Node itself would say. */
const statusOf: Record<string, number> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** How long one that still sends is listened to after its answer: closed at once, the connection would be reset and the answer lost (ms). */
const lingerMs = 1000;

/**
 * Answers requests that can't be read, or are too slow, as Node does, but with the headers that every other answer has. Where an
 * answer to an earlier one is on its way the connection just ends: what came next would be taken for a part of it.
 */
export function answerClientErrors(server: Server): void {
  const open = new WeakMap<Duplex, Set<ServerResponse>>();
  server.on('request', ({ socket }, response) => {
    const responses = open.get(socket) ?? new Set();
    open.set(socket, responses.add(response));
    response.once('close', () => responses.delete(response));
  });
  const answered = new WeakSet<Duplex>();
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (answered.has(socket)) return; // the rest of what was refused
    const isAnswering = [...(open.get(socket) ?? [])].some(({ headersSent }) => headersSent);
    const { code = '' } = error;
    const isOfHttp = /^(HPE|ERR_HTTP)_/.test(code); // else the handshake failed, or the connection
    if (!isOfHttp || !socket.writable || isAnswering) {
      socket.destroy();
      return;
    }
    answered.add(socket);
    socket.end(answerTo(statusOf[code] ?? 400, socket));
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once('end', () => socket.destroy()).once('close', () => clearTimeout(timer));
  });
}

function answerTo(status: number, socket: Duplex): string {
  const host = socket instanceof TLSSocket && socket.servername ? socket.servername : '';
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close', 'content-length: 0'];
  return [...lines, ...securityHeaderLines(host), '', ''].join('\r\n');
}
