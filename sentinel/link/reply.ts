import type { z } from 'zod';
import { Problem } from '../protocol/messages.ts';
import type { Answered } from './connection.ts';
import { retryAfterMs } from './retry-after.ts';

/** What an exchange with the server means. Whatever is not clearly the server's own word counts as no answer. */
export type Reply<T> =
  | { kind: 'done'; value: T }
  | { kind: 'unchanged' }
  /** The server said no, and why; asking the same again won't help. */
  | { kind: 'refused'; status: number; code: string; why: string }
  /** The server wants nothing of this sentinel until people decide otherwise. */
  | { kind: 'unwelcome'; why: string; waitMs: number }
  /** Not now. */
  | { kind: 'later'; status: number; why: string; waitMs?: number }
  /** `isLate`: what was asked took too long; less of it may do. */
  | { kind: 'none'; why: string; isLate?: true };

const busyStatuses: readonly number[] = [429, 500, 502, 503, 504];

/** Reads an answer whose body, if it is a success, must fit `schema`. */
export function readReply<T>(answer: Answered, schema: z.ZodType<T>): Reply<T> {
  if (answer.status === 304) return { kind: 'unchanged' };
  if (answer.status < 200 || answer.status > 299) return readRefusal(answer);
  const value = schema.safeParse(readJson(answer.body));
  if (value.success) return { kind: 'done', value: value.data };
  return { kind: 'none', why: `the server's answer (HTTP ${answer.status}) is not one that this sentinel understands` };
}

/** Reads an answer that is not a success. */
export function readRefusal(answer: Answered): Exclude<Reply<never>, { kind: 'done' }> {
  const { status } = answer;
  const problem = Problem.safeParse(readJson(answer.body));
  const why = problem.success
    ? `${problem.data.detail ?? problem.data.title} [${problem.data.code}]`
    : `HTTP ${status}`;
  if (busyStatuses.includes(status)) {
    const waitMs = retryAfterMs(answer.header('retry-after'), Date.now());
    return { kind: 'later', status, why: `the server is busy: ${why}`, ...(waitMs === undefined ? {} : { waitMs }) };
  }
  if (problem.success && status >= 400) return { kind: 'refused', status, code: problem.data.code, why };
  if (status >= 300 && status < 400)
    return { kind: 'none', why: `the server redirects (${why}), which is never followed` };
  return { kind: 'none', why: `the server answered in a way that this sentinel does not understand (${why})` };
}

/** The JSON of a body, undefined if it is none: the schema then says no. */
function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined;
  }
}
