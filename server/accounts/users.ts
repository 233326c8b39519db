import { randomUUID } from 'node:crypto';
import { atomically } from '../../db/atomically.ts';
import type { CustomerId } from '../../db/customers.ts';
import type { Role, UserRow } from '../../db/registry/rows.ts';
import { auditForBoth, commandLine } from '../audit/audit.ts';
import type { ServerContext } from '../http/context.ts';
import { isProvider } from '../http/permissions.ts';
import { Refused } from '../http/refused.ts';
import { hashPassword, newPassword } from './password.ts';

export interface NewUser {
  name: string;
  role: Role;
  /** Null for an operator, and only then. */
  customerId: CustomerId | null;
  /** At least 12 characters; one is made if it isn't given. */
  password?: string;
}

export const maxUserName = 200;

/** Adds a user and returns the password to hand over. Throws `Refused` if the name is taken or something doesn't fit. */
export async function addUser(server: ServerContext, user: NewUser): Promise<{ name: string; password: string }> {
  const { name, role, customerId } = user;
  if (name.trim() !== name || name.length === 0 || name.length > maxUserName) {
    throw new Refused(`a user's name has 1 to ${maxUserName} characters and no space around it`);
  }
  if (isProvider(role) !== (customerId === null)) {
    throw new Refused('an operator belongs to no customer, and everyone else to one: give either, not both');
  }
  const password = user.password ?? newPassword();
  const row: UserRow = {
    id: randomUUID(),
    name,
    role,
    customer_id: customerId,
    password_hash: await hashPassword(server, password),
    created_at: server.now(),
  };
  await atomically(server.registry, async (registry) => {
    if (await registry<UserRow>('users').where({ name }).first('id')) {
      throw new Refused(`there is a user "${name}" already: choose another name`);
    }
    await registry('users').insert(row);
  });
  const entry = {
    at: row.created_at,
    actor: commandLine,
    action: 'user-added',
    subject: name,
    detail: { role },
  } as const;
  await auditForBoth(server, customerId, entry);
  return { name, password };
}
