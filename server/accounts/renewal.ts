import type { CustomerRow, Role, UserRow } from '../../db/registry/rows.ts';

const dayMs = 86_400_000;
/** A password is good for so long (ms), and its user is told of it ahead. */
export const passwordLifeMs = 90 * dayMs;

/** Columns of `users` and `customers` by which what is due is judged. */
export type Dated = Pick<UserRow, 'role' | 'password_changed_at' | 'change_demanded_at' | 'second_factor'> &
  Pick<CustomerRow, 'password_renewal'>;

/** What a user has to do before anything else. */
export type Due = 'password' | 'second-factor';

/** Who has to have a second factor, where the server asks for it. */
const powerful: ReadonlySet<Role> = new Set(['admin', 'operator', 'operator-admin']);

/** When the password has to be renewed (ms); null: never. */
export function passwordEndsAt(user: Dated): number | null {
  if (user.password_renewal === 'without-second-factor' && user.second_factor !== null) return null;
  return (user.password_changed_at ?? 0) + passwordLifeMs;
}

/** What the user has to do first, at `now`; null: nothing. */
export function dueOf(user: Dated, needsFactor: boolean, now: number): Due | null {
  const endsAt = passwordEndsAt(user);
  if (user.change_demanded_at !== null || (endsAt !== null && endsAt <= now)) return 'password';
  return needsFactor && user.second_factor === null && powerful.has(user.role) ? 'second-factor' : null;
}
