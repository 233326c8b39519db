import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { inviteUser, type Role, type Whose } from '../api/account-queries.ts';
import { customersQuery } from '../api/queries.ts';
import type { UserLink } from '../api/types.ts';
import { Unfit } from '../explain.ts';
import { accountWords as say } from '../messages/messages.ts';
import { RoleSelect } from './ChangeRole.tsx';
import css from './Dialog.module.css';
import { DialogButtons } from './DialogButtons.tsx';
import { HandOverLink } from './HandOver.tsx';
import { MakeDialog } from './MakeDialog.tsx';
import { Problem } from './Problem.tsx';
import { ProofFields, proofOf } from './ProofFields.tsx';
import { useSubmit } from './use-submit.ts';

interface AddUserProps {
  whose: Whose;
  /** The name of the customer, where it is known: of everybody's users its first, who administers it. */
  customer?: string;
  onClose(): void;
}

/** Asks who it is, and shows the link by which they choose a password. */
export function AddUser({ whose, customer, onClose }: AddUserProps) {
  return (
    <MakeDialog<{ link: UserLink; name: string }>
      title={(made) => (made ? say.handOver(made.name) : customer === undefined ? say.add : say.addAt(customer))}
      size="lg"
      wish={(onMade) => <Wish whose={whose} known={customer} onMade={onMade} />}
      shown={(made) => <HandOverLink {...made} onDone={onClose} />}
      onClose={onClose}
    />
  );
}

interface WishProps {
  whose: Whose;
  known: string | undefined;
  onMade(made: { link: UserLink; name: string }): void;
}

function Wish({ whose, known, onMade }: WishProps) {
  const [customer, setCustomer] = useState(known ?? '');
  const [role, setRole] = useState<Role>(known !== undefined ? 'admin' : whose === 'everybody' ? 'operator' : 'viewer');
  const isProved = role !== 'viewer' && role !== 'author';
  const chooseCustomer = (chosen: string) => {
    setCustomer(chosen);
    setRole(chosen === '' ? 'operator' : 'viewer');
  };
  const { problem, busy, onSubmit } = useSubmit(async (field) => {
    const name = field('name').trim();
    if (name === '') throw new Unfit(say.nameMissing);
    const wish = { name, role, customer: customer === '' ? null : customer };
    onMade({ name, link: await inviteUser(whose, { ...wish, ...(isProved && proofOf(field)) }) });
  });
  const isOperator = whose === 'everybody' && customer === '';
  return (
    <form className={css.stack} onSubmit={onSubmit} noValidate>
      <Problem text={problem} />
      <TextInput name="name" label={say.name} maxLength={200} autoComplete="off" data-autofocus />
      {whose === 'everybody' && known === undefined && <CustomerSelect chosen={customer} onChoose={chooseCustomer} />}
      <RoleSelect
        roles={isOperator ? ['operator', 'operator-admin'] : ['viewer', 'author', 'admin']}
        chosen={role}
        onChoose={setRole}
      />
      <p className="muted">{say.inviteHint}</p>
      {isProved && <ProofFields />}
      <DialogButtons action={say.invite} busy={busy} />
    </form>
  );
}

function CustomerSelect({ chosen, onChoose }: { chosen: string; onChoose(name: string): void }) {
  const { data } = useQuery(customersQuery);
  const names = data?.customers.map(({ name }) => name) ?? [];
  return (
    <NativeSelect
      label={say.customerOf}
      value={chosen}
      onChange={(event) => onChoose(event.currentTarget.value)}
      data={[{ value: '', label: say.provider }, ...names]}
    />
  );
}
