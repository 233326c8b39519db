import type { Socket } from 'node:net';
import type { FromChild, ToChild } from '../messages.ts';
import { GateError, type Passage } from './gate.ts';

/*
 * Connections of a script's own (`request`), which has no network: the child's bytes come over its pipe, and here they go on
 * to a host the run may reach. TLS begins and ends in the child, so that its certificates are checked as everywhere else.
 */

export interface CarriedSockets {
  take(message: FromChild): void;
}

const mostSockets = 64;
/** What hosts may leave unread, together. */
const mostUnsentBytes = 64 * 1024 * 1024;

export function carrySockets(passage: Passage, send: (message: ToChild) => void): CarriedSockets {
  const open = new Map<number, Socket | 'connecting'>();
  /** Also those that the child has given up while they were being connected. */
  let sockets = 0;

  const gone = (socket: number, error?: string) => {
    if (open.delete(socket)) send({ kind: 'gone', socket, ...(error === undefined ? {} : { error }) });
  };

  const connect = async (socket: number, host: string, port: number) => {
    if (open.has(socket)) return;
    if (sockets >= mostSockets) return send({ kind: 'gone', socket, error: 'too many connections at a time' });
    open.set(socket, 'connecting');
    sockets++;
    try {
      const upstream = await passage.connect(host, port);
      upstream.once('close', () => sockets--);
      if (!open.has(socket)) return void upstream.destroy(); // the child gave up meanwhile
      open.set(socket, upstream);
      upstream.on('data', (data) => send({ kind: 'data', socket, data: data.toString('base64') }));
      upstream.once('end', () => send({ kind: 'end', socket }));
      upstream.once('close', () => gone(socket));
      send({ kind: 'connected', socket });
    } catch (error) {
      sockets--;
      gone(socket, inWords(error));
    }
  };

  const unsent = () =>
    [...open.values()].reduce((sum, one) => sum + (one === 'connecting' ? 0 : one.writableLength), 0);

  const write = (socket: number, data: string) => {
    const upstream = open.get(socket);
    if (upstream === undefined || upstream === 'connecting') return;
    upstream.write(Buffer.from(data, 'base64'));
    if (unsent() > mostUnsentBytes) upstream.destroy();
  };

  return {
    take(message) {
      if (message.kind === 'connect') void connect(message.socket, message.host, message.port);
      else if (message.kind === 'data') write(message.socket, message.data);
      else if (message.kind === 'end' || message.kind === 'gone') {
        const upstream = open.get(message.socket);
        if (message.kind === 'gone') open.delete(message.socket);
        if (upstream === undefined || upstream === 'connecting') return;
        if (message.kind === 'end') upstream.end();
        else upstream.destroy();
      }
    },
  };
}

function inWords(error: unknown): string {
  if (!(error instanceof GateError)) return 'the connection failed';
  const { fault, cause } = error;
  if (fault.code === 'HOST_DENIED') return `HOST_DENIED ${fault.host} is not among the hosts this script may reach`;
  return `${fault.code} ${cause instanceof Error ? cause.message : fault.host}`;
}
