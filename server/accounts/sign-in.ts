import { atomically } from '../../db/atomically.ts';
import type { UserRow } from '../../db/registry/rows.ts';
import { type AuditEntry, audit, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import type { Asking } from '../http/may.ts';
import { HttpProblem } from '../http/problem.ts';
import { actorOf, type SignedIn } from '../http/session-auth.ts';
import { sourceOf } from '../http/source-of.ts';
import { forgetOldDevices, rememberDevice } from './known-devices.ts';
import { hashPassword, isOutdated, passwordHolds } from './password.ts';
import { spendCode } from './second-factor.ts';
import { beginSession, endSession, type From, removeEnded } from './sessions.ts';
import { type Attempt, countAttempt, forgetFailures } from './sign-in-lock.ts';

export interface Credentials {
  name: string;
  password: string;
  /** Of the second factor, or a recovery code. */
  code?: string | undefined;
}

/** What the browser has of earlier times. */
interface Has {
  device?: string | undefined;
  knownAs?: string | undefined;
  session?: string | undefined;
}

/**
 * Begins a session; both tokens go into cookies and are kept as hashes alone. `device` is the token of a browser that was
 * signed in with before, `knownAs` as `knownDevice` says, `session` that of the one it has until now, which ends. Problems:
 * 401 `SIGN_IN_FAILED`, whichever of name, password and code was wrong or missing; 429 `LOCKED`.
 */
export async function signIn(
  server: ServerContext,
  { name, password, code }: Credentials,
  { device, knownAs, session, ...from }: From & Has,
): Promise<{ token: string; device: string }> {
  const at = server.now();
  const attempt = { account: name, source: sourceOf(from.source), device: knownAs };
  await countOrRefuse(server, attempt);
  const user = await server.registry<UserRow>('users').where({ name }).first();
  const wrong = await whatIsWrong(server, user, password, code);
  const begun = user && wrong === undefined ? await begin(server, user, at, { device, ...from }) : undefined;
  if (!user || !begun) {
    // Now into the registry alone: one more write for names that exist could be measured.
    const detail = { source: from.source, wrong: wrong ?? 'changed meanwhile' };
    const entry: AuditEntry = { at, actor: { kind: 'user', name }, action: 'sign-in-failed', detail };
    await audit(server.registry, entry);
    if (user?.customer_id) server.events.emit('signInFailed', user.customer_id, entry);
    throw new HttpProblem(401, 'SIGN_IN_FAILED', 'the name, the password or the code is wrong, or a code is missing');
  }
  await forgetFailures(server.registry, attempt);
  await renewHash(server, user, password);
  if (session !== undefined) await endSession(server, session);
  await auditForBoth(server, user.customer_id, {
    ...{ at, actor: actorOf(user), action: 'signed-in', detail: { source: from.source } },
  });
  await removeEnded(server, at);
  await forgetOldDevices(server.registry, at);
  return begun;
}

/**
 * Whoever is signed in proves it is still them: by the password, and by a code of the second factor or a recovery code
 * where one is asked for; `from` is their address. Problems: 403 `PASSWORD_WRONG` or `CODE_WRONG`, 429 `LOCKED`.
 */
export async function confirmUser(
  server: ServerContext,
  { user: { id, name, customerId }, sessionId, actor }: SignedIn & Asking,
  { password, code }: { password: string; code?: string },
  from: string,
): Promise<UserRow> {
  const attempt = { account: name, source: '', device: `session ${sessionId}` };
  await countOrRefuse(server, attempt);
  const user = await server.registry<UserRow>('users').where({ id }).first();
  const holds = user && (await passwordHolds(server, password, user.password_hash));
  const isSpent = holds && (code === undefined || (await spendCode(server, user, code)));
  if (!isSpent) {
    const detail = { source: from, wrong: holds ? 'code' : 'password' };
    await auditForBoth(server, customerId, { at: server.now(), actor, action: 'proof-failed', detail });
    throw holds ? codeWrong() : new HttpProblem(403, 'PASSWORD_WRONG', 'this is not your present password');
  }
  await forgetFailures(server.registry, attempt);
  return user;
}

export function codeWrong(): HttpProblem {
  return new HttpProblem(403, 'CODE_WRONG', 'this is not a code of now: take the one that your app shows next');
}

/** For the trail alone: who asks is never told which it was. */
async function whatIsWrong(
  server: ServerContext,
  user: UserRow | undefined,
  password: string,
  code: string | undefined,
): Promise<'name' | 'password' | 'disabled' | 'no code' | 'code' | undefined> {
  const holds = await passwordHolds(server, password, user?.password_hash);
  if (!user) return 'name';
  if (!holds) return 'password';
  if (user.disabled_at !== null) return 'disabled';
  if (user.second_factor === null) return undefined;
  if (!code) return 'no code';
  return (await spendCode(server, user, code)) ? undefined : 'code';
}

/**
 * Undefined if the account is not any more as `user` was read: whoever came with a password that was changed meanwhile, or
 * without the factor that is there by now, would outlast the others' sessions. Not told by the hash, which another sign-in
 * may have made anew.
 */
function begin(
  { registry }: ServerContext,
  { id, password_changed_at, second_factor }: UserRow,
  at: number,
  { device, ...from }: From & Pick<Has, 'device'>,
): Promise<{ token: string; device: string } | undefined> {
  const unchanged = { id, password_changed_at, second_factor, disabled_at: null };
  return atomically(registry, async (trx) => {
    if ((await trx<UserRow>('users').where(unchanged).update({ last_sign_in_at: at })) === 0) return undefined;
    return { token: await beginSession(trx, id, from, at), device: await rememberDevice(trx, id, device, at) };
  });
}

async function renewHash(server: ServerContext, { id, password_hash }: UserRow, password: string): Promise<void> {
  if (!isOutdated(server, password_hash)) return;
  const stronger = { password_hash: await hashPassword(server, password) };
  await server.registry<UserRow>('users').where({ id, password_hash }).update(stronger); // not if it was changed meanwhile
}

async function countOrRefuse(server: ServerContext, attempt: Attempt): Promise<void> {
  const now = server.now();
  const lockedUntil = await countAttempt(server.registry, attempt, now);
  if (lockedUntil === undefined) return;
  const seconds = Math.ceil((lockedUntil - now) / 1000);
  const detail = `too many failed attempts: try again in ${seconds} seconds`;
  throw new HttpProblem(429, 'LOCKED', detail, { 'retry-after': String(seconds) });
}
