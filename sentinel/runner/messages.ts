import { z } from 'zod';
import { type ErrorCode, errorCodes } from '../protocol/error-codes.ts';

/*
 * What the sentinel and the sandboxed child say to each other over the child's IPC channel. The child is not trusted: each
 * message is checked here, and a child can only speak of its own run. The child itself imports no more than the types.
 * Times are microseconds of the machine's monotonic clock, which both processes share.
 */

export interface Start {
  kind: 'start';
  bundle: string;
  /** Name of the author's file. */
  file: string;
  use: Record<string, unknown>;
  /** The whole of `process.env` for the script. */
  env: Record<string, string>;
  /** Folder the child may write to. */
  scratch: string;
  /** Time a test may take unless the script says otherwise. */
  testTimeoutMs: number;
}

export type ToChild = Start | { kind: 'cdp'; message: string } | { kind: 'answer'; ask: number };

const text = z.string().transform((s) => s.slice(0, 4000) || 'no message');
const name = z.string().transform((s) => s.slice(0, 300) || 'unnamed');
const titlePath = z.array(name).max(50);
const atUs = z.int().nonnegative();
const ask = z.int();

export const ChildError = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: text,
  location: z.object({ file: name, line: z.int().positive(), column: z.int().positive() }).optional(),
});
export type ChildError = z.infer<typeof ChildError>;

export const TestEnd = z.object({
  title: titlePath,
  outcome: z.enum(['passed', 'failed', 'skipped']),
  error: ChildError.optional(),
  reason: name.optional(),
});
export type TestEnd = z.infer<typeof TestEnd>;

export const FromChild = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('cdp'), message: z.string() }),
  /** A test begins; `onlyTest` is whether the file has just this one. */
  z.object({ kind: z.literal('test-begin'), title: titlePath, onlyTest: z.boolean(), atUs }),
  z.object({ kind: z.literal('test-end'), test: TestEnd, notReached: z.array(name).max(200), atUs }),
  /** An outermost `test.step` begins or ends. */
  z.object({ kind: z.literal('step-begin'), step: z.int(), name, atUs }),
  z.object({
    kind: z.literal('step-end'),
    step: z.int(),
    atUs,
    error: ChildError.optional(),
    skipped: name.optional(),
  }),
  /** A wait of the script was satisfied just now: the sentinel looks when the page last changed, then answers. */
  z.object({ kind: z.literal('waited'), ask }),
  /** A navigation that the script asked for has come to the state it waited for. */
  z.object({ kind: z.literal('arrived'), ask, state: z.enum(['load', 'domcontentloaded', 'commit']) }),
  /** The test has gone wrong and its pages still stand: the time to take evidence. */
  z.object({ kind: z.literal('failing'), ask }),
  /** How many calls to the browser are under way; tells a stuck page from a busy script at the run's limit. */
  z.object({ kind: z.literal('pending'), calls: z.int().nonnegative() }),
  z.object({ kind: z.literal('done'), loadError: ChildError.optional() }),
]);
export type FromChild = z.infer<typeof FromChild>;
