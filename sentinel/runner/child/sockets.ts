import net from 'node:net';
import { Duplex } from 'node:stream';
import tls, { type ConnectionOptions } from 'node:tls';
import type { ToChild } from '../messages.ts';
import { tell } from './channel.ts';

/*
 * The child has no network. What connects all the same, Playwright's `request` above all, gets a connection that the
 * sentinel carries to the hosts the script may reach. TLS is spoken here, over such a connection.
 */

const open = new Map<number, CarriedSocket>();
let count = 0;

type Word = Exclude<ToChild, { kind: 'start' | 'cdp' | 'changed' | 'pictured' }>;

/** Takes what the sentinel says of a connection. */
export function hearOfSocket(word: Word): void {
  open.get(word.socket)?.hear(word);
}

/** A stream that stands in for a `net.Socket`, with as much of one as HTTP and TLS use. */
class CarriedSocket extends Duplex {
  connecting = true;
  private readonly number = ++count;

  constructor(host: string, port: number) {
    super({ allowHalfOpen: true });
    open.set(this.number, this);
    tell({ kind: 'connect', socket: this.number, host, port });
  }

  hear(word: Word): void {
    if (word.kind === 'connected') {
      this.connecting = false;
      this.emit('connect');
      this.emit('ready');
    } else if (word.kind === 'data') this.push(Buffer.from(word.data, 'base64'));
    else if (word.kind === 'end') this.push(null);
    else this.destroy(word.error === undefined ? undefined : new Error(word.error));
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.whenConnected(() => {
      tell({ kind: 'data', socket: this.number, data: chunk.toString('base64') });
      done();
    });
  }

  override _final(done: () => void): void {
    this.whenConnected(() => {
      tell({ kind: 'end', socket: this.number });
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (open.delete(this.number)) tell({ kind: 'gone', socket: this.number });
    done(error);
  }

  /** The sentinel has nowhere to put data before it is connected. */
  private whenConnected(act: () => void): void {
    if (this.connecting) this.once('connect', act);
    else act();
  }

  /** These set what a carried connection doesn't have. */
  setNoDelay = () => this;
  setKeepAlive = () => this;
  setTimeout = () => this;
  ref = () => this;
  unref = () => this;
  address = () => ({});
}

/** A connection to where the arguments of `net.connect` or `tls.connect` say. */
function carried([first, second]: readonly unknown[]): CarriedSocket {
  const options = typeof first === 'object' && first !== null ? first : { port: first, host: second };
  const { host, port } = options as { host?: unknown; port?: unknown };
  const number = Number(port);
  if (!Number.isInteger(number) || number < 1 || number > 65_535)
    throw new Error('A script can only connect to a host and port');
  return new CarriedSocket(typeof host === 'string' ? host : 'localhost', number);
}

function connect(...args: unknown[]): Duplex {
  const done = args.at(-1);
  const socket = carried(args);
  return typeof done === 'function' ? socket.once('connect', () => done()) : socket;
}

const connectSecurely = tls.connect;

Object.assign(net, { connect, createConnection: connect });
Object.assign(tls, {
  connect: (options: ConnectionOptions, done?: () => void) =>
    connectSecurely({ ...options, socket: options.socket ?? carried([options]) }, done),
});
