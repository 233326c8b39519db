import { once } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { PinMismatch, type Trust } from '../../certs/pin.ts';
import { maxAnswerBytes } from '../protocol/messages.ts';
import type { HttpProxy } from '../proxy-address.ts';
import { addressOf, learnAuthority, PinnedAgent, strict, type Way, wayTo } from './connector.ts';
import { Deadline } from './deadline.ts';
import { endedAt, type Progress } from './phase.ts';

const gzipAsync = promisify(gzip);
const gunzipAsync = promisify(gunzip);
/** A shorter text fits into one packet anyway. */
const worthPackingBytes = 1400;
/** A body is sent in pieces of so many bytes, by which it is seen to move. */
const pieceBytes = 16 * 1024;

export interface Asked {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** Longest from the last piece of the body that could be handed to the network to the end of the answer. */
  deadlineMs: number;
}

export interface Answered {
  status: number;
  header(name: string): string | undefined;
  body: Buffer;
  /** The sentinel's clock when it was asked (ms since 1970), and how long the answer took on a clock that never steps. */
  sentAt: number;
  tookMs: number;
}

/** Keeps what is trusted, beyond this process. */
export interface TrustStore {
  /** What is trusted now: somebody may have given another pin meanwhile. */
  read(): Trust;
  keep(trust: Trust): void;
}

export interface ConnectionSettings {
  proxy?: HttpProxy | undefined;
  /** Left out, what is learnt is forgotten with the connection. */
  store?: TrustStore;
}

/**
 * A server may close an idle connection just as a request takes it: then there is no answer, and the next request gets a
 * new connection. Whether the server has the request is not known.
 */
export class IdleConnectionLost extends Error {
  override readonly name = 'IdleConnectionLost';
  readonly code = 'ECONNRESET';
}

/** The one place from which a sentinel sends anything: HTTP over TLS to a pinned server, redirects never followed. */
export class Connection implements AsyncDisposable {
  /** `host:port`, for messages. */
  readonly address: string;
  readonly #way: Way;
  readonly #store: TrustStore | undefined;
  #trust: Trust;
  readonly #closed = new AbortController();
  #agent: PinnedAgent;

  constructor(server: string, trust: Trust, { proxy, store }: ConnectionSettings = {}) {
    this.#way = wayTo(server, proxy);
    this.address = addressOf(this.#way);
    this.#store = store;
    this.#trust = trust;
    this.#agent = new PinnedAgent(this.#way, trust, this.#closed.signal);
  }

  /** Connections from now on are checked against `trust`; open ones are closed after what they are busy with. */
  trust(trust: Trust): void {
    this.#agent.retire();
    this.#trust = trust;
    this.#agent = new PinnedAgent(this.#way, trust, this.#closed.signal);
  }

  /**
   * One request and its whole answer, whatever its status. Throws if there is none, it is cut, too long or too late,
   * `IdleConnectionLost`, `Unconnected`, and `PinMismatch` if the server proves no pinned key. Of a server that has gone
   * over to its backup key it learns the authority, and asks again.
   */
  async exchange(asked: Asked, stop: AbortSignal): Promise<Answered> {
    using deadline = new Deadline(asked.deadlineMs);
    const signal = AbortSignal.any([stop, deadline.signal]);
    const onSent = () => deadline.renew();
    const trust = this.#trust;
    try {
      return await this.#once(asked, signal, onSent);
    } catch (error) {
      // One that fell silent, because the device slept or a firewall forgot it, has most likely not done so alone.
      if (deadline.signal.aborted) this.#agent.closeIdle();
      if (signal.aborted || !isUnknownAuthority(error)) throw error;
      // Another exchange may have learnt it meanwhile.
      if (trust === this.#trust) await within(signal, this.#learn(trust, error, signal), { at: 'TLS' });
      return await this.#once(asked, signal, onSent);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
  }

  async #once(asked: Asked, signal: AbortSignal, onSent: () => void): Promise<Answered> {
    const sentAt = Date.now();
    const started = performance.now();
    const progress: Progress = { at: 'TCP' };
    const { answer, body } = await within(signal, this.#whole(asked, signal, onSent, progress), progress);
    const header = (name: string) => [answer.headers[name]].flat()[0];
    return { status: answer.statusCode ?? 0, header, body, sentAt, tookMs: performance.now() - started };
  }

  async #whole({ method, path, headers, body }: Asked, signal: AbortSignal, onSent: () => void, progress: Progress) {
    const { host, port } = this.#way;
    const { content, packing } = await pack(body);
    const length = content === undefined ? {} : { 'content-length': content.length }; // of a DELETE, Node would not say it
    const all = { accept: 'application/json', 'accept-encoding': 'gzip', ...length, ...headers, ...packing };
    const options = { ...strict, host, port, method, path, headers: all, agent: this.#agent, signal, progress };
    const sent = request(options);
    sent.once('socket', () => {
      progress.at = 'connected';
    });
    sent.on('error', () => {}); // `#head` tells of it, and of a later one the body does
    send(sent, content ?? Buffer.alloc(0), onSent).catch(() => {}); // likewise
    const answer = await this.#head(sent);
    return { answer, body: await unpack(await wholeBody(answer), answer.headers['content-encoding']) };
  }

  async #head(sent: ClientRequest): Promise<IncomingMessage> {
    try {
      const [answer] = await once(sent, 'response');
      return answer;
    } catch (cause) {
      if (!sent.reusedSocket || !wasCut(cause)) throw cause;
      this.#agent.closeIdle(); // the server has most likely left those too
      throw new IdleConnectionLost('an idle connection ended as it was taken for a request', { cause });
    }
  }

  /** Takes up the authority behind the server if a pin proves it. Throws `PinMismatch`, or `refusal` if that is no news. */
  async #learn(before: Trust, refusal: unknown, signal: AbortSignal): Promise<void> {
    const { pins } = this.#store?.read() ?? before;
    const ca = await learnAuthority(this.#way, pins);
    if (signal.aborted) return; // nobody waits for it, and the home may be another's by now
    if (ca === before.ca && [...pins].every((pin) => before.pins.has(pin))) throw refusal;
    this.trust({ ca, pins });
    this.#store?.keep({ ca, pins });
  }
}

/** A body as it goes over the line: a long text packed, a file as it is, since pictures are packed already. */
async function pack(body: Asked['body']): Promise<{ content: Buffer | undefined; packing: Record<string, string> }> {
  const content = body === undefined ? undefined : Buffer.from(body);
  if (content === undefined || typeof body !== 'string' || content.length < worthPackingBytes) {
    return { content, packing: {} };
  }
  return { content: await gzipAsync(content), packing: { 'content-encoding': 'gzip' } };
}

/** A body that came packed, as it was; of one that is too long unpacked no more is unpacked than may be. */
async function unpack(body: Buffer, packing: string | undefined): Promise<Buffer> {
  if (packing?.toLowerCase() !== 'gzip') return body;
  return gunzipAsync(body, { maxOutputLength: maxAnswerBytes }).catch((cause) => {
    throw new Error(`its answer can't be unpacked (${cause.code}), or is longer than ${maxAnswerBytes} bytes`, {
      cause,
    });
  });
}

/** What OpenSSL says when a chain leads to no authority that is trusted here. */
const unknownAuthority: readonly string[] = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
];

function isUnknownAuthority(error: unknown): boolean {
  if (error instanceof PinMismatch) return true;
  return error instanceof Error && 'code' in error && unknownAuthority.includes(String(error.code));
}

function wasCut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'EPIPE');
}

/** `work`, but no longer than until `signal` aborts: a connection is waited for although nobody wants it any more. */
async function within<T>(signal: AbortSignal, work: Promise<T>, progress: Progress): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, promise]);
  } catch (error) {
    throw endedAt(progress, error);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

/** Hands a body over as fast as the network takes it, and says so of each piece. */
async function send(sent: ClientRequest, body: Buffer, onSent: () => void): Promise<void> {
  for (let at = 0; at < body.length; at += pieceBytes) {
    if (!sent.write(body.subarray(at, at + pieceBytes))) await once(sent, 'drain');
    onSent();
  }
  sent.end();
}

async function wholeBody(answer: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer) {
    bytes += part.length;
    if (bytes > maxAnswerBytes) throw new Error(`its answer is longer than ${maxAnswerBytes} bytes`);
    parts.push(part);
  }
  if (!answer.complete) throw new Error('its answer was cut short');
  return Buffer.concat(parts);
}
