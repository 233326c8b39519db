import { Modal, NativeSelect } from '@mantine/core';
import { changeRole, type Role, type Whose } from '../api/account-queries.ts';
import type { User } from '../api/types.ts';
import { roleHints, accountWords as say, words } from '../messages/messages.ts';
import css from './Dialog.module.css';
import { DialogButtons } from './DialogButtons.tsx';
import { Problem } from './Problem.tsx';
import { useSubmit } from './use-submit.ts';

const ofCustomer = ['viewer', 'author', 'admin'] as const;
const ofProvider = ['operator', 'operator-admin'] as const;

/** Gives a user another role. */
export function ChangeRole({ user, whose, onClose }: { user: User; whose: Whose; onClose(): void }) {
  const { problem, busy, onSubmit } = useSubmit((field) =>
    changeRole(whose, user.id, field('role') as Role).then(onClose),
  );
  const isProvider = ofProvider.some((role) => role === user.role);
  return (
    <Modal opened onClose={onClose} title={say.roleTitle(user.name)} closeButtonProps={{ 'aria-label': words.close }}>
      <form className={css.stack} onSubmit={onSubmit}>
        <Problem text={problem} />
        <RoleSelect roles={isProvider ? ofProvider : ofCustomer} chosen={user.role} />
        <p className="muted">{say.roleText}</p>
        <DialogButtons action={say.roleSave} busy={busy} />
      </form>
    </Modal>
  );
}

/** The roles that somebody can have there. */
export function RoleSelect({ roles, chosen }: { roles: readonly Role[]; chosen?: Role }) {
  const data = roles.map((role) => ({ value: role, label: roleHints[role] }));
  return <NativeSelect name="role" label={say.role} data={data} {...(chosen && { defaultValue: chosen })} />;
}
