import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { type Bundle, bundle, ScriptRefused } from '../../scripts-library/publish/bundle.ts';
import type { Fault } from '../../scripts-library/publish/faults.ts';
import { Refused } from '../http/refused.ts';
import { turnstile } from '../http/turnstile.ts';

export interface BundleQuestion {
  file: string;
  within: string;
}

export type BundleAnswer = { bundle: Bundle } | { faults: readonly Fault[] };

/** Up to so many characters a script is read at once: a thread takes longer to begin. */
const soonRead = 64 * 1024;
const longestMs = 60_000;
const resourceLimits = { maxOldGenerationSizeMb: 512 };
const oneOfFew = turnstile({ atOnce: 1, waiting: 10 });

/**
 * Bundles a script of so many characters. A large one takes seconds, in which nobody else would be answered: it is read in a
 * thread of its own, one at a time. Throws as `bundle`, `Refused` where it takes too long, and 429 `BUSY`.
 */
export function bundleApart(question: BundleQuestion, characters: number): Promise<Bundle> {
  return characters <= soonRead ? bundle(question.file, question.within) : oneOfFew(() => inThread(question));
}

async function inThread(question: BundleQuestion): Promise<Bundle> {
  const worker = new Worker(new URL('./bundle-worker.ts', import.meta.url), { workerData: question, resourceLimits });
  const signal = AbortSignal.timeout(longestMs);
  try {
    const [answer] = (await once(worker, 'message', { signal })) as [BundleAnswer];
    if ('faults' in answer) throw new ScriptRefused(question.file, answer.faults);
    return answer.bundle;
  } catch (cause) {
    const isTooMuch = signal.aborted || (cause as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    throw isTooMuch ? new Refused('the script takes too long to read: split it into several', { cause }) : cause;
  } finally {
    await worker.terminate();
  }
}
