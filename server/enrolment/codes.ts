import { atomically } from '../../db/atomically.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { EnrolmentCodeRow } from '../../db/registry/rows.ts';
import { tagsOf } from '../assignments/choices.ts';
import { type Actor, audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { Refused } from '../http/refused.ts';
import { readableToken, tokenHash } from '../http/token.ts';
import { tidyTags, writeTags } from './change-sentinel.ts';

export interface NewEnrolmentCode {
  /** Name of the location of the sentinels that enrol with it. */
  location: string;
  /** Of its sentinels, by which monitors choose them; none unless given. */
  tags?: readonly string[];
  /** How many sentinels may enrol with it; more than one for a pool of virtual desktops. */
  uses?: number;
  /** ms since 1970; an hour from now unless given */
  expiresAt?: number;
  /** Sentinels that enrol with it are revoked by themselves when they were unseen for so long (ms); never unless given. */
  retireAfterMs?: number;
  /** Who asked for it; the command line unless given. */
  actor?: Actor;
}

/** A code that can still be used. The code itself is never told again. */
export interface OpenCode {
  id: string;
  /** Its first letters. */
  prefix: string | null;
  location: string;
  tags: string[];
  uses: number | null;
  usesLeft: number;
  createdAt: number;
  expiresAt: number;
  addedBy: string | null;
  /** How long its sentinels may be unseen before they are revoked by themselves; null: for ever. */
  retireAfterMs: number | null;
}

const hourMs = 3_600_000;
/** Longest life of a code (ms), for an image that is rolled out for months. */
export const longestLifeMs = 366 * 24 * hourMs;
export const mostUses = 100_000;
/** A device that is off for a night is not gone (ms). */
export const soonestRetirementMs = 24 * hourMs;
const groups = 6; // of 24 bits
const idLength = 16;

/** Makes a code with which sentinels enrol. Only its hash is kept, so this is the one time it can be seen. */
export async function addEnrolmentCode(
  server: ServerContext,
  customerId: CustomerId,
  {
    location,
    tags = [],
    uses = 1,
    expiresAt = server.now() + hourMs,
    retireAfterMs,
    actor = commandLine,
  }: NewEnrolmentCode,
): Promise<string> {
  if (location.trim() !== location || location.length === 0 || location.length > 200)
    throw new Refused("a location's name has 1 to 200 characters and no space around it");
  if (!Number.isSafeInteger(uses) || uses < 1 || uses > mostUses) throw new Refused(`a code has 1 to ${mostUses} uses`);
  const all = tidyTags(tags);
  const at = server.now();
  if (expiresAt <= at || expiresAt > at + longestLifeMs)
    throw new Refused('a code can be used for a minute at least and 366 days at most');
  if (retireAfterMs !== undefined && (retireAfterMs < soonestRetirementMs || retireAfterMs > longestLifeMs))
    throw new Refused('sentinels retire after being unseen for 1 to 366 days');
  const code = readableToken(groups);
  const row: EnrolmentCodeRow = {
    code_hash: hashOf(code),
    customer_id: customerId,
    location,
    uses_left: uses,
    expires_at: expiresAt,
    created_at: at,
    prefix: code.slice(0, 5),
    uses,
    added_by: actor.name ?? null,
    withdrawn_at: null,
    retire_after_ms: retireAfterMs ?? null,
    tags: writeTags(all),
  };
  await server.registry<EnrolmentCodeRow>('enrolment_codes').insert(row);
  const entry = {
    at,
    actor,
    action: 'enrolment-code-added',
    subject: location,
    detail: {
      ...{ uses, expiresAt },
      ...(retireAfterMs !== undefined && { retireAfterMs }),
      ...(all.length > 0 && { tags: all }),
    },
  } as const;
  await server.customers.use(customerId, (db) => audit(db, entry));
  return code;
}

/** The codes of a customer that can still be used, those that expire first before the others. */
export async function openCodes(server: ServerContext, customerId: CustomerId): Promise<OpenCode[]> {
  const rows = await openRows(server, customerId).orderBy(['expires_at', 'created_at']);
  return rows.map((row) => ({
    id: idOf(row.code_hash),
    prefix: row.prefix,
    location: row.location,
    tags: tagsOf(row),
    uses: row.uses,
    usesLeft: row.uses_left,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    addedBy: row.added_by,
    retireAfterMs: row.retire_after_ms,
  }));
}

/** Makes a code useless at once. Whether the customer had such a code that could still be used. */
export async function withdrawCode(
  server: ServerContext,
  customerId: CustomerId,
  id: string,
  actor: Actor = commandLine,
): Promise<boolean> {
  const at = server.now();
  const row = (await openRows(server, customerId)).find(({ code_hash }) => idOf(code_hash) === id);
  if (!row) return false;
  const { code_hash, location: subject } = row;
  await server.registry<EnrolmentCodeRow>('enrolment_codes').where({ code_hash }).update({ withdrawn_at: at });
  const detail = { usesLeft: row.uses_left };
  const entry = { at, actor, action: 'enrolment-code-withdrawn', subject, detail } as const;
  await server.customers.use(customerId, (db) => audit(db, entry));
  return true;
}

/** By which a code is named without giving it away: the beginning of its hash. */
export function enrolmentCodeId(code: string): string {
  return idOf(hashOf(code));
}

/** What the code is good for. Problems: 403 `CODE_UNKNOWN`, `CODE_EXPIRED`, `CODE_USED`, `CODE_WITHDRAWN`. */
export async function lookUpCode(registry: Registry, code: string, now: number): Promise<EnrolmentCodeRow> {
  const row = await registry<EnrolmentCodeRow>('enrolment_codes')
    .where({ code_hash: hashOf(code) })
    .first();
  if (!row)
    throw new HttpProblem(
      403,
      'CODE_UNKNOWN',
      'this enrolment code was never given out: check it, or ask for a new one',
    );
  if (row.withdrawn_at !== null)
    throw new HttpProblem(403, 'CODE_WITHDRAWN', 'this enrolment code was withdrawn: ask for a new one');
  if (row.uses_left < 1)
    throw new HttpProblem(403, 'CODE_USED', 'this enrolment code has been used: ask for a new one');
  if (row.expires_at <= now)
    throw new HttpProblem(403, 'CODE_EXPIRED', 'this enrolment code has expired: ask for a new one');
  return row;
}

/** Takes one use off the code and does `work`, both or neither. Of two who ask for the last use one gets 403 `CODE_USED`. */
export async function redeemCode(
  registry: Registry,
  code: string,
  now: number,
  work: (registry: Registry) => Promise<void>,
): Promise<void> {
  await atomically(registry, async (trx) => {
    await lookUpCode(trx, code, now);
    await trx<EnrolmentCodeRow>('enrolment_codes')
      .where({ code_hash: hashOf(code) })
      .decrement('uses_left', 1);
    await work(trx);
  });
}

function openRows(server: ServerContext, customerId: CustomerId) {
  return server
    .registry<EnrolmentCodeRow>('enrolment_codes')
    .where({ customer_id: customerId })
    .whereNull('withdrawn_at')
    .where('uses_left', '>', 0)
    .where('expires_at', '>', server.now());
}

function idOf(codeHash: string): string {
  return codeHash.slice(0, idLength);
}

/** However it was typed. */
function hashOf(code: string): string {
  return tokenHash(code.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}
