import { randomUUID } from 'node:crypto';
import type { CustomerId } from '../../db/customers.ts';
import type { Role, TokenRow } from '../../db/registry/rows.ts';
import { type Actor, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { isScoped, type Permission } from '../http/permissions.ts';
import { HttpProblem } from '../http/problem.ts';
import { countOnce } from '../http/rate-limits.ts';
import type { RouteContext } from '../http/router.ts';
import { sourceOf } from '../http/source-of.ts';
import { tokenHash } from '../http/token.ts';
import type { Token, TokenWish } from './shapes.ts';
import { isTokenText, newTokenText, tokenStart } from './token-text.ts';

/** How often at most the use of a token is written down (ms). */
const noteEveryMs = 60_000;

export interface AskingToken {
  id: string;
  name: string;
  customerId: CustomerId;
  scope: readonly Permission[];
  /** What whoever made it is now; null: made on the server's command line, for as long as the customer wants it. */
  makerRole: Role | null;
}

/** A token, and who made it; without a role, whoever did is no user any more. */
type Made = TokenRow & { role: Role | null };

/** Makes a token of the customer. `text` is told this once and kept as a hash alone. */
export async function addToken(
  server: ServerContext,
  customerId: CustomerId,
  { name, scope, lifeMs }: TokenWish,
  actor: Actor,
): Promise<{ text: string; token: Token }> {
  const text = newTokenText();
  const at = server.now();
  const row: TokenRow = {
    ...{ id: randomUUID(), token_hash: tokenHash(text), start: tokenStart(text), customer_id: customerId, name },
    ...{ scope: JSON.stringify(scope), user_id: actor.kind === 'user' ? (actor.id ?? null) : null },
    ...{ added_by: actor.name ?? actor.kind, created_at: at, expires_at: at + lifeMs, revoked_at: null },
    ...{ last_used_at: null, last_used_from: null },
  };
  await server.registry('tokens').insert(row);
  const detail = { id: row.id, scope, expiresAt: row.expires_at };
  await auditForBoth(server, customerId, { at, actor, action: 'token-added', subject: name, detail });
  return { text, token: presentToken({ ...row, role: null }) };
}

/** The customer's tokens, ended ones too, the youngest first. */
export async function listTokens(server: ServerContext, customerId: CustomerId): Promise<Token[]> {
  const rows = await made(server).where({ 'tokens.customer_id': customerId }).orderBy('tokens.created_at', 'desc');
  return rows.map(presentToken);
}

/** Ends a token at once, in every process; false if the customer has no such token. */
export async function revokeToken(server: ServerContext, customerId: CustomerId, id: string, actor: Actor) {
  const at = server.now();
  const row = await server.registry<TokenRow>('tokens').where({ id, customer_id: customerId }).first();
  if (!row) return false;
  const revoked = server.registry<TokenRow>('tokens').where({ id, revoked_at: null });
  if ((await revoked.update({ revoked_at: at })) === 0) return true;
  await auditForBoth(server, customerId, { at, actor, action: 'token-revoked', subject: row.name, detail: { id } });
  return true;
}

/** The token of the request, looked up anew each time. 401 `TOKEN_UNKNOWN`, `TOKEN_ENDED`. */
export async function askingToken(server: ServerContext, ctx: RouteContext<unknown>): Promise<AskingToken> {
  const [, text = ''] = /^Bearer +(\S+)$/i.exec(ctx.get('authorization')) ?? [];
  const row = isTokenText(text)
    ? await made(server)
        .where({ token_hash: tokenHash(text) })
        .first()
    : undefined;
  if (!row) {
    await countOnce(server, ctx, 'stranger', sourceOf(ctx.ip));
    throw refused('TOKEN_UNKNOWN', 'there is no such token: give one that this customer has made, whole');
  }
  const ended = whyEnded(row, server.now());
  if (ended) {
    // As an unknown one: a program that asks on and on with it takes nothing of what the maker's other tokens may ask.
    await countOnce(server, ctx, 'stranger', sourceOf(ctx.ip));
    throw refused('TOKEN_ENDED', `${ended}: have an administrator of the customer make another`);
  }
  await countOnce(server, ctx, 'asker', `tokens of ${row.user_id ?? row.id}`);
  await noteUse(server, row, ctx.ip);
  const { id, name, customer_id: customerId, role } = row;
  return { id, name, customerId, scope: scopeOf(row), makerRole: row.user_id === null ? null : role };
}

function made({ registry }: ServerContext) {
  return registry<Made>('tokens')
    .leftJoin('users', (on) => on.on('users.id', 'tokens.user_id').andOnNull('users.disabled_at'))
    .select('tokens.*', 'users.role');
}

function whyEnded({ revoked_at, expires_at, user_id, role }: Made, now: number): string | undefined {
  if (revoked_at !== null) return 'this token was revoked';
  if (expires_at <= now) return 'this token has expired';
  if (user_id !== null && role === null) return 'whoever made this token is let in no more';
  return undefined;
}

async function noteUse({ registry, now }: ServerContext, { id, last_used_at }: TokenRow, from: string): Promise<void> {
  if (last_used_at !== null && now() - last_used_at < noteEveryMs) return;
  await registry<TokenRow>('tokens').where({ id }).update({ last_used_at: now(), last_used_from: from });
}

/** What a later version took out of the table is no part of a scope any more. */
function scopeOf({ scope }: TokenRow): Permission[] {
  const names: string[] = JSON.parse(scope);
  return names.filter(isScoped);
}

function presentToken(row: Made): Token {
  return {
    ...{ id: row.id, name: row.name, start: row.start, scope: scopeOf(row), addedBy: row.added_by },
    ...{ addedAt: row.created_at, expiresAt: row.expires_at, revokedAt: row.revoked_at },
    ...{ lastUsedAt: row.last_used_at, lastUsedFrom: row.last_used_from },
  };
}

function refused(code: string, detail: string): HttpProblem {
  return new HttpProblem(401, code, detail, { 'www-authenticate': 'Bearer realm="vedette", error="invalid_token"' });
}
