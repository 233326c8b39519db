import { Socket } from 'node:net';
import type { FromChild, ToChild } from '../messages.ts';
import { lineCutter } from './lines.ts';

let pipe: Socket | undefined;

/** The pipe to the sentinel: JSON, a message a line. Not Node's own IPC, whose messages no reader can bound or slow down. */
function sentinel(): Socket {
  pipe ??= new Socket({ fd: 3 });
  return pipe;
}

/** Microseconds of the monotonic clock, which the sentinel shares. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Tells the sentinel. It acts on messages one after the other: what it must do first, it has done before the next one counts. */
export function tell(message: FromChild): void {
  sentinel().write(`${JSON.stringify(message)}\n`);
}

/** Calls `hear` with each message of the sentinel. Without a sentinel there is nobody to work for, and the process ends. */
export function listen(hear: (message: ToChild) => void): void {
  const cut = lineCutter(Number.MAX_SAFE_INTEGER);
  const end = () => process.exit(1);
  sentinel().on('error', end).on('close', end);
  sentinel().on('data', (chunk: Buffer) => {
    // Each in a task of its own: Playwright awaits things between one message of the browser and the next.
    for (const line of cut(chunk)) setImmediate(() => hear(JSON.parse(line) as ToChild));
  });
}
