import type { FromChild, ToChild } from '../messages.ts';

const send = process.send?.bind(process);
const waiting = new Map<number, () => void>();
let asked = 0;

/** Microseconds of the monotonic clock, which the sentinel shares. */
export function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

export function tell(message: FromChild): void {
  send?.(message);
}

/** Tells the sentinel something it has to act on before the script goes on, and waits for its word. */
export function ask(
  message:
    | { kind: 'waited' }
    | { kind: 'failing' }
    | { kind: 'arrived'; state: 'load' | 'domcontentloaded' | 'commit' },
): Promise<void> {
  const number = ++asked;
  return new Promise((resolve) => {
    waiting.set(number, resolve);
    tell({ ...message, ask: number });
  });
}

/** Calls `start` once with the run's order and `cdp` with each message of the browser. */
export function listen(
  start: (order: Extract<ToChild, { kind: 'start' }>) => void,
  cdp: (message: object) => void,
): void {
  // Without the sentinel there is nobody to work for; bubblewrap would see to it, but it isn't everywhere.
  process.on('disconnect', () => process.exit(1));
  process.on('message', (message: ToChild) => {
    if (message.kind === 'cdp') cdp(JSON.parse(message.message));
    else if (message.kind === 'start') start(message);
    else {
      waiting.get(message.ask)?.();
      waiting.delete(message.ask);
    }
  });
}
