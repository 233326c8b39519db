import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { buildConnector, Client } from 'undici';
import { confirmPinned, learnCa, PinMismatch, pinnedTls, type Trust } from '../../certs/pin.ts';
import type { HttpProxy } from '../proxy-address.ts';

/* The one place from which a sentinel opens a connection to its server: directly, or by CONNECT through a proxy. */

/** A server that was away lets its sentinels in one after the other: ten thousand take longer than ten seconds. */
const connectMs = 20_000;
const maxHeaderSize = 16 * 1024;

/** Where the server is, and through what it is reached. */
export interface Way {
  host: string;
  port: number;
  proxy: HttpProxy | undefined;
}

/** The way to a server by its address, `https://host:port`. */
export function wayTo(server: string, proxy: HttpProxy | undefined): Way {
  const { hostname, port } = new URL(server);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443), proxy };
}

/** `host:port`, for messages and for CONNECT. */
export function addressOf({ host, port }: Way): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The proxy did not open the way to the server; the message says why and what to do. */
export class ProxyFault extends Error {
  override readonly name = 'ProxyFault';
}

/** For undici: gives out only connections that have proved a pinned key to `trust`, before the first byte of a request. */
export function connectorOf(way: Way, trust: Trust): buildConnector.connector {
  const secure = buildConnector({ ...pinnedTls(trust), allowH2: false, timeout: connectMs });
  return (options, done) => {
    const pinned: buildConnector.Callback = (...[error, socket]) => {
      if (error || !socket) return done(error ?? new Error('there is no connection'), null);
      const mismatch = mismatchOf(socket, addressOf(way), trust);
      if (mismatch) socket.destroy();
      return mismatch ? done(mismatch, null) : done(null, socket);
    };
    if (!way.proxy) return secure(options, pinned);
    openTunnel(way.proxy, addressOf(way)).then(
      (httpSocket) => secure({ ...options, httpSocket }, pinned),
      (error) => done(error, null),
    );
  };
}

/** PEM of the authority behind the server, learnt by one of its pins. Throws as `learnCa`, or `ProxyFault`. */
export async function learnAuthority(way: Way, pins: ReadonlySet<string>): Promise<string> {
  const tunnel = way.proxy && (await openTunnel(way.proxy, addressOf(way)));
  return learnCa(way.host, way.port, pins, tunnel);
}

function mismatchOf(socket: Socket | TLSSocket, address: string, { pins }: Trust): Error | undefined {
  try {
    if (!(socket instanceof TLSSocket)) return new PinMismatch(address, []);
    confirmPinned(socket, address, pins);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** A connection through a proxy to `path`, on which nothing was said yet. Throws `ProxyFault`. */
async function openTunnel({ origin, authorization }: HttpProxy, path: string): Promise<Socket> {
  const headersTimeout = connectMs;
  const client = new Client(origin, { connect: { timeout: connectMs }, headersTimeout, maxHeaderSize });
  const headers = { host: path, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) };
  try {
    const { statusCode, socket } = await client.connect({ path, headers, signal: AbortSignal.timeout(connectMs) });
    if (statusCode >= 200 && statusCode < 300) return socket as Socket;
    socket.on('error', () => {}).destroy(); // it was refused: how it ends is of no interest
    throw new ProxyFault(
      `the proxy ${origin} did not let it through (HTTP ${statusCode}): ${nextAfter(statusCode, path)}`,
    );
  } catch (cause) {
    client.destroy().catch(() => {}); // there is nothing more to do with it
    if (cause instanceof ProxyFault) throw cause;
    const why = cause instanceof Error && 'code' in cause ? cause.code : String(cause);
    throw new ProxyFault(`the proxy ${origin} does not answer (${why}): check its address and that it runs`, { cause });
  }
}

function nextAfter(status: number, address: string): string {
  if (status === 407)
    return 'it wants a name and password, or others: put them into its address, http://name:password@host:port';
  return `ask whoever runs it to allow CONNECT to ${address}`;
}
