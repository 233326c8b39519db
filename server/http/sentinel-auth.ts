import { z } from 'zod';
import type { CustomerId } from '../../db/customers.ts';
import { headers, Uuid } from '../../sentinel/protocol/messages.ts';
import type { ServerContext } from './context.ts';
import { keysOf } from './key-lookups.ts';
import { HttpProblem } from './problem.ts';
import { countRequest } from './rate-limits.ts';
import { type Entrance, entrance, type RouteContext } from './router.ts';
import { refuseRepeat, settleHolder } from './settle-holder.ts';
import { suspendedForSentinels } from './suspended.ts';
import { tokenHash } from './token.ts';

export interface AskingSentinel {
  sentinelId: string;
  customerId: CustomerId;
}

/** Beside the API key. */
const Identity = z.object({
  [headers.sentinel]: Uuid.describe("the sentinel's id, as enrolment gave it"),
  [headers.boot]: z.string().max(100).describe('an id of this start of the sentinel'),
  [headers.counter]: z.string().regex(/^\d+$/).describe('rises with every request of this start'),
  [headers.before]: z
    .string()
    .optional()
    .describe(
      'earlier starts, comma between; `none`; `known` once this one was answered. Left out: copies go unnoticed',
    ),
});

/** Another way of letting in. */
export interface Admission {
  /** Says who asks, or refuses. */
  admit(ctx: RouteContext<unknown>): Promise<AskingSentinel>;
  /** Whether this very request was let in before, and now begins anew. */
  wasLetIn(ctx: RouteContext<unknown>): boolean;
}

const refusals = {
  401: ['KEY_UNKNOWN', 'KEY_REVOKED'],
  403: ['SENTINEL_PARKED', 'BOOT_REPLACED'],
  429: ['TOO_MANY_REQUESTS'],
  503: ['CUSTOMER_SUSPENDED'],
};

/**
 * Lets in whoever holds the API key of the sentinel it says it is; puts it into `ctx.state.sentinel`. Else 401
 * `KEY_UNKNOWN` or `KEY_REVOKED`, on which a sentinel asks seldom, or as `settleHolder` and `refuseRepeat`.
 */
export function sentinelAuth(
  server: ServerContext,
  { admit, wasLetIn }: Admission = { admit: (ctx) => askingSentinel(server, ctx), wasLetIn: () => false },
): Entrance<{ sentinel: AskingSentinel }> {
  return entrance(
    'be a sentinel',
    async (ctx, next) => {
      ctx.state.sentinel = await admit(ctx);
      if (!wasLetIn(ctx)) {
        await countRequest(server, 'sentinel', ctx.state.sentinel.sentinelId);
        refuseRepeat(server, ctx.state.sentinel.sentinelId, ctx.req);
      }
      ctx.recheck = () => admit(ctx);
      server.events.emit('sentinelSeen', ctx.state.sentinel, ctx.req.socket);
      await next();
    },
    { security: 'apiKey', headers: Identity, others: refusals },
  );
}

/** Who asks, by the API key. The same problems; a request that was let in long ago asks again. */
export async function askingSentinel(server: ServerContext, ctx: RouteContext<unknown>): Promise<AskingSentinel> {
  const [, key] = /^Bearer ([\w-]{20,200})$/i.exec(ctx.get('authorization')) ?? [];
  const row = key === undefined ? undefined : await keysOf(server).find(tokenHash(key));
  if (!row || row.sentinel_id !== ctx.get(headers.sentinel)) {
    const detail = "the API key is not this sentinel's; enrol the sentinel with a new code";
    throw new HttpProblem(401, 'KEY_UNKNOWN', detail);
  }
  if (row.revoked_at !== null) {
    throw new HttpProblem(401, 'KEY_REVOKED', 'the API key was revoked; enrol the sentinel with a new code');
  }
  if (row.suspended_at !== null) throw suspendedForSentinels();
  await settleHolder(server, row, ctx);
  return { sentinelId: row.sentinel_id, customerId: row.customer_id };
}
