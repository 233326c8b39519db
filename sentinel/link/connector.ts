import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { Agent } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connectMs, connectPinned, learnCa, type Target, type Trust } from '../../certs/pin.ts';
import type { HttpProxy } from '../proxy-address.ts';
import { endedAt, type Progress, ProxyFault } from './phase.ts';

/* The one place from which a sentinel opens a connection to its server: directly, or by CONNECT through a proxy. */

/** An idle connection is closed after so long, or a second before the server says that it closes it. */
const idleMs = 60_000;

/** Of every request: whatever the environment says, an answer is HTTP to the letter, and its headers are short. */
export const strict = { maxHeaderSize: 16 * 1024, insecureHTTPParser: false } as const;

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

/** For `node:https`: gives out only connections that have proved a pinned key to `trust`, before the first byte of a request. */
export class PinnedAgent extends Agent {
  readonly #connect: (progress: Progress) => Promise<Duplex>;

  /** `closed` ends its connections, those that are being made among them. */
  constructor(way: Way, trust: Trust, closed: AbortSignal) {
    // Not `maxSockets`: Node does not count those that are being made, and forgets who queues when making one fails.
    super({ keepAlive: true, keepAliveMsecs: idleMs, timeout: idleMs, maxFreeSockets: 4, maxCachedSessions: 0 });
    this.#connect = async (progress) => connectPinned(await targetOf(way, closed, progress), trust, closed);
  }

  /** `progress`, an option of ours among those of the request, is told where the connection is being made. */
  override createConnection(
    { progress = { at: 'TCP' } }: RequestOptions & { progress?: Progress },
    done: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    this.#connect(progress).then((socket) => done(null, socket), done);
  }

  closeIdle(): void {
    for (const socket of Object.values(this.freeSockets).flat()) socket?.destroy();
  }

  /** Every connection is closed, as soon as the request that it is busy with is over. */
  retire(): void {
    this.maxFreeSockets = 0;
    this.closeIdle();
  }
}

/** PEM of the authority behind the server, learnt by one of its pins. Throws as `learnCa`, `ProxyFault` or `Unconnected`. */
export async function learnAuthority(way: Way, pins: ReadonlySet<string>): Promise<string> {
  const progress: Progress = { at: 'TCP' };
  try {
    return await learnCa(await targetOf(way, new AbortController().signal, progress), pins);
  } catch (error) {
    throw endedAt(progress, error);
  }
}

async function targetOf(way: Way, closed: AbortSignal, progress: Progress): Promise<Target> {
  if (way.proxy) progress.at = 'proxy';
  const tunnel = way.proxy && (await openTunnel(way.proxy, addressOf(way), closed));
  const onReached = () => {
    progress.at = 'TLS';
  };
  return { ...way, way: tunnel, onReached };
}

/** A connection through a proxy to `path`, on which nothing was said yet. Throws `ProxyFault`. */
async function openTunnel({ origin, authorization }: HttpProxy, path: string, closed: AbortSignal): Promise<Socket> {
  const headers = { host: path, ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }) };
  const signal = AbortSignal.any([closed, AbortSignal.timeout(connectMs)]);
  const asked = request(origin, { ...strict, agent: false, method: 'CONNECT', path, headers });
  try {
    const connected = once(asked.end(), 'connect', { signal });
    asked.on('error', () => {}); // `connected` tells of the first, and nobody waits for another
    const [{ statusCode = 0 }, socket] = (await connected) as [IncomingMessage, Socket];
    socket.on('error', () => {}); // its end is seen on what goes through it
    if (statusCode >= 200 && statusCode < 300) return socket;
    socket.destroy();
    throw new ProxyFault(
      `the proxy ${origin} did not let it through (HTTP ${statusCode}): ${nextAfter(statusCode, path)}`,
    );
  } catch (cause) {
    asked.destroy();
    if (cause instanceof ProxyFault) throw cause;
    const late = signal.aborted ? 'ETIMEDOUT' : undefined;
    const why = late ?? (cause instanceof Error && 'code' in cause ? cause.code : String(cause));
    throw new ProxyFault(`the proxy ${origin} does not answer (${why}): check its address and that it runs`, { cause });
  }
}

function nextAfter(status: number, address: string): string {
  if (status === 407)
    return 'it wants a name and password, or others: put them into its address, http://name:password@host:port';
  return `ask whoever runs it to allow CONNECT to ${address}`;
}
