import { z } from 'zod';
import { readCron } from './cron.ts';
import { type ErrorCode, errorCodes } from './error-codes.ts';
import { readHours } from './hours.ts';
import { checkTimeZone } from './local-day.ts';

/*
 * Every message between a sentinel and its server, declared once. Field names are camelCase; instants are milliseconds
 * since 1970 in UTC, durations microseconds, both integers. A reader ignores fields it doesn't know, so that either side
 * may be newer; a field that must be understood comes with a new path.
 */

export const apiPrefix = '/sentinel/v1';

/** Headers that every request after enrolment carries, beside `authorization: Bearer <API key>`. */
export const headers = {
  sentinel: 'vedette-sentinel',
  boot: 'vedette-boot',
  counter: 'vedette-counter',
  before: 'vedette-boots-before',
} as const;

/** Most runs in one `POST /runs`, and the most bytes its body may have once unpacked. */
export const maxRunsPerBatch = 100;
export const maxBatchBytes = 4 * 1024 * 1024;
/** Most bytes of an answer that a sentinel reads, packed or not: what it is to do, or a script's bundle. */
export const maxAnswerBytes = 8 * 1024 * 1024;
/** Most bytes of one evidence file. */
export const maxEvidenceBytes = 2 * 1024 * 1024;
/** Of an ARIA snapshot, which people read as it is. */
export const maxAriaBytes = 512 * 1024;

const instantMs = z.int().min(-8_640_000_000_000_000).max(8_640_000_000_000_000);
const durationUs = z.int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const text = (max: number) => z.string().min(1).max(max);
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
export const Uuid = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/, 'must be a UUID');
export const RunId = z
  .string()
  .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/, 'must be a UUID of version 7');
/** SHA-256 of a public key's SPKI form, base64: what `curl --pinnedpubkey` writes after `sha256//`. */
export const Pin = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'must be a base64 SHA-256');

/** What those headers hold. */
export const RequestHeaders = z.object({
  authorization: z.string().describe("`Bearer` and the sentinel's API key"),
  [headers.sentinel]: Uuid.describe("The sentinel's id"),
  [headers.boot]: text(100).describe('An id of this start of the sentinel, made anew each time'),
  [headers.counter]: z.int().nonnegative().describe('Rises with every request of this start'),
  [headers.before]: z
    .string()
    .regex(/^(none|known|[\w-]{1,100}(,[\w-]{1,100})*)$/)
    .optional()
    .describe(
      'Earlier starts of this sentinel, so that the server can tell it from a copy on another machine; `none` before this ' +
        'one, `known` once the server has answered this one',
    ),
});

const ErrorCodeName = z.enum(Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]]);
export const Outcome = z.enum(['passed', 'failed', 'errored', 'skipped']);
export type Outcome = z.infer<typeof Outcome>;

export const RunError = z.object({
  code: ErrorCodeName.describe('What kind of thing went wrong, from the closed list of error codes'),
  message: text(4000).describe('What went wrong, one or a few lines; secrets masked, no terminal colours'),
  location: z
    .object({
      file: text(500).describe("The author's file"),
      line: z.int().positive().describe('Its line'),
      column: z.int().positive().describe('Its column'),
    })
    .optional()
    .describe("Where in the author's file it went wrong, if that is known"),
});
export type RunError = z.infer<typeof RunError>;

const optionalUs = durationUs.optional();

/** One document that the page itself loaded, on the browser's clock; durations count from the navigation's start. */
export const PageLoad = z.object({
  url: text(2000).describe('Address of the document, without query and fragment, which can hold secrets'),
  startUs: durationUs.describe("Start, counted from the run's start"),
  firstByteUs: optionalUs.describe('Until the first byte of the answer'),
  domReadyUs: optionalUs.describe('Until the document was read'),
  loadUs: optionalUs.describe('Until it was loaded with all that belongs to it'),
  largestPaintUs: optionalUs.describe(
    'Largest contentful paint, as far as it was known when the page was last looked at',
  ),
  requests: z.int().nonnegative().describe('How many requests the document made'),
  bytes: z.int().nonnegative().describe('Received over the network for all of them'),
  dnsUs: optionalUs.describe(
    'Name resolution, taken at the gate for the connection the document came over; none if an open one was used again',
  ),
  connectUs: optionalUs.describe('Connecting, likewise'),
  tlsUs: optionalUs.describe('TLS handshake, likewise'),
});
export type PageLoad = z.infer<typeof PageLoad>;

export const TransactionResult = z.object({
  name: text(500).describe('Title path of the test and name of the step, as the author wrote them'),
  outcome: Outcome.describe('How it ended'),
  startUs: durationUs.describe("Start, counted from the run's start"),
  durationUs: durationUs.describe("How long it took on the script's clock"),
  responseUs: durationUs
    .optional()
    .describe(
      "Response time on the browser's clock, from cause to the change that was waited for; none if nothing causal happened or it failed",
    ),
  error: RunError.optional().describe('What went wrong in it'),
  reason: text(500).optional().describe('Why it was skipped'),
  pageLoads: z.array(PageLoad).max(20).optional().describe('Documents that were loaded in it, to tell where time went'),
});
export type TransactionResult = z.infer<typeof TransactionResult>;

export const EvidenceItem = z.object({
  kind: z.enum(['screenshot', 'aria', 'trace']).describe('What the file is'),
  sha256: Sha256.describe('SHA-256 of the file, by which it is named'),
  bytes: z.int().positive().max(maxEvidenceBytes).describe('Its size'),
  mediaType: text(100).describe('Its media type'),
  transaction: text(500)
    .optional()
    .describe('Of a screenshot from a run that passed: the transaction at whose end it was taken'),
});
export type EvidenceItem = z.infer<typeof EvidenceItem>;

/** What a failure left in the browser, as text; secrets masked. */
export const PageFacts = z.object({
  url: text(2000).optional().describe('Where the latest page was'),
  title: text(500).optional().describe('Its title'),
  consoleErrors: z
    .array(text(500))
    .max(20)
    .describe('What the pages wrote to the console as errors, and exceptions nobody caught; the last ones'),
  failedRequests: z
    .array(
      z.object({
        method: text(20).describe('GET, POST …'),
        url: text(500).describe('Its address'),
        status: z.int().optional().describe('HTTP status of the answer, if there was one'),
        error: text(200).optional().describe('Why there was none'),
      }),
    )
    .max(20)
    .describe('Requests of the pages without an answer, or with an HTTP error; the last ones'),
});
export type PageFacts = z.infer<typeof PageFacts>;

/** How the device itself was while the run went, so that a failure is laid at the right door. */
export const HostFacts = z.object({
  cpu: z.number().min(0).max(1).describe('Share of all processors in use, 0 to 1'),
  stallUs: durationUs.describe("Longest that the sentinel's own work was held up"),
  freeMemoryBytes: z.int().nonnegative().describe('Free memory of the device'),
  network: z
    .object({
      interface: z.boolean().describe('Whether an interface has an address'),
      resolver: z.boolean().optional().describe('Whether a name server answers'),
      server: z.boolean().optional().describe('Whether the server of this sentinel does'),
    })
    .optional()
    .describe('Looked at after a failure only'),
  browserAlive: z.boolean().optional().describe('Whether the browser still answered'),
});
export type HostFacts = z.infer<typeof HostFacts>;

/** What a run used of the device: child and browser with all their processes. */
export const Usage = z.object({
  cpuUs: durationUs.describe('Processor time'),
  peakMemoryBytes: z.int().nonnegative().describe('Most memory at a time'),
});
export type Usage = z.infer<typeof Usage>;

export const Run = z.object({
  id: RunId.describe('Id of the run, a UUIDv7 made before it starts, so that none is lost or counted twice'),
  monitorId: Uuid.describe('Which monitor was run'),
  scriptSha256: Sha256.describe('SHA-256 of the script that ran'),
  scriptVersion: z.int().positive().max(2_147_483_647).describe('Its version'),
  dueAt: instantMs.describe('The time the schedule asked for'),
  startedAt: instantMs.describe("When it started, by the device's own clock, as it was"),
  durationUs: durationUs.describe('How long it took as a whole'),
  clockOffsetMs: z
    .int()
    .optional()
    .describe(
      "Server's clock minus the device's when the run began, as far as that was measured by the time it was sent",
    ),
  outcome: Outcome.describe('How it ended'),
  reason: text(500).optional().describe('Why it was skipped'),
  error: RunError.optional().describe('What went wrong with the run as a whole'),
  transactions: z.array(TransactionResult).max(500).describe('Each named part of the run, with its times'),
  evidence: z
    .array(EvidenceItem)
    .max(20)
    .describe('Files that follow, of a run that went wrong; now and then screenshots of one that passed'),
  evidenceMissing: text(500)
    .optional()
    .describe('What evidence there is none of although something went wrong and it was asked for, and why'),
  sandboxLevel: z
    .int()
    .min(1)
    .max(3)
    .optional()
    .describe(
      "How the script was kept in: 3 bubblewrap, 2 the platform's own means, 1 Node's permission model alone; none if it wasn't started",
    ),
  browser: text(200).optional().describe('Browser and its version'),
  page: PageFacts.optional().describe('What a failure left in the browser, as text; secrets masked'),
  host: HostFacts.optional().describe('How the device was meanwhile, so that a failure is laid at the right door'),
  usage: Usage.optional().describe('What the run used of the device'),
  deniedHosts: z
    .array(text(300))
    .max(20)
    .optional()
    .describe('`host:port` that the run asked for and may not reach; the first ones'),
  retryOf: RunId.optional().describe(
    'The failed run that this one confirms or refutes; same monitor, same `dueAt`. Of the two exactly one counts, in availability as in coverage: this one if it passed or failed, else the first',
  ),
  /*
   * The id is made, and this run stored and perhaps sent, before the other begins, so that a kill in between loses
   * nothing: the other may never come. This run stops to count only once the other has arrived and has passed or failed.
   */
  retriedBy: RunId.optional().describe('The run that is to confirm or refute this failed one'),
  requestId: Uuid.optional().describe(
    'The request of a person to run now that this run answers; it has no place on the schedule',
  ),
  answersRequest: Uuid.optional().describe(
    'The request of a person to run now that this run of the schedule answers too, since it began when that was heard of',
  ),
  beyondSchedule: z
    .literal(true)
    .optional()
    .describe('It was begun at once since the monitor was new here; its time lies before those that are expected'),
  trialId: Uuid.optional().describe(
    'The trial of a draft that this run answers; it belongs to no monitor, and `monitorId` names the trial too',
  ),
});
export type Run = z.infer<typeof Run>;

/** A batch, or for the smallest devices a single run as the whole body. */
export const RunBatch = z.object({ runs: z.array(z.unknown()).min(1).max(maxRunsPerBatch) });

export const RunAnswer = z.object({
  id: z.string(),
  /** `later`: ask again after a while, nothing is wrong with the run. */
  status: z.enum(['stored', 'exists', 'rejected', 'later']),
  reason: z.string().optional(),
});
export type RunAnswer = z.infer<typeof RunAnswer>;

export const RunBatchAnswer = z.object({ runs: z.array(RunAnswer), serverTime: instantMs });
export type RunBatchAnswer = z.infer<typeof RunBatchAnswer>;

export const EnrolmentRequest = z.object({
  code: text(200).describe('The enrolment code, by which the server knows customer and location'),
  name: text(200).describe('Name of the device, as its users know it; the host name unless another was given'),
  platform: text(50).describe('Operating system, processor type and release'),
  version: text(50).describe('Version of the sentinel'),
});
export type EnrolmentRequest = z.infer<typeof EnrolmentRequest>;

/** A public key whose scripts the sentinel runs: Ed25519, SPKI, base64. */
export const ScriptKey = z.object({ id: text(100), publicKey: text(500) });
export type ScriptKey = z.infer<typeof ScriptKey>;

export const EnrolmentAnswer = z.object({
  sentinelId: Uuid,
  apiKey: text(200),
  customer: z.object({ id: Uuid, name: text(200) }),
  location: text(200),
  scriptKeys: z.array(ScriptKey).min(1),
  /** The whole new set, backup pin included. */
  pins: z.array(Pin).min(1),
  serverTime: instantMs,
});
export type EnrolmentAnswer = z.infer<typeof EnrolmentAnswer>;

/** What a script's author signs: the exact bytes of `statement` (JSON of `ScriptStatement`), Ed25519, base64. */
export const SignedStatement = z.object({ statement: text(20_000), signature: text(200) });
export type SignedStatement = z.infer<typeof SignedStatement>;

export const ScriptStatement = z.object({
  customerId: Uuid,
  /** File name of the script: one name, many versions. */
  script: text(300),
  /** Rises with every version; a sentinel refuses one below the highest it has seen, unless `rollback` says so. */
  version: z.int().positive(),
  rollback: z.boolean().optional(),
  /** SHA-256 of the bundle: one JavaScript file with its source map inside. */
  bundleSha256: Sha256,
  /** `host` or `host:port` the script may reach; loopback only when it is listed. */
  hosts: z.array(text(300)).max(100),
  /** Names of the secrets it may read. */
  secrets: z.array(text(100)).max(100),
  /** Those of them that it goes on without, with a value of its own. */
  withDefault: z.array(text(100)).max(100).optional(),
  keyId: text(100),
  signedAt: instantMs,
});
export type ScriptStatement = z.infer<typeof ScriptStatement>;

/** A text that `read` can read; what that throws is the fault. */
const readable = (max: number, read: (value: string) => unknown) =>
  text(max).superRefine((value, ctx) => {
    try {
      read(value);
    } catch (error) {
      ctx.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });

/** When runs are due; the arithmetic is in schedule.ts. */
export const Schedule = z.object({
  /** Interval. With `cron` the shortest one that comes up, for who doesn't understand that. */
  everyMs: z.int().min(1000).max(86_400_000),
  /** Cron expression of five fields; the runs are due at its times. */
  cron: readable(200, readCron).optional(),
  /** Hours of a week outside of which no run is due, as in `mon-fri 08:00-18:00`. */
  hours: readable(500, readHours).optional(),
  /** IANA time zone of `cron` and `hours`; left out, UTC. */
  timeZone: readable(100, checkTimeZone).optional(),
});
export type Schedule = z.infer<typeof Schedule>;

/** The JSON part of Playwright's `use`: options that a monitor sets for its script. */
export const Use = z.looseObject({ baseURL: z.string().max(2000).optional() });
export type Use = z.infer<typeof Use>;

/** What a monitor asks for beside what is always taken. */
export const EvidencePolicy = z.object({
  /** The part of the page that a user sees, or all of it. */
  screenshot: z.enum(['viewport', 'page', 'none']).default('viewport'),
  /** WebP quality. */
  quality: z.int().min(1).max(100).default(75),
  /** Widest image, pixels. */
  width: z.int().min(200).max(4000).default(1280),
  /** A Playwright trace. It holds what the pages showed; values of secrets and what was typed into password fields are taken out. */
  trace: z.boolean().default(false),
  /**
   * Screenshots of a run that passes, one at the end of each transaction, to compare with those of one that doesn't. A server
   * that does not know of them asks for none.
   */
  whenPassed: z.enum(['daily', 'never']).default('never'),
});
export type EvidencePolicy = z.infer<typeof EvidencePolicy>;

/** A sentinel that hears of a request to run now later than this does nothing (ms): nobody looks at the result any more. */
export const runNowForMs = 3_600_000;

export const Assignment = z.object({
  monitorId: Uuid,
  name: text(200),
  script: SignedStatement,
  schedule: Schedule,
  /** Since when the schedule holds, on the server's clock. */
  scheduleSince: instantMs.optional(),
  /** Somebody asked for a run now, at this time of the server's; each sentinel honours a request once. */
  runNow: z.object({ requestId: Uuid, at: instantMs }).optional(),
  /** Wall time of a whole run. */
  timeoutMs: z.int().min(1000).max(600_000),
  use: Use,
  /** Plain values for `process.env`. */
  variables: z.record(z.string(), z.string()),
  /** Names of vault entries for `process.env`, a subset of what the statement allows. */
  secrets: z.array(z.string()),
  /** CSS selectors painted over in screenshots, beside password fields. */
  maskSelectors: z.array(z.string()),
  /** Time-outs of each test and of each assertion, as in Playwright's configuration; left out, 30 s and 5 s. */
  testTimeoutMs: z.int().min(1).max(600_000).optional(),
  expectTimeoutMs: z.int().min(1).max(600_000).optional(),
  evidence: EvidencePolicy.default(EvidencePolicy.parse({})),
  /** A failed run is done once more at once, and the second one counts. */
  confirmFailures: z.boolean().default(false),
  /** Below this sandbox level the script is not run. */
  minSandboxLevel: z.int().min(1).max(3).default(1),
});
export type Assignment = z.infer<typeof Assignment>;

/**
 * A draft that its author wants tried on this sentinel: run once, with what a monitor's run has, at the next chance. Its
 * script is signed like any other, under a name of its own, so that the script it may become is not touched by it.
 */
export const Trial = Assignment.omit({
  monitorId: true,
  schedule: true,
  scheduleSince: true,
  runNow: true,
  confirmFailures: true,
}).extend({
  trialId: Uuid,
  /** When it was asked for, and from when on nobody looks at the result any more; on the server's clock. */
  askedAt: instantMs,
  until: instantMs,
});
export type Trial = z.infer<typeof Trial>;

export const Assignments = z.object({
  assignments: z.array(Assignment),
  /** Left out, there is none. */
  trials: z.array(Trial).max(100).optional(),
  scriptKeys: z.array(ScriptKey),
  pins: z.array(Pin).min(1),
  serverTime: instantMs,
});
export type Assignments = z.infer<typeof Assignments>;

/** Times of a monitor's schedule that were not run, and why; the device's clock. The same span may come again, longer. */
export const Skip = z.object({
  monitorId: Uuid.describe('The monitor that was due'),
  reason: text(30).describe('Why it was not run: paused, hours, asleep, off, overload, script or storage'),
  from: instantMs.describe("The first time that was skipped, on the device's clock"),
  to: instantMs.describe('The last one'),
  count: z.int().positive().max(1_000_000_000).describe('How many'),
});
export type Skip = z.infer<typeof Skip>;

/** Most spans in one heartbeat; others follow in the next. */
export const maxSkips = 100;

/** The stations on the way from a sentinel to its server, in their order. */
export const Phase = z.enum(['DNS', 'TCP', 'proxy', 'TLS', 'pin', 'HTTP']);
export type Phase = z.infer<typeof Phase>;

/** A time during which the server could not be reached. */
export const Stall = z.object({
  phase: Phase.describe('At which station it stalled last'),
  from: instantMs.describe("When it began, on the device's clock"),
  to: instantMs.describe('When the server answered again'),
});
export type Stall = z.infer<typeof Stall>;

/** What the server asked of a sentinel and its administrator's settings don't allow. */
export const Refusal = z.object({
  monitorId: Uuid.describe('The monitor that asked'),
  setting: text(50).describe('The local setting that says no'),
  asked: text(500).describe('What was asked for, in words'),
});
export type Refusal = z.infer<typeof Refusal>;

/** What a refusal says was asked for where it is screenshots of runs that pass. */
export const askedWhatPassed = 'a picture of what passed';

export const Heartbeat = z.object({
  version: text(50).describe('Version of the sentinel'),
  platform: text(50).describe('Operating system, processor type and release'),
  spool: z
    .object({
      runs: z.int().nonnegative().describe('Runs the server has not acknowledged'),
      rejected: z.int().nonnegative().describe('Runs it rejected'),
      dropped: z.int().nonnegative().describe('Runs that were dropped for want of room'),
      putOff: z
        .int()
        .nonnegative()
        .optional()
        .describe('Of the runs those the server fails over, which are tried later'),
      drops: z
        .array(
          z.object({
            kind: text(30).describe('Runs, refused runs, evidence, traces or skips'),
            reason: text(30).describe('Age, size (the spool was full) or disk (the disk was)'),
            count: z.int().positive().describe('How many, since the spool began'),
          }),
        )
        .max(50)
        .optional()
        .describe('All that was dropped for want of room'),
    })
    .describe('What waits on the device'),
  clockOffsetMs: z.int().optional().describe("Server's clock minus the device's, as last measured"),
  sandboxLevel: z.int().min(1).max(3).describe('How scripts are kept in here, as in a run'),
  browser: text(200).optional().describe('Browser and its version, once one was started'),
  problems: z.array(text(500)).max(50).describe('What is wrong with the sentinel, one sentence each'),
  secrets: z
    .array(text(100))
    .max(200)
    .optional()
    .describe('Names of the secrets that were set on the device, never their values'),
  pinSet: Sha256.optional().describe('Hash of the pins it has, so that the server can tell when all have the newest'),
  skips: z.array(Skip).max(maxSkips).optional().describe('Runs that were due and not begun, as spans of time'),

  paused: z
    .object({
      since: instantMs.describe('Since when'),
      until: instantMs.optional().describe('Until when, if that was said'),
      reason: text(200).optional().describe('Why, as the administrator wrote it'),
    })
    .optional()
    .describe('The administrator of the device wants no runs'),
  refused: z
    .array(Refusal)
    .max(100)
    .optional()
    .describe("What the server asked for and the administrator's settings don't allow"),
  stalls: z
    .array(Stall)
    .max(20)
    .optional()
    .describe(
      'When the server could not be reached since this start of the sentinel, and where on the way it stalled; the last ones',
    ),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

export const HeartbeatAnswer = z.object({
  serverTime: instantMs,
  /** How many of the spans it has kept, the first ones; none from a server that knows no spans. The rest is to be told again. */
  skips: z.int().nonnegative().optional(),
});

/** Body of every answer that is not a success: RFC 9457 problem details with a code of ours. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;
