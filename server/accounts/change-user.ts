import { atomically } from '../../db/atomically.ts';
import type { Registry } from '../../db/registry/registry.ts';
import type { Role, UserRow } from '../../db/registry/rows.ts';
import { type Actor, type AuditEntry, auditForBoth } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { isProvider } from '../http/permissions.ts';
import { Refused } from '../http/refused.ts';
import { forgetDevices } from './known-devices.ts';
import { makeLink, type UserLink } from './links.ts';
import { dropFactor } from './second-factor.ts';
import { endSessions } from './sessions.ts';
import { unlock } from './sign-in-lock.ts';

/* What an administrator does to another's account. Each is in the trail of the provider and of the user's customer. */

/** Gives another role; sessions end, so that nobody goes on with the old one. Throws `Refused` for the last administrator. */
export async function changeRole(server: ServerContext, user: UserRow, role: Role, actor: Actor): Promise<void> {
  if (isProvider(role) !== isProvider(user.role)) {
    throw new Refused('nobody changes between a customer and the provider: add another user there');
  }
  if (role === user.role) return;
  await atomically(server.registry, async (trx) => {
    if (role !== 'admin' && role !== 'operator-admin') await refuseLast(trx, user);
    await trx<UserRow>('users').where({ id: user.id }).update({ role });
  });
  await endSessions(server, user.id);
  await tell(server, user, actor, 'user-role-changed', { from: user.role, to: role });
}

/** Lets the user in no more, at once. Throws `Refused` for the last administrator. */
export async function disableUser(server: ServerContext, user: UserRow, actor: Actor): Promise<void> {
  if (user.disabled_at !== null) return;
  await atomically(server.registry, async (trx) => {
    await refuseLast(trx, user);
    await trx<UserRow>('users').where({ id: user.id }).update({ disabled_at: server.now() });
    await trx('user_links').where({ user_id: user.id }).delete();
  });
  await endSessions(server, user.id);
  await forgetDevices(server.registry, user.id);
  await tell(server, user, actor, 'user-disabled');
}

/** Lets a disabled user in again. */
export async function enableUser(server: ServerContext, user: UserRow, actor: Actor): Promise<void> {
  if (user.disabled_at === null) return;
  await server.registry<UserRow>('users').where({ id: user.id }).update({ disabled_at: null });
  await tell(server, user, actor, 'user-enabled');
}

/** A link by which the user chooses another password. The present one goes on until then, sessions end now. */
export async function resetUser(server: ServerContext, user: UserRow, actor: Actor): Promise<UserLink> {
  if (user.disabled_at !== null) throw new Refused(`the user "${user.name}" is disabled: enable them first`);
  const link = await makeLink(server, user);
  await endSessions(server, user.id);
  await tell(server, user, actor, 'user-link-made', { purpose: link.purpose });
  return link;
}

/** Forgets failed attempts to sign in, so that the user may try again at once. */
export async function unlockUser(server: ServerContext, user: UserRow, actor: Actor): Promise<void> {
  await unlock(server.registry, user.name);
  await tell(server, user, actor, 'user-unlocked');
}

/** The user has to choose another password before anything else. */
export async function demandChange(server: ServerContext, user: UserRow, actor: Actor): Promise<void> {
  await server.registry<UserRow>('users').where({ id: user.id }).update({ change_demanded_at: server.now() });
  await tell(server, user, actor, 'password-change-demanded');
}

/** For who has lost both the device and the recovery codes. Sessions end. */
export async function removeFactor(server: ServerContext, user: UserRow, actor: Actor): Promise<void> {
  await dropFactor(server.registry, user.id);
  await endSessions(server, user.id);
  await tell(server, user, actor, 'second-factor-removed');
}

/** Somebody has to be left who can let others in. */
async function refuseLast(trx: Registry, { id, role, customer_id, name }: UserRow): Promise<void> {
  if (role !== 'admin' && role !== 'operator-admin') return;
  const others = trx<UserRow>('users')
    .where({ role, customer_id })
    .whereNull('disabled_at')
    .whereNot({ id })
    .forUpdate();
  if (await others.first('id')) return;
  const what = role === 'admin' ? 'administrator of this customer' : 'administrator of the operators';
  throw new Refused(`"${name}" is the last ${what}: make somebody else one first`);
}

function tell(
  server: ServerContext,
  { name, customer_id }: UserRow,
  actor: Actor,
  action: AuditEntry['action'],
  detail?: Record<string, unknown>,
): Promise<void> {
  const entry = { at: server.now(), actor, action, subject: name, ...(detail && { detail }) };
  return auditForBoth(server, customer_id, entry);
}
