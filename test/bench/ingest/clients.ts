import type { TLSSocket } from 'node:tls';
import { connectPinned } from '../../../certs/pin.ts';
import { apiPrefix, headers } from '../../../sentinel/protocol/messages.ts';
import { Batches, resultsPerRun, runsPerBatch } from './batch.ts';

/*
 * The sentinels' side, a process of its own: each with one pinned connection, on which it sends batch after batch. No more
 * of HTTP than that takes, so that it does not become what is measured.
 */

export interface Sender {
  id: string;
  apiKey: string;
  monitorIds: readonly string[];
}

export interface Senders {
  ca: string;
  pins: readonly string[];
  senders: readonly Sender[];
}

/** Send to `port` for so long: as fast as it answers, or so many batches a second, whether it keeps up or not. */
export interface Load {
  port: number;
  seconds: number;
  /** How many requests are under way at a time. */
  atOnce: number;
  batchesPerSecond?: number;
}

export interface Outcome {
  results: number;
  /** From the first byte of a batch that is due to the last of its answer, ms, sorted. */
  ackMs: number[];
  seconds: number;
  /** What went wrong, each once. */
  failures: string[];
}

/** Runs of the batch that the server says it has. */
const stored = Buffer.from('"stored"');

let all: Senders | undefined;
const links = new Map<number, Link[]>();

process.on('message', async (message: Senders | Load) => {
  if ('senders' in message) all = message;
  else process.send?.(await load(message));
});
process.once('disconnect', () => process.exit());

class Link {
  readonly #sender: Sender;
  readonly #batches: Batches;
  readonly #connect: () => Promise<TLSSocket>;
  #socket: TLSSocket | undefined;
  #counter = 0;

  constructor(connect: () => Promise<TLSSocket>, sender: Sender, startAt: number) {
    this.#connect = connect;
    this.#sender = sender;
    this.#batches = new Batches(sender.monitorIds, startAt);
  }

  /**
   * One batch and its answer; throws unless all of it was stored. Where it was silent for long the server hangs up, maybe at
   * this very moment: then it is sent again, as a sentinel does.
   */
  async send(): Promise<void> {
    const body = this.#batches.next();
    const answer = await this.#ask(body).catch(() => this.#ask(body));
    const count = countOf(stored, answer);
    if (count !== runsPerBatch)
      throw new Error(`${count} stored: ${answer.toString('utf8', answer.indexOf('\r\n\r\n')).trim().slice(0, 600)}`);
  }

  async #ask(body: Buffer): Promise<Buffer> {
    const socket = this.#socket?.destroyed === false ? this.#socket : (await this.#connect()).setNoDelay(true);
    this.#socket = socket;
    const { id, apiKey } = this.#sender;
    const who = `authorization: Bearer ${apiKey}\r\n${headers.sentinel}: ${id}\r\n${headers.boot}: bench\r\n${headers.before}: none\r\n${headers.counter}: ${++this.#counter}\r\n`;
    const what = `content-type: application/json\r\ncontent-length: ${body.length}\r\n`;
    socket.cork();
    socket.write(`POST ${apiPrefix}/runs HTTP/1.1\r\nhost: localhost\r\n${who}${what}\r\n`);
    socket.write(body);
    socket.uncork();
    return answerOn(socket);
  }
}

function answerOn(socket: TLSSocket): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let seen: Buffer = Buffer.alloc(0);
    const gone = () => reject(new Error('the connection was closed'));
    const hear = (data: Buffer) => {
      seen = seen.length === 0 ? data : Buffer.concat([seen, data]);
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(seen.toString('latin1', 0, end))?.[1] ?? 0);
      if (seen.length < end + 4 + length) return;
      socket.off('data', hear).off('close', gone);
      resolve(seen);
    };
    socket.on('data', hear).once('close', gone);
  });
}

async function load({ port, seconds, atOnce, batchesPerSecond }: Load): Promise<Outcome> {
  const idle = links.get(port) ?? (await connectAll(port)); // a load begins with those whose turn it is
  const count = idle.length;
  links.set(port, idle);
  const ackMs: number[] = [];
  const failures = new Set<string>();
  const began = performance.now();
  const until = began + seconds * 1000;
  let sent = 0;
  const dueAt = () => (batchesPerSecond === undefined ? performance.now() : began + (sent * 1000) / batchesPerSecond);

  async function work(): Promise<void> {
    for (;;) {
      const due = dueAt();
      if (due >= until) return;
      sent++;
      const wait = due - performance.now();
      if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
      const link = idle.shift();
      if (!link) throw new Error('more requests at once than sentinels');
      try {
        await link.send();
        ackMs.push(performance.now() - due);
        idle.push(link);
      } catch (error) {
        failures.add(error instanceof Error ? error.message : String(error));
        return;
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
  const results = ackMs.length * runsPerBatch * resultsPerRun;
  return {
    results,
    ackMs: ackMs.sort((a, b) => a - b),
    seconds: (performance.now() - began) / 1000,
    failures: [...failures],
  };
}

async function connectAll(port: number): Promise<Link[]> {
  const { ca, pins, senders } = all ?? { ca: '', pins: [], senders: [] };
  const trust = { ca, pins: new Set(pins) };
  const made: Link[] = [];
  for (const sender of senders) {
    const connect = () => connectPinned({ host: 'localhost', port }, trust, new AbortController().signal);
    const link = new Link(connect, sender, Date.now() - 45 * 86_400_000);
    // At once, since an address has but so many connections that have not said who they are.
    await link.send();
    made.push(link);
  }
  return made;
}

function countOf(what: Buffer, where: Buffer): number {
  let count = 0;
  for (let at = where.indexOf(what); at >= 0; at = where.indexOf(what, at + what.length)) count++;
  return count;
}
