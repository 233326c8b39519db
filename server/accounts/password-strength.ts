import { Worker } from 'node:worker_threads';

export interface StrengthQuestion {
  number: number;
  password: string;
  /** What others know of the account: worth nothing in a password. */
  words: string[];
}

export interface StrengthAnswer {
  number: number;
  /** 0 (guessed at once) to 4. */
  score: number;
  /** What makes it weak, and what would help; may be empty. */
  advice: string;
}

/** The lists of words are let go after so long without a question (ms). */
const idleMs = 60_000;
/** What follows is not looked at: judging takes longer than in proportion. */
const mostCharacters = 64;

const waiting = new Map<number, PromiseWithResolvers<StrengthAnswer>>();
let worker: Worker | undefined;
let last = 0;
let idle: NodeJS.Timeout | undefined;

/** How hard it is to guess a password, by lists of common passwords, words and names, and by patterns. */
export async function passwordStrength(password: string, words: string[]): Promise<StrengthAnswer> {
  clearTimeout(idle);
  const answer = Promise.withResolvers<StrengthAnswer>();
  const number = ++last;
  waiting.set(number, answer);
  worker ??= begin();
  worker.ref();
  worker.postMessage({ number, password: [...password].slice(0, mostCharacters).join(''), words });
  return answer.promise;
}

function begin(): Worker {
  const begun = new Worker(new URL('./password-strength-worker.ts', import.meta.url));
  begun.on('message', (answer: StrengthAnswer) => {
    waiting.get(answer.number)?.resolve(answer);
    waiting.delete(answer.number);
    if (waiting.size > 0) return;
    begun.unref();
    idle = setTimeout(() => end(new Error('nobody asks')), idleMs).unref();
  });
  begun.on('error', end); // the next question begins another
  return begun;
}

function end(error: unknown): void {
  void worker?.terminate();
  worker = undefined;
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
}
