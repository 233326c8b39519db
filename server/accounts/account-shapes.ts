import { z } from 'zod';
import { AnyRole, Session } from './shapes.ts';

/* What one asks and is told about one's own account, and administrators about those of others. */

const instant = z.int();

/** As somebody typed it, or would like to have it. */
export const typedPassword = z.string().min(1).max(1000);
/** Of the second factor, or a recovery code. */
export const typedCode = z.string().min(1).max(100);
/** What whoever has to prove who they are may be told instead. */
export const confirming = { 403: ['PASSWORD_WRONG', 'CODE_WRONG'], 429: ['LOCKED', 'BUSY'] };

export const OwnSession = z.object({
  id: z.string(),
  /** Whether it is the one that asks. */
  isThis: z.boolean(),
  beganAt: instant,
  lastSeenAt: instant,
  /** Address that it began from. */
  source: z.string().nullable(),
  /** As `Firefox on Windows`. */
  browser: z.string().nullable(),
});
export type OwnSession = z.infer<typeof OwnSession>;

export const NewFactor = z.object({
  secret: z.string(),
  /** `otpauth://…`, which authenticator apps understand. */
  uri: z.string(),
  /** The same as a picture: SVG. */
  qrCode: z.string(),
});

/** Shown once; the session goes on under another CSRF token. */
export const NewCodes = z.object({ recoveryCodes: z.array(z.string()), session: Session });

export const User = z.object({
  id: z.string(),
  name: z.string(),
  role: AnyRole,
  /** Name of the customer; null for an operator. */
  customer: z.string().nullable(),
  addedAt: instant,
  lastSignInAt: instant.nullable(),
  hasSecondFactor: z.boolean(),
  isDisabled: z.boolean(),
  /** Has not chosen a password yet. */
  isInvited: z.boolean(),
  /** After failed attempts, for somebody at least. */
  isLocked: z.boolean(),
  isChangeDemanded: z.boolean(),
});
export type User = z.infer<typeof User>;

export const UsersAnswer = z.object({ users: z.array(User) });

export const LinkAnswer = z.object({ name: z.string(), purpose: z.enum(['invitation', 'reset']), expiresAt: instant });

export const UserLink = z.object({
  purpose: z.enum(['invitation', 'reset']),
  /** To be put behind the address of the console; shown once. */
  path: z.string(),
  expiresAt: instant,
});
