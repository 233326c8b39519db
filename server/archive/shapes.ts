import { z } from 'zod';

/* What the page of a customer's archive shows. Instants ms since 1970. */

const instant = z.int();
const count = z.int().nonnegative();
/** `2025-01` */
export const MonthName = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'must be a month, such as 2026-03');
/** `2025-01`, or `2025-01.1` for its first supplement. */
export const PieceName = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])(\.\d{1,6})?$/);
export const Recipient = z.string().regex(/^age1[0-9a-z]{10,190}$/, 'must be a recipient of age: age1…');

const months = z.int().min(1).max(1200);
export const ArchiveSettingsWish = z.object({
  /** Whole months that stay in the database. */
  monthsLive: months,
  /** How many months longer figures by the hour stay. */
  hourMonths: z.int().min(0).max(1199),
  /** After how many they are erased from the archive; null: never. */
  eraseMonths: months.nullable(),
});

export const ArchivePiece = z.object({
  name: PieceName,
  runs: count.nullable(),
  results: count.nullable(),
  /** Files that were kept of failed runs. */
  evidence: count.nullable(),
  /** Of its files, sealed. */
  bytes: count.nullable(),
  movedAt: instant.nullable(),
  verifiedAt: instant.nullable(),
  /** What was wrong when it was last verified. */
  fault: z.string().nullable(),
  hasManifest: z.boolean(),
});

export const ArchiveMonth = z.object({
  month: MonthName,
  from: instant,
  to: instant,
  /** `exported`: it was carried away, and only its manifest is here. */
  state: z.enum(['live', 'due', 'moving', 'archived', 'exported', 'erased']),
  /** Of a live month by the customer's days, those that are complete. */
  runs: count.nullable(),
  bytes: count.nullable(),
  /** From when on it goes into the archive; null where it has. */
  dueAt: instant.nullable(),
  /** The month itself first, then its supplements. */
  pieces: z.array(ArchivePiece),
  /** Whether somebody wants it back, and how far that is. */
  restore: z
    .discriminatedUnion('state', [
      z.object({ state: z.literal('asked'), at: instant, by: z.string() }),
      z.object({ state: z.literal('failed'), at: instant, by: z.string(), fault: z.string() }),
      z.object({ state: z.literal('restored'), until: instant }),
    ])
    .nullable(),
});
export type ArchiveMonth = z.infer<typeof ArchiveMonth>;

export const ArchiveKey = z.object({
  recipient: z.string(),
  name: z.string(),
  addedBy: z.string(),
  addedAt: instant,
  retiredAt: instant.nullable(),
  /** A sealed copy of what opens it is kept here, with the customer's leave. */
  copyKept: z.boolean(),
  /** What opens it waits here for an administrator of the customer to keep it. */
  waits: z.boolean(),
});

export const ArchiveAnswer = z.object({
  /** Whether this server has somewhere to put what leaves the databases. */
  hasStore: z.boolean(),
  settings: ArchiveSettingsWish,
  keys: z.array(ArchiveKey),
  /** What is said before a key is made. */
  lossExplained: z.string(),
  /** Newest first; none before the first run. */
  months: z.array(ArchiveMonth),
  /** The month that goes next, and from when on. */
  next: z.object({ month: MonthName, at: instant }).nullable(),
  /** Of all pieces the one that was last verified after it had been moved. */
  drill: z.object({ at: instant, piece: PieceName, fault: z.string().nullable() }).nullable(),
});
export type ArchiveAnswer = z.infer<typeof ArchiveAnswer>;

export const ArchiveKeyWish = z.object({
  /** Who keeps what opens it, and where. */
  name: z.string().trim().min(1).max(100),
  /** Of a key that was made elsewhere; else one is made, and what opens it waits to be kept. */
  recipient: Recipient.optional(),
});
export const NewArchiveKeyAnswer = z.object({ recipient: z.string() });
/** `AGE-SECRET-KEY-1…` */
export const IdentityAnswer = z.object({ identity: z.string() });
export const KeepingWish = z.object({ keepCopy: z.boolean() });

export const RestoreWish = z.object({
  /** What opens the month; left out: the copy that is kept here. It is held sealed until the month is there, then it is gone. */
  identity: z.string().trim().max(200).optional(),
  /** How long it stays. */
  days: z.int().min(1).max(31).default(7),
});

export const RestoredAnswer = z.object({
  month: MonthName,
  until: instant,
  monitors: z.array(z.object({ id: z.string(), name: z.string(), runs: count, failed: count })),
});
