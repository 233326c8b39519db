import { randomUUID } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { SentinelRow } from '../../db/customer/rows.ts';
import type { CustomerDb } from '../../db/customers.ts';
import type { CustomerRow, EnrolmentCodeRow, SentinelKeyRow } from '../../db/registry/rows.ts';
import type { EnrolmentAnswer, EnrolmentRequest } from '../../sentinel/protocol/messages.ts';
import { tellChange } from '../assignments/changes.ts';
import { renewChoices } from '../assignments/choices.ts';
import { checkRoom, readingOf } from '../assignments/room.ts';
import { trustedScriptKeys } from '../assignments/script-keys.ts';
import { type Actor, audit } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { refusedAs } from '../http/refused-as.ts';
import { suspendedForUsers } from '../http/suspended.ts';
import { newToken, tokenHash } from '../http/token.ts';
import { lookUpCode, redeemCode } from './codes.ts';
import { locationNamed } from './locations.ts';

/**
 * Makes a sentinel of a device that knows a code, with an API key of its own, of which the server keeps the hash alone.
 * The code is used up and the key made valid in one transaction, after the sentinel is in the customer's database: a
 * crash in between leaves a sentinel that nobody is, and the code as good as before. Problems: as `lookUpCode`.
 */
export async function enrol(server: ServerContext, asked: EnrolmentRequest): Promise<EnrolmentAnswer> {
  // A stranger chose the name, and it stands in lists, logs and the trail.
  const request = { ...asked, name: asked.name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' ') };
  const at = server.now();
  const code = await lookUpCode(server.registry, request.code, at);
  const customer = await server.registry<CustomerRow>('customers').where({ id: code.customer_id }).first();
  if (!customer) throw new Error(`an enrolment code belongs to the customer ${code.customer_id}, who is not there`);
  if (customer.suspended_at !== null) throw suspendedForUsers(customer.suspended_why);
  const sentinelId = randomUUID();
  const apiKey = newToken();
  const key = {
    key_hash: tokenHash(apiKey),
    sentinel_id: sentinelId,
    customer_id: customer.id,
    created_at: at,
    revoked_at: null,
    retire_after_ms: code.retire_after_ms,
  };
  const { name, platform } = request;
  const actor = { kind: 'sentinel', id: sentinelId, name } as const;
  const { keys, isGiven } = await server.customers.use(customer.id, async (db) => {
    const added = addSentinel(db, sentinelId, code, request, at);
    const isGiven = await added.catch(refusedAs(409, 'TOO_MUCH_TO_DO'));
    try {
      await redeemCode(server.registry, request.code, at, (registry) =>
        registry<SentinelKeyRow>('sentinel_keys').insert(key),
      );
    } catch (error) {
      await takeBack(db, actor, at, isGiven);
      throw error;
    }
    await audit(db, {
      at,
      actor,
      action: 'sentinel-enrolled',
      subject: name,
      detail: { location: code.location, platform },
    });
    return { keys: await trustedScriptKeys(server, db, customer.id), isGiven };
  });
  if (isGiven) await tellChange(server, customer.id);
  return {
    sentinelId,
    apiKey,
    customer: { id: customer.id, name: customer.name },
    location: code.location,
    scriptKeys: keys,
    pins: server.authority.pins,
    serverTime: server.now(),
  };
}

/** True if monitors were given to it that choose their sentinels. */
function addSentinel(
  db: CustomerDb,
  id: string,
  { location, tags }: Pick<EnrolmentCodeRow, 'location' | 'tags'>,
  request: EnrolmentRequest,
  at: number,
): Promise<boolean> {
  return atomically(db, async (trx) => {
    const reading = await readingOf(trx, at);
    const location_id = await locationNamed(trx, location);
    const { name, platform, version } = request;
    await trx('sentinels').insert({ id, name, platform, version, location_id, tags, enrolled_at: at });
    const isGiven = await renewChoices(trx, at);
    if (isGiven) await checkRoom(trx, at, reading);
    return isGiven;
  });
}

/**
 * Of a device whose code was used up by another meanwhile, say. One that monitors were given to is revoked and keeps them:
 * a monitor that it took over from the last one meant would be everybody's without it.
 */
function takeBack(db: CustomerDb, actor: Required<Actor>, at: number, isGiven: boolean): Promise<void> {
  return atomically(db, async (trx) => {
    const row = trx<SentinelRow>('sentinels').where({ id: actor.id });
    if (!isGiven) return void (await row.delete());
    await row.update({ revoked_at: at });
    const detail = { id: actor.id, why: 'its enrolment failed' };
    await audit(trx, { at, actor, action: 'sentinel-revoked', subject: actor.name, detail });
  });
}
