import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { writeTogether } from '../write-together.ts';

/*
 * The debugging pipe of a browser: messages of the Chrome DevTools Protocol, each ended by a zero byte.
 * https://chromedevtools.github.io/devtools-protocol/
 */

export interface CdpMessage {
  id?: number;
  method?: string;
  params?: Record<string, unknown> | undefined;
  sessionId?: string | undefined;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

export interface Pipe {
  /** Who gets the browser's events; one listener at a time. */
  onEvent: (message: CdpMessage) => void;
  /** Sends a command of the sentinel's own; rejects with the browser's error, or after `timeoutMs`. */
  call(method: string, params?: object, sessionId?: string, timeoutMs?: number): Promise<Record<string, unknown>>;
  /** Passes on a command whose answer is wanted as it comes; gives it a number by which the answer can be forgotten. */
  forward(message: CdpMessage, answer: (message: CdpMessage) => void): number;
  /** Waits no longer for an answer: a browser gives none to a session that was closed meanwhile. */
  forget(number: number): void;
  /** Resolves when the browser has taken up enough of what it was sent. */
  drained(): Promise<void>;
  /** Answers whatever is open with an error, now and from now on. */
  end(): void;
}

type OnFault = (what: 'unreadable' | 'too long') => void;

/** A message of more is no message but an attempt to fill this process. */
const mostMessageBytes = 256 * 1024 * 1024;
const gone = { error: { code: -32_000, message: 'Browser has been closed' } };

/** `onFault`: the browser said something that can't be read, or more at once than can be held, and is to be ended. */
export function openPipe(toBrowser: Writable, fromBrowser: Readable, onFault: OnFault): Pipe {
  const waiting = new Map<number, (message: CdpMessage) => void>();
  let lastId = 0;
  let ended = false;
  const over = Promise.withResolvers<void>();
  for (const stream of [toBrowser, fromBrowser]) stream.on('error', () => {}); // the browser is gone; its exit says so

  const pipe: Pipe = {
    onEvent: () => {},
    forward(message, answer) {
      const id = ++lastId;
      if (ended) {
        queueMicrotask(() => answer(gone));
      } else {
        waiting.set(id, answer);
        writeTogether(toBrowser, `${JSON.stringify({ ...message, id })}\0`);
      }
      return id;
    },
    forget: (number) => void waiting.delete(number),
    call(method, params = {}, sessionId, timeoutMs = 5000) {
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
      const message = { method, params: { ...params }, ...(sessionId === undefined ? {} : { sessionId }) };
      const number = pipe.forward(message, ({ result, error }) => {
        clearTimeout(timer);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
      const timer = setTimeout(() => {
        pipe.forget(number);
        reject(new Error(`${method}: no answer in ${timeoutMs} ms`));
      }, timeoutMs);
      return promise;
    },
    async drained() {
      if (ended || !toBrowser.writableNeedDrain) return;
      await Promise.race([once(toBrowser, 'drain').catch(() => {}), over.promise]); // cut off, it takes up no more
    },
    end() {
      ended = true;
      over.resolve();
      for (const answer of waiting.values()) answer(gone);
      waiting.clear();
    },
  };

  readMessages(fromBrowser, onFault, (message) => {
    if (message.id === undefined) return pipe.onEvent(message);
    const answer = waiting.get(message.id);
    waiting.delete(message.id);
    answer?.(message);
  });
  return pipe;
}

function readMessages(from: Readable, onFault: OnFault, deliver: (message: CdpMessage) => void): void {
  let parts: Buffer[] = [];
  let held = 0;
  from.on('data', (data: Buffer) => {
    let start = 0;
    for (let end = data.indexOf(0); end >= 0; end = data.indexOf(0, start)) {
      const message = parsed(Buffer.concat([...parts, data.subarray(start, end)]));
      parts = [];
      held = 0;
      start = end + 1;
      if (!message) return onFault('unreadable');
      deliver(message);
    }
    if (start < data.length) parts.push(data.subarray(start));
    held += data.length - start;
    if (held > mostMessageBytes) onFault('too long');
  });
}

function parsed(bytes: Buffer): CdpMessage | undefined {
  try {
    return JSON.parse(bytes.toString()) as CdpMessage;
  } catch {
    return undefined;
  }
}
