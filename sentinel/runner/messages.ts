import { z } from 'zod';
import { type ErrorCode, errorCodes } from '../protocol/error-codes.ts';
import { clean } from './text.ts';

/*
 * What the sentinel and the sandboxed child say to each other. The child is not trusted: each message is checked here, and
 * a child can only speak of its own run. The child itself imports no more than the types.
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
  /** Time an assertion waits unless the script says otherwise; left out, Playwright's own. */
  expectTimeoutMs?: number | undefined;
  /** Whether Playwright records a trace. */
  trace: boolean;
  /** Whether the sentinel looks at the pages when a test has passed. */
  looksAtEnd: boolean;
  /** Whether the sentinel is given the time to take a picture when a transaction has passed. */
  picturesWhenPassed: boolean;
  /** Leaves to the walls what would else be taken away from the script; to try the walls. */
  doorsOpen: boolean;
}

export type ToChild =
  | Start
  /** An answer or event of the browser. */
  | { kind: 'cdp'; message: object }
  /** A page changed while the child waits: a reason to look again. */
  | { kind: 'changed' }
  /** The look at the pages that the script waits for is done. */
  | { kind: 'pictured' }
  /** A carried connection is there, has data (base64), was ended by the other side, or is gone. */
  | { kind: 'connected'; socket: number }
  | { kind: 'data'; socket: number; data: string }
  | { kind: 'end'; socket: number }
  | { kind: 'gone'; socket: number; error?: string };

// Longer than a text may be in the end, since secrets are taken out before it is cut.
const most = 20_000;
const text = z.string().transform((s) => clean(s, most) || 'no message');
const name = z.string().transform((s) => clean(s, most).replaceAll('\n', ' ') || 'unnamed');
const titlePath = z.array(name).max(50);
const atUs = z.int().nonnegative();
const socket = z.int().nonnegative();

export const ChildError = z.object({
  code: z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]),
  message: text,
  location: z.object({ file: name, line: z.int().positive(), column: z.int().positive() }).optional(),
  /** What was waited for in vain, and how long; none if that is not known. */
  wait: z.object({ fromUs: atUs, toUs: atUs }).optional(),
});
export type ChildError = z.infer<typeof ChildError>;

export const TestEnd = z.object({
  title: titlePath,
  outcome: z.enum(['passed', 'failed', 'skipped']),
  error: ChildError.optional(),
  reason: name.optional(),
});
export type TestEnd = z.infer<typeof TestEnd>;

/** A command for the browser; nothing else of what the child wrote is passed on. */
export const CdpCommand = z.object({
  id: z.int(),
  method: z.string().max(100),
  params: z.record(z.string(), z.unknown()).optional(),
  sessionId: z.string().max(100).optional(),
});
export type CdpCommand = z.infer<typeof CdpCommand>;

/**
 * At what it is looked when something has gone wrong: a step that threw what the script may catch; a soft assertion, after
 * which the test goes on; the end of a part of a test; or such an end by what a step had thrown.
 */
export const LookAt = z.enum(['throwing step', 'soft assertion', 'end', 'end by a step']);
export type LookAt = z.infer<typeof LookAt>;

export const FromChild = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready') }),
  z.object({ kind: z.literal('cdp'), message: CdpCommand }),
  /** A test begins. `onlyTest`: the file has just this one. `steps`: names of the transactions its text contains. */
  z.object({
    kind: z.literal('test-begin'),
    title: titlePath,
    onlyTest: z.boolean(),
    steps: z.array(name).max(500),
    atUs,
  }),
  z.object({ kind: z.literal('test-end'), test: TestEnd, atUs }),
  /** An outermost `test.step` begins or ends. */
  z.object({ kind: z.literal('step-begin'), step: z.int(), name, atUs }),
  z.object({
    kind: z.literal('step-end'),
    step: z.int(),
    atUs,
    error: ChildError.optional(),
    skipped: name.optional(),
  }),
  /** A wait of the script was satisfied just now: the moment to look when the page last changed. */
  z.object({ kind: z.literal('waited') }),
  /** A navigation that the script asked for has come to the state it waited for. */
  z.object({ kind: z.literal('arrived'), state: z.enum(['load', 'domcontentloaded', 'commit']) }),
  /** A request of the script's own, without a page, was answered to the end of its body. */
  z.object({ kind: z.literal('answered'), fromUs: atUs, toUs: atUs }),
  /** Something has gone wrong and the pages still stand: the time to take evidence; what comes next waits for `pictured`. */
  z.object({ kind: z.literal('failing'), at: LookAt }),
  /** A test has come to its end, nothing went wrong, and the pages still stand. */
  z.object({ kind: z.literal('passing') }),
  /** A transaction has passed, and what comes next waits for `pictured`. */
  z.object({ kind: z.literal('picture') }),
  /** How many calls wait for the browser; tells a stuck page from a busy script at the run's limit. */
  z.object({ kind: z.literal('pending'), calls: z.int().nonnegative() }),
  /** A connection to a host, its data (base64), its end. */
  z.object({ kind: z.literal('connect'), socket, host: z.string().max(255), port: z.int().min(1).max(65_535) }),
  z.object({ kind: z.literal('data'), socket, data: z.string() }),
  z.object({ kind: z.literal('end'), socket }),
  z.object({ kind: z.literal('gone'), socket }),
  z.object({ kind: z.literal('done'), loadError: ChildError.optional() }),
]);
export type FromChild = z.infer<typeof FromChild>;
