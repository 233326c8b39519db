import { randomUUID } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { CustomerRow, Role, UserRow } from '../../db/registry/rows.ts';
import { type Actor, auditForBoth, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { isProvider } from '../http/permissions.ts';
import { Refused } from '../http/refused.ts';
import type { User } from './account-shapes.ts';
import { makeLink, type UserLink } from './links.ts';
import { hashPassword, newPassword } from './password.ts';
import { refuseShort } from './password-rules.ts';
import { lockedAccounts } from './sign-in-lock.ts';

export interface NewUser {
  name: string;
  role: Role;
  /** Null for an operator, and only then. */
  customerId: CustomerId | null;
  /** At least 12 characters; one is made if it isn't given. */
  password?: string;
  /** The password is handed over by somebody, who knows it then: another is chosen at the first sign-in. */
  isInitial?: boolean;
}

export const maxUserName = 200;

/** Adds a user and returns the password to hand over. Throws `Refused` if the name is taken or something doesn't fit. */
export async function addUser(server: ServerContext, user: NewUser): Promise<{ name: string; password: string }> {
  const password = user.password ?? newPassword();
  refuseShort(password);
  await insertUser(server, user, await hashPassword(server, password), commandLine);
  return { name: user.name, password };
}

/** Adds a user who chooses the password by a link, which is shown once. Throws `Refused` likewise. */
export async function inviteUser(
  server: ServerContext,
  user: Omit<NewUser, 'password'>,
  actor: Actor,
): Promise<UserLink> {
  return makeLink(server, await insertUser(server, user, '', actor));
}

/** The users of a customer, of the provider (null), or all, by name. */
export async function listUsers(server: ServerContext, of: CustomerId | null | 'everybody'): Promise<User[]> {
  const { registry, now } = server;
  const users = registry<UserRow>('users').orderBy('name');
  if (of === null) users.whereNull('customer_id');
  else if (of !== 'everybody') users.where({ customer_id: of });
  const customers = await registry<CustomerRow>('customers').select('id', 'name');
  const names = new Map(customers.map(({ id, name }) => [id, name]));
  const locked = await lockedAccounts(registry, now());
  return (await users).map((user) => ({
    ...{
      id: user.id,
      name: user.name,
      role: user.role,
      customer: names.get(user.customer_id ?? ('' as never)) ?? null,
    },
    ...{ addedAt: user.created_at, lastSignInAt: user.last_sign_in_at, hasSecondFactor: user.second_factor !== null },
    ...{ isDisabled: user.disabled_at !== null, isInvited: user.password_hash === '', isLocked: locked.has(user.name) },
    isChangeDemanded: user.change_demanded_at !== null,
  }));
}

async function insertUser(
  server: ServerContext,
  { name, role, customerId, isInitial }: NewUser,
  password_hash: string,
  actor: Actor,
): Promise<UserRow> {
  if (name.trim() !== name || name.length === 0 || name.length > maxUserName) {
    throw new Refused(`a user's name has 1 to ${maxUserName} characters and no space around it`);
  }
  if (isProvider(role) !== (customerId === null)) {
    throw new Refused('an operator belongs to no customer, and everyone else to one: give either, not both');
  }
  const at = server.now();
  const row: UserRow = {
    ...{ id: randomUUID(), name, role, customer_id: customerId, password_hash, created_at: at },
    ...{ password_changed_at: at, earlier_hashes: null, change_demanded_at: isInitial ? at : null, disabled_at: null },
    ...{ last_sign_in_at: null, second_factor: null, second_factor_step: null, recovery_hashes: null },
  };
  await atomically(server.registry, async (registry) => {
    if (await registry<UserRow>('users').where({ name }).first('id')) {
      throw new Refused(`there is a user "${name}" already: choose another name`);
    }
    await registry('users').insert(row);
  });
  const invited = password_hash === '' ? { invited: true } : {};
  const entry = { at, actor, action: 'user-added', subject: name, detail: { role, ...invited } } as const;
  await auditForBoth(server, customerId, entry);
  return row;
}
