import { atomically } from '../../db/atomically.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { EnrolmentCodeRow } from '../../db/registry/rows.ts';
import { audit, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { HttpProblem } from '../http/problem.ts';
import { Refused } from '../http/refused.ts';
import { readableToken, tokenHash } from '../http/token.ts';

export interface NewEnrolmentCode {
  /** Name of the location of the sentinels that enrol with it. */
  location: string;
  /** How many sentinels may enrol with it; more than one for a pool of virtual desktops. */
  uses?: number;
  /** ms since 1970; an hour from now unless given */
  expiresAt?: number;
}

const hourMs = 3_600_000;
const groups = 6; // of 24 bits

/** Makes a code with which sentinels enrol. Only its hash is kept, so this is the one time it can be seen. */
export async function addEnrolmentCode(
  server: ServerContext,
  customerId: CustomerId,
  { location, uses = 1, expiresAt = server.now() + hourMs }: NewEnrolmentCode,
): Promise<string> {
  if (location.length === 0 || location.length > 200) throw new Refused("a location's name has 1 to 200 characters");
  if (!Number.isSafeInteger(uses) || uses < 1) throw new Refused('a code has one use or more');
  const code = readableToken(groups);
  const at = server.now();
  const row: EnrolmentCodeRow = {
    code_hash: hashOf(code),
    customer_id: customerId,
    location,
    uses_left: uses,
    expires_at: expiresAt,
    created_at: at,
  };
  await server.registry<EnrolmentCodeRow>('enrolment_codes').insert(row);
  const entry = {
    at,
    actor: commandLine,
    action: 'enrolment-code-added',
    subject: location,
    detail: { uses, expiresAt },
  } as const;
  await server.customers.use(customerId, (db) => audit(db, entry));
  return code;
}

/** What the code is good for. Problems: 403 `CODE_UNKNOWN`, `CODE_EXPIRED`, `CODE_USED`. */
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

/** However it was typed. */
function hashOf(code: string): string {
  return tokenHash(code.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
}
