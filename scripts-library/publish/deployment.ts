import { z } from 'zod';
import { Assignment, EvidencePolicy, Schedule, SignedStatement, Use } from '../../sentinel/protocol/messages.ts';

/* What an author's command line and the server tell each other about scripts and monitors. Instants are ms since 1970. */

const { testTimeoutMs, expectTimeoutMs, confirmFailures, minSandboxLevel } = Assignment.shape;

/** What a monitor asks for beside what is always taken: unless it says otherwise, pictures of what passes too. */
export const EvidenceWish = EvidencePolicy.extend({
  whenPassed: EvidencePolicy.shape.whenPassed.unwrap().default('daily'),
});

/** What a monitor asks of its runs beside its script and schedule; what is left out is as usual. */
export const Policy = z.object({
  ...{ testTimeoutMs, expectTimeoutMs },
  evidence: EvidenceWish.default(EvidenceWish.parse({})),
  ...{ confirmFailures, minSandboxLevel },
});
export type Policy = z.output<typeof Policy>;

const names = z.array(z.string().min(1).max(200)).max(1000);

/** Sentinels by what they are called, where they are and what they are tagged with; one of these is enough. */
export const Choice = z.object({ names, locations: names, tags: names }).partial();
export type Choice = z.infer<typeof Choice>;

/** Of a monitor or a sentinel. */
export const Tag = z
  .string()
  .trim()
  .min(1, 'must have one character at least')
  .max(50, 'must have 50 characters at most')
  .regex(/^[^,]*$/, 'must have no comma, which stands between two tags');

/** Names that monitors are grouped and found by. */
export const Tags = z.array(Tag).max(20).default([]);

/** What a monitor is to be like. */
export const MonitorWish = z.object({
  name: z.string().min(1).max(200),
  script: z.string().min(1).max(300).describe('file name of a script that is published, or in the same deployment'),
  everyMs: Schedule.shape.everyMs.optional(),
  cron: Schedule.shape.cron,
  hours: Schedule.shape.hours,
  timeZone: Schedule.shape.timeZone,
  paused: z.boolean().default(false),
  timeoutMs: z.int().min(1000).max(600_000).default(60_000),
  use: Use.default({}),
  variables: z.record(z.string(), z.string()).default({}),
  secrets: z
    .array(z.string())
    .optional()
    .describe("all that the script reads and `variables` doesn't give, unless named"),
  maskSelectors: z.array(z.string()).default([]),
  thresholds: z
    .record(z.string(), z.int().positive())
    .optional()
    .describe('response time (µs) by transaction, or with the name "" of the whole run, from which it is degraded'),
  sentinels: Choice.optional().describe('who runs it, those that enrol later included; all, unless given'),
  tags: Tags.describe('names to group and find it by'),
  policy: Policy.prefault({}),
});
export type MonitorWish = z.output<typeof MonitorWish>;

const path = z
  .string()
  .min(1)
  .max(300)
  .refine((name) => isPlainPath(name), 'must be a path below the folder, with / between names and without *, . and ..');
const Files = z
  .record(path, z.string().max(1024 * 1024))
  .refine((files) => Object.keys(files).length <= 200, 'at most 200 files')
  .describe('texts by their path below a folder of its own: the script and what it imports');

/** A script as its author wrote it: the server bundles and signs it, unless its author did. */
export const ScriptWish = z.object({
  path: path.describe('which of the files is the script'),
  files: Files,
  hosts: z.array(z.string()).max(100).default([]).describe('hosts it may reach, beside those its text names'),
  signed: SignedStatement.extend({ bundle: z.string().max(4 * 1024 * 1024) })
    .optional()
    .describe("with an author's own key: kept as it is"),
});
export type ScriptWish = z.output<typeof ScriptWish>;

/** What tells a folder of scripts from all others; `vedette init` makes it. */
export const ProjectId = z.string().regex(/^[\w-]{8,64}$/, 'must be 8 to 64 letters, digits, "-" and "_"');

/** All that one configuration is to have; what it had before and isn't here is retired. */
export const Deployment = z.object({
  scripts: z.array(ScriptWish).max(500),
  monitors: z.array(MonitorWish).max(1000),
  message: z.string().max(500).optional().describe('why, as it is told with each new version'),
  project: ProjectId.optional().describe(
    'of the folder of this configuration: another one of the same name is refused',
  ),
  takeOver: z.boolean().default(false).describe('take over what another project of the same name has deployed'),
  dryRun: z.boolean().default(false).describe('only tell what would change'),
  fingerprint: z
    .string()
    .optional()
    .describe('of a plan that was looked at: if the changes are others by now, nothing is done'),
});
export type Deployment = z.input<typeof Deployment>;

export const Change = z.object({
  kind: z.enum(['script', 'monitor']),
  name: z.string(),
  action: z.enum(['added', 'changed', 'retired', 'unchanged']),
  /** What differs, by field; values that may be secret are not told. */
  differences: z.array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
});
export type Change = z.infer<typeof Change>;

export const DeploymentAnswer = z.object({
  changes: z.array(Change),
  /** Names these changes and no others. */
  fingerprint: z.string(),
  done: z.boolean(),
});
export type DeploymentAnswer = z.infer<typeof DeploymentAnswer>;

/** A version of a script, as lists show it. */
export const VersionSummary = z.object({
  version: z.int(),
  sha256: z.string(),
  author: z.string(),
  message: z.string().nullable(),
  createdAt: z.int(),
  keyId: z.string(),
  /** Signed with an author's own key, not with the customer's. */
  byAuthorKey: z.boolean(),
  hosts: z.array(z.string()),
  /** Without which it is not run. */
  secrets: z.array(z.string()),
  /** Names it reads and has a value of its own for. */
  defaults: z.array(z.string()).default([]),
});
export type VersionSummary = z.infer<typeof VersionSummary>;

export const ScriptsAnswer = z.object({
  scripts: z.array(z.object({ name: z.string(), latest: VersionSummary, monitors: z.array(z.string()) })),
});
export type ScriptsAnswer = z.infer<typeof ScriptsAnswer>;

export const VersionsAnswer = z.object({ versions: z.array(VersionSummary) });
export type VersionsAnswer = z.infer<typeof VersionsAnswer>;

/** A version with what its author wrote. */
export const VersionAnswer = VersionSummary.extend({
  files: z.record(z.string(), z.string()),
  /** Which of the files is the script. */
  path: z.string(),
  /** What sentinels run, and what was signed of it. */
  bundle: z.string(),
  signed: SignedStatement,
});
export type VersionAnswer = z.infer<typeof VersionAnswer>;

/** Publishes an earlier version's bundle as the newest version. */
export const RollbackWish = z.object({
  version: z.int().positive().describe('the earlier version'),
  message: z.string().max(500).optional(),
  signed: SignedStatement.optional().describe("by an author's own key; else the server signs"),
});
export type RollbackWish = z.infer<typeof RollbackWish>;
export const RollbackAnswer = z.object({ script: z.string(), version: z.int() });
export type RollbackAnswer = z.infer<typeof RollbackAnswer>;

/** Monitors as they are now, as a configuration would write them. */
export const MonitorSettingsAnswer = z.object({
  monitors: z.array(
    MonitorWish.extend({
      id: z.string(),
      managedBy: z.string().nullable(),
      project: z.string().nullable().default(null),
    }),
  ),
});
export type MonitorSettingsAnswer = z.infer<typeof MonitorSettingsAnswer>;

/** Whose token asks. */
export const TokenAnswer = z.object({
  name: z.string(),
  scope: z.array(z.string()),
  customer: z.object({ id: z.string(), name: z.string() }),
});
export type TokenAnswer = z.infer<typeof TokenAnswer>;

function isPlainPath(name: string): boolean {
  const parts = name.split('/');
  return !/[\\\0:*]/.test(name) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
}
