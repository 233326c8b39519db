import { setTimeout as after } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';

/*
 * Playwright's waits look at the page again after growing pauses, in the end half a second. Here a pause ends as soon as a
 * page changes: a wait notices what it waits for when it comes, and the page's last change is then the one that was waited
 * for, even on a page that never stops changing. What a look finds is Playwright's own affair.
 * Where the pauses lie is not public, so response-times.test.ts watches over it.
 */

interface Progress {
  race<T>(work: Promise<T>): Promise<T>;
  /** Of the call that waits: what it was called with, and its log. */
  metadata: { params?: { selector?: unknown }; log: readonly string[] };
}
type Look = (progress: Progress, again: symbol) => Promise<unknown>;
type Retry = (this: object, progress: Progress, pausesMs: readonly number[], look: Look) => Promise<unknown>;
interface WaitingFrame {
  retryWithProgressAndTimeouts: Retry;
}
interface InProcess {
  _connection: { toImpl(object: object): WaitingFrame };
}

/** The least time from one look to the next, so that a restless page does not keep the processor busy. */
const restMs = 20;

/** A wait under way; times in ms of `performance.now()`. */
export interface Searching {
  progress: Pick<Progress, 'metadata'>;
  began: number;
  /** When the latest look came to its end that did not find what was waited for. */
  vain: number | undefined;
}

/** So long an assertion looks for an element before it says that there is none. */
const longMs = 5000;

const waits = new Set<Searching>();

let change = Promise.withResolvers<void>();
let isWakeful = false;

/** Takes the sentinel's word that a page has changed. */
export function pageChanged(): void {
  change.resolve();
  change = Promise.withResolvers();
}

/** Whether a wait under way has looked long for what the selector names, and never saw it. */
export function isMissing(
  selector: string,
  among: Iterable<Searching> = waits,
  now: number = performance.now(),
): boolean {
  const wait = [...among].findLast(({ progress }) => progress.metadata.params?.selector === selector);
  if (wait?.vain === undefined || now - wait.began < longMs) return false;
  const isAnswered = wait.vain - wait.began > (now - wait.began) / 2; // a page that hangs shows nobody what it has
  return isAnswered && !wait.progress.metadata.log.some((line) => line.includes('locator resolved to'));
}

/** Makes waits wakeful from the first page on. */
export function wakeWaits(context: BrowserContext): void {
  context.on('page', (page) => {
    if (isWakeful) return;
    isWakeful = true;
    makeWakeful(Object.getPrototypeOf(frameOf(page)));
  });
}

function frameOf(page: Page): WaitingFrame {
  return (page as unknown as InProcess)._connection.toImpl(page.mainFrame());
}

function makeWakeful(frames: WaitingFrame): void {
  const retry = frames.retryWithProgressAndTimeouts;
  frames.retryWithProgressAndTimeouts = async function (progress, pausesMs, look) {
    let looks = 0;
    let began = performance.now();
    let { promise } = change;
    const wait: Searching = { progress, began, vain: undefined };
    const wakefully: Look = async (inner, again) => {
      if (looks > 0) await inner.race(pause(pausesMs[Math.min(looks, pausesMs.length) - 1] ?? 0, began, promise));
      looks++;
      began = performance.now();
      promise = change.promise; // what changes during the look is a reason to look again
      const found = await look(inner, again);
      if (found === again) wait.vain = performance.now();
      return found;
    };
    waits.add(wait);
    try {
      return await retry.call(this, progress, [1], wakefully); // its own pause stays, as it notices the page's end
    } finally {
      waits.delete(wait);
    }
  };
}

async function pause(ms: number, began: number, changed: Promise<void>): Promise<void> {
  await Promise.race([after(ms), changed]);
  const restLeftMs = Math.min(ms, restMs) - (performance.now() - began);
  if (restLeftMs > 0) await after(restLeftMs);
}
