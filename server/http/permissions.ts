import type { Role } from '../../db/registry/rows.ts';

/*
 * Who may do what: the one table. Every route names one of these, and nothing else decides.
 */

export type Rule =
  /** Whoever asks: nobody is known yet, or it is for all to see. */
  | { of: 'anybody' }
  /** Whoever holds a sentinel's key, for what is that sentinel's own. */
  | { of: 'sentinel' }
  /** Whoever holds a token of a customer, for what is that token's own. */
  | { of: 'token' }
  /** Whoever is signed in, for what is their own. */
  | { of: 'account' }
  /**
   * At the customer whose address it is. An operator who has entered it has what a viewer has; with changes, what an
   * admin has, but for what says who else gets in (`isAccess`).
   */
  | { of: 'customer'; roles: readonly CustomerRole[]; isAccess?: true }
  /** At the provider. For all others it doesn't exist. */
  | { of: 'provider'; roles: readonly ProviderRole[] };

export type ProviderRole = 'operator' | 'operator-admin';
export type CustomerRole = Exclude<Role, ProviderRole>;

const everyone = ['viewer', 'author', 'admin'] as const;
const authors = ['author', 'admin'] as const;
const admins = ['admin'] as const;
const operators = ['operator', 'operator-admin'] as const;

export const permissions = {
  'come in': { of: 'anybody' },
  'be a sentinel': { of: 'sentinel' },
  'use own account': { of: 'account' },
  'use own token': { of: 'token' },

  read: { of: 'customer', roles: everyone },
  'see evidence': { of: 'customer', roles: everyone },
  'run monitors': { of: 'customer', roles: authors },
  'change monitors': { of: 'customer', roles: authors },
  'change targets': { of: 'customer', roles: authors },
  'change maintenance': { of: 'customer', roles: admins },
  'change sentinels': { of: 'customer', roles: admins },
  'change archive': { of: 'customer', roles: admins },
  'keep archive keys': { of: 'customer', roles: admins, isAccess: true },
  'see audit trail': { of: 'customer', roles: admins },
  'manage users': { of: 'customer', roles: admins, isAccess: true },
  'manage tokens': { of: 'customer', roles: admins, isAccess: true },

  'see all customers': { of: 'provider', roles: operators },
  'enter customers': { of: 'provider', roles: operators },
  'see audit trail of provider': { of: 'provider', roles: operators },
  'add customers': { of: 'provider', roles: ['operator-admin'] },
  'manage operators': { of: 'provider', roles: ['operator-admin'] },
} as const satisfies Record<string, Rule>;

export type Permission = keyof typeof permissions;

/** The permissions that are about a thing of this kind. */
export type PermissionOf<Kind extends Rule['of']> = {
  [Name in Permission]: (typeof permissions)[Name] extends { of: Kind } ? Name : never;
}[Permission];

/** Whether that rule lets in somebody of this role, or an operator inside a customer, `reading` or `changing`. */
export function allows(rule: Rule, who: Role | 'reading' | 'changing'): boolean {
  switch (rule.of) {
    case 'anybody':
    case 'account':
      return true;
    case 'sentinel':
    case 'token':
      return false;
    case 'provider':
      return rule.roles.some((role) => role === who);
    case 'customer':
      if (who === 'reading') return rule.roles.includes('viewer');
      if (who === 'changing') return rule.roles.includes('admin') && !rule.isAccess;
      return rule.roles.some((role) => role === who);
  }
}

const names = Object.keys(permissions) as Permission[];

/** What they may do that not everybody may. */
export function permissionsOf(who: Parameters<typeof allows>[1]): Permission[] {
  return names.filter((name) => 'roles' in permissions[name] && allows(permissions[name], who));
}

/** What a token can be for: all that one does at a customer, but who gets in. */
export const scopes = names.filter(
  (name) => allows(permissions[name], 'changing') && permissions[name].of === 'customer',
);

export function isScoped(name: string): name is Permission {
  return scopes.some((scope) => scope === name);
}

export function isProvider(role: Role): role is ProviderRole {
  return operators.some((operator) => operator === role);
}
