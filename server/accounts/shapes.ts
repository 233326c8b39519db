import { z } from 'zod';
import { type Permission, permissions, scopes } from '../http/permissions.ts';
import { MonitorState, Period } from '../reports/shapes.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export const customerRoles = ['viewer', 'author', 'admin'] as const;
export const providerRoles = ['operator', 'operator-admin'] as const;
export const AnyRole = z.enum([...customerRoles, ...providerRoles]);

const instant = z.int();

/** What one may do; pages show what is in the list and nothing else. */
const May = z.array(z.enum(Object.keys(permissions) as Permission[]));
export const CustomerNamed = z.object({ id: z.string(), name: z.string(), timeZone: z.string() });

/** An operator's leave to look into a customer. */
export const Grant = z.object({
  customer: CustomerNamed,
  reason: z.string(),
  ticket: z.string().nullable(),
  mayChange: z.boolean(),
  /** ms since 1970; the operator is out again then. */
  endsAt: z.int(),
  may: May,
});
export type Grant = z.infer<typeof Grant>;

export const EntryWish = z.object({
  reason: z.string().trim().min(5).max(500).describe('why, in words that the customer reads'),
  ticket: z.string().trim().min(1).max(100).optional(),
  lifeMs: z
    .int()
    .min(60_000)
    .max(8 * hourMs)
    .default(hourMs),
  mayChange: z.boolean().default(false),
});

export const Session = z.object({
  user: z.object({
    id: z.string(),
    name: z.string(),
    role: AnyRole,
    hasSecondFactor: z.boolean(),
    recoveryCodesLeft: z.int().nonnegative(),
    /** When the password has to be renewed; null: never. */
    passwordEndsAt: instant.nullable(),
  }),
  /** Null for an operator. */
  customer: CustomerNamed.nullable(),
  may: May,
  /** Customers that the operator is inside now, those that end first first. */
  inside: z.array(Grant),
  /** What has to be done before anything else: choose another password, or set up a second factor. */
  due: z.enum(['password', 'second-factor']).nullable(),
  /** To be sent as header `x-csrf-token` with everything that changes something. */
  csrfToken: z.string(),
});
export type Session = z.infer<typeof Session>;

const Scope = z.array(z.enum(scopes)).min(1);

/** A token as it is shown later. */
const Token = z.object({
  id: z.string(),
  name: z.string(),
  /** How it begins. */
  start: z.string(),
  scope: z.array(z.enum(scopes)),
  addedBy: z.string(),
  addedAt: z.int(),
  expiresAt: z.int(),
  revokedAt: z.int().nullable(),
  /** To a minute, and from which address. */
  lastUsedAt: z.int().nullable(),
  lastUsedFrom: z.string().nullable(),
});
export type Token = z.infer<typeof Token>;

export const TokenWish = z.object({
  name: z.string().trim().min(1).max(100).describe('what it is for'),
  scope: Scope,
  lifeMs: z
    .int()
    .min(60_000)
    .max(365 * dayMs)
    .default(90 * dayMs),
});
export type TokenWish = z.infer<typeof TokenWish>;

export const TokensAnswer = z.object({
  tokens: z.array(Token),
  /** All that a scope can have. */
  scopes: Scope,
});
export type TokensAnswer = z.infer<typeof TokensAnswer>;

export const NewToken = Token.extend({ text: z.string().describe('the token itself; it is not shown again') });
export type NewToken = z.infer<typeof NewToken>;

export const CustomersAnswer = z.object({
  period: Period,
  customers: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      monitors: z.int().nonnegative(),
      /** How many monitors are in each state. */
      states: z.record(MonitorState, z.int().nonnegative()),
      /** Of all monitors together: runs passed ÷ (passed + failed). */
      availability: z.number().min(0).max(1).nullable(),
      lastRunAt: z.int().nullable(),
      /** Null unless nobody of the customer is let in. */
      suspendedAt: z.int().nullable(),
      /** Whether its database could be read; if not, nothing is known of its monitors. */
      isReadable: z.boolean(),
    }),
  ),
});
export type CustomersAnswer = z.infer<typeof CustomersAnswer>;
