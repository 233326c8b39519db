import { z } from 'zod';
import { Tag } from '../../scripts-library/publish/deployment.ts';
import { Refusal, Stall } from '../../sentinel/protocol/messages.ts';
import { mostTags } from './change-sentinel.ts';
import { longestLifeMs, mostUses, soonestRetirementMs } from './codes.ts';

/* What the console asks about sentinels and is answered. Instants are ms since 1970; null: not known, or not there. */

const instant = z.int();
const count = z.int().nonnegative();

/**
 * `parked`: a second machine has its identity, and an administrator is to decide; `problems`: connected, and says that
 * something is wrong; `away`: not heard of for a while; `unused`: never heard of.
 */
export const SentinelState = z.enum(['parked', 'problems', 'away', 'unused', 'paused', 'connected', 'revoked']);
export type SentinelState = z.infer<typeof SentinelState>;

/** A machine that has the sentinel's identity; there should be one. */
export const Machine = z.object({
  /** Of its latest start; names it. */
  boot: z.string(),
  state: z.enum(['reporting', 'parked', 'turnedAway']),
  since: instant,
  /** From which it speaks. */
  address: z.string(),
});
export type Machine = z.infer<typeof Machine>;

export const Sentinel = z.object({
  id: z.string(),
  name: z.string(),
  location: z.string(),
  /** By which monitors choose it, beside its name and location. */
  tags: z.array(z.string()),
  platform: z.string(),
  version: z.string(),
  state: SentinelState,
  enrolledAt: instant,
  lastSeenAt: instant.nullable(),
  revokedAt: instant.nullable(),
  /** What it said last of itself. */
  spool: z
    .object({
      runs: count,
      rejected: count,
      dropped: count,
      /** Of the runs those over which this server fails; they are tried again later. */
      putOff: count,
      /** All that was dropped for want of room: runs, refused runs, evidence, traces, skips; for age, size or a full disk. */
      drops: z.array(z.object({ kind: z.string(), reason: z.string(), count })),
    })
    .nullable(),
  clockOffsetMs: z.int().nullable(),
  sandboxLevel: z.int().nullable(),
  browser: z.string().nullable(),
  problems: z.array(z.string()),
  /** Names of the secrets that were set on it; null: it has not said. */
  secrets: z.array(z.string()).nullable(),
  /** Its own administrator wants no runs; null: nobody does. */
  paused: z.object({ since: instant, until: instant.nullable(), reason: z.string().nullable() }).nullable(),
  /** What was asked of it and its own administrator's settings don't allow. */
  refused: z.array(Refusal),
  /** When it could not reach the server lately, and where on the way it stalled. */
  stalls: z.array(Stall),
  machines: z.array(Machine),
});
export type Sentinel = z.infer<typeof Sentinel>;

export const SentinelsAnswer = z.object({
  sentinels: z.array(Sentinel),
  /** All that the customer has, with sentinels or without. */
  locations: z.array(z.string()),
});
export type SentinelsAnswer = z.infer<typeof SentinelsAnswer>;

const Tags = z.array(Tag).max(mostTags);
/** What is left out stays. */
export const SentinelWish = z.object({
  name: z.string().trim().min(1).max(200).optional(),
  /** A new name makes a new location. Results that are here stay where they were measured. */
  location: z.string().trim().min(1).max(200).optional(),
  tags: Tags.optional(),
});

/** Which machine goes on; all others are to enrol anew. */
export const Decision = z.object({ boot: z.string().min(1).max(100) });

export const OpenCode = z.object({
  id: z.string(),
  /** Its first letters. */
  prefix: z.string().nullable(),
  location: z.string(),
  tags: z.array(z.string()),
  uses: count.nullable(),
  usesLeft: count,
  createdAt: instant,
  expiresAt: instant,
  addedBy: z.string().nullable(),
  /** How long its sentinels may be unseen before they are revoked by themselves (ms); null: for ever. */
  retireAfterMs: count.nullable(),
});
export const OpenCodesAnswer = z.object({ codes: z.array(OpenCode) });
export type OpenCodesAnswer = z.infer<typeof OpenCodesAnswer>;

export const CodeWish = z.object({
  location: z.string().trim().min(1).max(200),
  /** Of the sentinels that enrol with it: by them monitors choose sentinels, beside name and location. */
  tags: Tags.default([]),
  uses: z.int().min(1).max(mostUses).default(1),
  lifeMs: z.int().min(60_000).max(longestLifeMs).default(3_600_000),
  /** For desktops that are thrown away: sentinels that were unseen for so long are revoked by themselves. */
  retireAfterMs: z.int().min(soonestRetirementMs).max(longestLifeMs).optional(),
});

/** The one answer that has the code. */
export const NewCode = z.object({
  id: z.string(),
  code: z.string(),
  location: z.string(),
  tags: z.array(z.string()),
  uses: count,
  expiresAt: instant,
  /** Lines to paste into a shell of the device, to install a sentinel and enrol it; null: this server hands out no packages. */
  install: z.object({ unix: z.string(), windows: z.string() }).nullable(),
  /** For a device on which a sentinel is installed. */
  enrol: z.string(),
});
export type NewCode = z.infer<typeof NewCode>;
