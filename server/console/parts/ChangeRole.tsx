import { NativeSelect } from '@mantine/core';
import { changeRole, type Role, type Whose } from '../api/account-queries.ts';
import type { User } from '../api/types.ts';
import { roleHints, accountWords as say } from '../messages/messages.ts';
import { FormDialog } from './FormDialog.tsx';
import { useSubmit } from './use-submit.ts';

const ofCustomer = ['viewer', 'author', 'admin'] as const;
const ofProvider = ['operator', 'operator-admin'] as const;

/** Gives a user another role. */
export function ChangeRole({ user, whose, onClose }: { user: User; whose: Whose; onClose(): void }) {
  const form = useSubmit((field) => changeRole(whose, user.id, field('role') as Role).then(onClose));
  const isProvider = ofProvider.some((role) => role === user.role);
  return (
    <FormDialog title={say.roleTitle(user.name)} form={form} action={say.roleSave} onClose={onClose}>
      <RoleSelect roles={isProvider ? ofProvider : ofCustomer} chosen={user.role} />
      <p className="muted">{say.roleText}</p>
    </FormDialog>
  );
}

/** The roles that somebody can have there. */
export function RoleSelect({ roles, chosen }: { roles: readonly Role[]; chosen?: Role }) {
  const data = roles.map((role) => ({ value: role, label: roleHints[role] }));
  return <NativeSelect name="role" label={say.role} data={data} {...(chosen && { defaultValue: chosen })} />;
}
