import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import { type Deed, doToUser, linkForUser, removeFactorOf, type Whose } from '../api/account-queries.ts';
import { sessionQuery } from '../api/queries.ts';
import type { User, UserLink } from '../api/types.ts';
import { accountState, deeds, accountWords as say, words } from '../messages/messages.ts';
import { BlockTable } from './BlockTable.tsx';
import { ChangeRole } from './ChangeRole.tsx';
import { Confirm } from './Confirm.tsx';
import { FormDialog } from './FormDialog.tsx';
import { HandOver } from './HandOver.tsx';
import { Icon } from './Icon.tsx';
import { Instant } from './Instant.tsx';
import { ProofFields, proofOf } from './ProofFields.tsx';
import css from './UserTable.module.css';
import { useSubmit } from './use-submit.ts';

type ProvedDeed = 'link' | 'second-factor-removal';
type Action = Deed | ProvedDeed | 'role';

/** The users by name, and what an administrator can do to each; to themselves on the page Account alone. */
export function UserTable({ users, whose }: { users: readonly User[]; whose: Whose }) {
  const [acting, setActing] = useState<{ action: Action; user: User }>();
  const [link, setLink] = useState<{ link: UserLink; name: string }>();
  const own = useQuery(sessionQuery).data?.user.id;
  const stop = () => setActing(undefined);
  return (
    <div className="panel scroll">
      <BlockTable
        columns={[
          say.name,
          say.role,
          whose === 'everybody' && say.customerOf,
          say.factor,
          say.lastSignIn,
          say.state,
          { name: say.actions, isHidden: true },
        ]}
      >
        {users.map((user) => (
          <Row key={user.id} user={user} whose={whose}>
            {user.id === own ? (
              <Link href="/account">{words.account}</Link>
            ) : (
              <Actions user={user} onAct={(action) => setActing({ action, user })} />
            )}
          </Row>
        ))}
      </BlockTable>
      {acting?.action === 'role' && <ChangeRole user={acting.user} whose={whose} onClose={stop} />}
      {acting && isProved(acting.action) && (
        <AskForProof {...acting} action={acting.action} whose={whose} onClose={stop} onLink={setLink} />
      )}
      {acting && isPlain(acting.action) && <Ask {...acting} action={acting.action} whose={whose} onClose={stop} />}
      {link && <HandOver {...link} onClose={() => setLink(undefined)} />}
    </div>
  );
}

function Row({ user, whose, children }: { user: User; whose: Whose; children: ReactNode }) {
  return (
    <tr>
      <th scope="row">{user.name}</th>
      <td data-label={say.role}>{words.role[user.role]}</td>
      {whose === 'everybody' && <td data-label={say.customerOf}>{user.customer ?? '–'}</td>}
      <td data-label={say.factor}>{user.hasSecondFactor ? say.on : say.off}</td>
      <td data-label={say.lastSignIn}>
        {user.lastSignInAt === null ? words.never : <Instant at={user.lastSignInAt} precision="minutes" />}
      </td>
      <td data-label={say.state}>{accountState(user)}</td>
      <td className="number act">{children}</td>
    </tr>
  );
}

function Actions({ user, onAct }: { user: User; onAct(action: Action): void }) {
  const possible: Action[] = [
    'role',
    ...(user.isDisabled ? [] : (['link', 'password-change'] as const)),
    ...(user.isLocked ? (['unlocking'] as const) : []),
    ...(user.hasSecondFactor ? (['second-factor-removal'] as const) : []),
    user.isDisabled ? 'enabling' : 'disabling',
  ];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <button type="button" className={css.more} aria-label={say.more(user.name)}>
          <Icon name="down" size={14} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {possible.map((action) => (
          <Menu.Item key={action} onClick={() => onAct(action)}>
            {actionText(action)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function actionText(action: Action): string {
  return action === 'role' ? say.roleSave : deeds[action].action;
}

function isProved(action: Action): action is ProvedDeed {
  return action === 'link' || action === 'second-factor-removal';
}

function isPlain(action: Action): action is Deed {
  return action !== 'role' && !isProved(action);
}

interface AskProps<Of extends Action> {
  action: Of;
  user: User;
  whose: Whose;
  onClose(): void;
}

function Ask({ action, user, whose, onClose }: AskProps<Deed>) {
  const { title, text, ...deed } = deeds[action];
  return (
    <Confirm
      title={`${title} ${user.name}`}
      action={deed.action}
      isFinal={action === 'disabling'}
      onConfirm={() => doToUser(whose, user.id, action)}
      onClose={onClose}
    >
      <p>{text}</p>
    </Confirm>
  );
}

interface AskForProofProps extends AskProps<ProvedDeed> {
  onLink(made: { link: UserLink; name: string }): void;
}

/** By these the account could be taken over. */
function AskForProof({ action, user, whose, onClose, onLink }: AskForProofProps) {
  const { title, text, ...deed } = deeds[action];
  const form = useSubmit(async (field) => {
    const proof = proofOf(field);
    if (action === 'link') onLink({ link: await linkForUser(whose, user.id, proof), name: user.name });
    else await removeFactorOf(whose, user.id, proof);
    onClose();
  });
  return (
    <FormDialog title={`${title} ${user.name}`} form={form} action={deed.action} onClose={onClose}>
      <p>{text}</p>
      <ProofFields />
    </FormDialog>
  );
}
