import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { changeRole, type Role, type Whose } from '../api/account-queries.ts';
import type { User } from '../api/types.ts';
import { roleHints, accountWords as say } from '../messages/messages.ts';
import { FormDialog } from './FormDialog.tsx';
import { ProofFields, proofOf } from './ProofFields.tsx';
import { useSubmit } from './use-submit.ts';

const ofCustomer = ['viewer', 'author', 'admin'] as const;
const ofProvider = ['operator', 'operator-admin'] as const;

/** Gives a user another role. */
export function ChangeRole({ user, whose, onClose }: { user: User; whose: Whose; onClose(): void }) {
  const [role, setRole] = useState(user.role);
  const roles: readonly Role[] = ofProvider.some((one) => one === user.role) ? ofProvider : ofCustomer;
  const isRaise = roles.indexOf(role) > roles.indexOf(user.role);
  const form = useSubmit(async (field) => {
    await changeRole(whose, user.id, { role, ...(isRaise && proofOf(field)) });
    onClose();
  });
  return (
    <FormDialog title={say.roleTitle(user.name)} form={form} action={say.roleSave} onClose={onClose}>
      <RoleSelect roles={roles} chosen={role} onChoose={setRole} />
      <p className="muted">{say.roleText}</p>
      {isRaise && <ProofFields />}
    </FormDialog>
  );
}

interface RoleSelectProps {
  roles: readonly Role[];
  chosen: Role;
  onChoose(role: Role): void;
}

/** The roles that somebody can have there. */
export function RoleSelect({ roles, chosen, onChoose }: RoleSelectProps) {
  return (
    <NativeSelect
      label={say.role}
      value={chosen}
      onChange={(event) => onChoose(event.currentTarget.value as Role)}
      data={roles.map((role) => ({ value: role, label: roleHints[role] }))}
    />
  );
}
