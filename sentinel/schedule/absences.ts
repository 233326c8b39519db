import os from 'node:os';
import type { SkipReason } from '../protocol/skip-reasons.ts';

/** From an instant up to, not including, another (the device's clock, ms). Without a reason: the clock was set over it, it never was. */
export interface Absence {
  from: number;
  to: number;
  reason: SkipReason | undefined;
}

/** What the loop knows of time: the clock on the wall, and how long the device is up, sleep included where it can be known. */
export interface Clocks {
  now(): number;
  uptime(): number;
}

export const deviceClocks: Clocks = { now: () => Date.now(), uptime: () => os.uptime() * 1000 };

/** What comes so much later than it was asked for was not just late; and less than this a clock may drift. */
export const noticeableMs = 5000;
const mostKept = 200;

/** When the schedule was not looked at, and why; so that times that passed meanwhile can be told from lost ones. */
export class Absences {
  readonly #clocks: Clocks;
  #list: Absence[];
  #left: { now: number; uptime: number; waitMs: number } | undefined;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
    this.#list = [{ from: Number.NEGATIVE_INFINITY, to: clocks.now(), reason: 'off' }];
  }

  list(): readonly Absence[] {
    return this.#list;
  }

  /** Called before a wait of at most `waitMs`. */
  leave(waitMs: number): void {
    this.#left = { now: this.#clocks.now(), uptime: this.#clocks.uptime(), waitMs };
  }

  /** Called after it; whether the device slept meanwhile, or its clock was set forward. */
  back(): boolean {
    if (!this.#left) return false;
    const now = this.#clocks.now();
    const passedMs = this.#clocks.uptime() - this.#left.uptime;
    const lateMs = passedMs - this.#left.waitMs;
    const setMs = now - this.#left.now - passedMs;
    const slept = lateMs > noticeableMs;
    const wokeAt = slept ? now - lateMs : now;
    if (setMs > noticeableMs) this.#add({ from: wokeAt - setMs, to: wokeAt, reason: undefined });
    if (slept) this.#add({ from: wokeAt, to: now, reason: 'asleep' });
    return slept || setMs > noticeableMs;
  }

  /** Nothing could be done since `from` (ms), for this reason; less than a noticeable time is nothing. */
  hindered(reason: SkipReason, from: number): void {
    const now = this.#clocks.now();
    if (now - from > noticeableMs) this.#add({ from, to: now, reason });
  }

  #add(absence: Absence): void {
    const goesOn = this.#list.at(-1)?.from === absence.from;
    this.#list = [...(goesOn ? this.#list.slice(0, -1) : this.#list), absence].slice(-mostKept);
  }
}
