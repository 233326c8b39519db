import { Agent } from 'undici';
import { pinnedTls, type Trust } from '../../certs/pin.ts';

/** Most bytes of an answer, a script's bundle included. */
const maxAnswerBytes = 8 * 1024 * 1024;
const connectMs = 10_000;

export interface Asked {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** From the first packet to the last byte of the answer. */
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

/** The one place from which a sentinel sends anything: HTTP over TLS to a pinned server, redirects never followed. */
export class Connection implements AsyncDisposable {
  /** `host:port`, for messages. */
  readonly address: string;
  readonly #origin: string;
  #agent: Agent;

  constructor(server: string, trust: Trust) {
    const { origin, host, port } = new URL(server);
    this.#origin = origin;
    this.address = port ? host : `${host}:443`;
    this.#agent = agentFor(trust);
  }

  /** Connections from now on are checked against `trust`; open ones are closed after what they are busy with. */
  trust(trust: Trust): void {
    const old = this.#agent;
    this.#agent = agentFor(trust);
    old.close().catch(() => old.destroy()); // closing is all that is left to do with it
  }

  /** One request and its whole answer, whatever its status. Throws if there is none, it is cut, too long or too late. */
  async exchange(asked: Asked, signal: AbortSignal): Promise<Answered> {
    const sentAt = Date.now();
    const started = performance.now();
    const answer = await this.#agent.request({
      origin: this.#origin,
      method: asked.method,
      path: asked.path,
      headers: { accept: 'application/json', ...asked.headers },
      body: asked.body ?? null,
      signal: AbortSignal.any([signal, AbortSignal.timeout(asked.deadlineMs)]),
    });
    const body = await wholeBody(answer.body);
    const header = (name: string) => [answer.headers[name]].flat()[0];
    return { status: answer.statusCode, header, body, sentAt, tookMs: performance.now() - started };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }
}

function agentFor(trust: Trust): Agent {
  return new Agent({
    allowH2: false,
    connections: 4,
    maxHeaderSize: 16 * 1024,
    connect: { ...pinnedTls(trust), timeout: connectMs },
  });
}

async function wholeBody(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream) {
    bytes += part.length;
    if (bytes > maxAnswerBytes) throw new Error(`its answer is longer than ${maxAnswerBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
