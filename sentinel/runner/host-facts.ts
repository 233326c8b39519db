import { cpus, freemem } from 'node:os';
import type { HostFacts } from '../protocol/messages.ts';
import { type HoldUps, holdUps } from './hold-ups.ts';
import { monotonicUs } from './monotonic.ts';

export type OwnFacts = Pick<HostFacts, 'cpu' | 'stallUs' | 'freeMemoryBytes'>;

/** Watches the device from now on; ends when it is disposed of. */
export interface HostWatch extends Disposable {
  /** How the device was from the beginning until now. */
  facts(): OwnFacts;
  /** How long the sentinel's own work was held up between two times, µs. */
  heldUpUs: HoldUps['within'];
}

/** How often the sentinel looks whether it is held up. */
const lookEveryMs = 20;

export function watchHost(): HostWatch {
  const before = processorTimes();
  const found = holdUps(lookEveryMs * 1000, monotonicUs());
  const looks = setInterval(() => found.look(monotonicUs()), lookEveryMs);
  return {
    facts() {
      found.look(monotonicUs());
      return { cpu: shareInUse(before, processorTimes()), stallUs: found.longestUs, freeMemoryBytes: freemem() };
    },
    heldUpUs: found.within,
    [Symbol.dispose]: () => clearInterval(looks),
  };
}

/** Time all processors together have spent since the device started, ms. */
export interface ProcessorTimes {
  idle: number;
  all: number;
}

export function processorTimes(): ProcessorTimes {
  const times = cpus().map((cpu) => cpu.times);
  const idle = times.reduce((sum, time) => sum + time.idle, 0);
  const all = times.reduce((sum, { user, nice, sys, irq, idle }) => sum + user + nice + sys + irq + idle, 0);
  return { idle, all };
}

/** Share of all processors that was in use between two looks, 0 to 1. */
export function shareInUse(before: ProcessorTimes, after: ProcessorTimes): number {
  const all = after.all - before.all;
  return all <= 0 ? 0 : Math.min(1, Math.max(0, 1 - (after.idle - before.idle) / all));
}
