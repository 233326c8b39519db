import { Menu, useMantineColorScheme } from '@mantine/core';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { signOut } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { passwordWarning, words } from '../messages/messages.ts';
import css from './Account.module.css';
import { Icon } from './Icon.tsx';

const appearances = [
  { scheme: 'light', icon: 'sun', text: words.light },
  { scheme: 'dark', icon: 'moon', text: words.dark },
  { scheme: 'auto', icon: 'screen', text: words.system },
] as const;

/** Who is signed in, how the console looks, its keys, and the way out. */
export function Account({ session, onHelp }: { session: Session; onHelp(): void }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [stuck, setStuck] = useState(false);
  const [, navigate] = useLocation();
  const warning = passwordWarning(session.user.passwordEndsAt, Date.now());
  // A fresh load leaves nothing of one user's for the next, and forgets where this one was.
  const leave = () =>
    void signOut().then(
      () => location.assign('/sign-in'),
      () => setStuck(true),
    );
  return (
    <div className={css.account}>
      {warning && (
        <p className={css.warning}>
          {warning} <Link href="/account">{words.account}</Link>
        </p>
      )}
      {stuck && (
        <p role="alert" className={css.stuck}>
          {words.signOutFailed}
        </p>
      )}
      <Menu position="top-start" width={216} withinPortal>
        <Menu.Target>
          <button type="button" className={css.who}>
            <span className={css.initial} aria-hidden="true">
              {session.user.name.slice(0, 1).toUpperCase()}
            </span>
            <span className={css.names}>
              <span>
                <span className="hidden">{words.account}: </span>
                {session.user.name}
              </span>
              <span className="faint small">{words.role[session.user.role]}</span>
            </span>
            <Icon name="down" size={12} />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Icon name="user" size={14} />} onClick={() => navigate('/account')}>
            {words.account}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Label>{words.appearance}</Menu.Label>
          {appearances.map(({ scheme, icon, text }) => (
            <Menu.Item
              key={scheme}
              role="menuitemradio"
              aria-checked={colorScheme === scheme}
              leftSection={<Icon name={icon} size={14} />}
              rightSection={colorScheme === scheme ? <Icon name="check" size={14} /> : null}
              onClick={() => setColorScheme(scheme)}
            >
              {text}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item
            leftSection={<Icon name="keys" size={14} />}
            rightSection={<kbd className={css.key}>?</kbd>}
            onClick={onHelp}
          >
            {words.keys}
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="leave" size={14} />} onClick={leave}>
            {words.signOut}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
