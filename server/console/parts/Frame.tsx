import { Drawer } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { customerAt, grantAt } from '../access.ts';
import type { Session } from '../api/types.ts';
import { words } from '../messages/messages.ts';
import { periodOf } from '../period.ts';
import css from './Frame.module.css';
import { Icon } from './Icon.tsx';
import { Inside } from './Inside.tsx';
import { KeyHelp } from './KeyHelp.tsx';
import { useKey, useKeyboard } from './keys.ts';
import { Navigation } from './Navigation.tsx';
import { PeriodPicker } from './PeriodPicker.tsx';

interface FrameProps {
  session: Session;
  /** The customer whose pages these are; none for the operator's own. */
  customerId?: string;
  /** Whether what is shown depends on the period. */
  withPeriod?: boolean;
  children: ReactNode;
}

/** Navigation on the left, customer and period on top, the page below. */
export function Frame({ session, customerId, withPeriod = false, children }: FrameProps) {
  const [menu, setMenu] = useState(false);
  const [help, setHelp] = useState(false);
  useKeyboard();
  useKey('?', words.keyHelp.help, () => setHelp(true));
  const grant = customerId === undefined ? undefined : grantAt(session, customerId);
  const navigation = <Navigation session={session} customerId={customerId} onHelp={() => setHelp(true)} />;
  return (
    <div className={css.frame}>
      <a href="#content" className={css.skip}>
        {words.skipLink}
      </a>
      <div className={css.side}>{navigation}</div>
      <Drawer
        opened={menu}
        onClose={() => setMenu(false)}
        size={280}
        withCloseButton={false}
        classNames={{ body: css.drawer ?? '' }}
        attributes={{ content: { 'aria-label': words.navigation } }}
      >
        {/* A choice in the drawer closes it. */}
        {/* biome-ignore lint/a11y: the links within are what is clicked; this only listens */}
        <div className={css.drawer} onClick={(event) => isLink(event.target) && setMenu(false)}>
          {navigation}
        </div>
      </Drawer>
      <div className={css.body}>
        <header className={css.top}>
          <button type="button" className={css.burger} aria-label={words.openNavigation} onClick={() => setMenu(true)}>
            <Icon name="menu" />
          </button>
          <Title session={session} customerId={customerId} />
          {withPeriod && (
            <div className={css.period}>
              <PeriodPicker />
            </div>
          )}
        </header>
        {grant && <Inside grant={grant} />}
        <Content>{children}</Content>
      </div>
      <KeyHelp opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function Title({ session, customerId }: { session: Session; customerId: string | undefined }) {
  const search = useSearch();
  if (!customerId) return <p className={css.customer}>{words.allCustomers}</p>;
  const name = customerAt(session, customerId)?.name ?? words.overview;
  return (
    <Link href={`/c/${customerId}${periodOf(search)}`} className={css.customer}>
      {name}
    </Link>
  );
}

// A new page starts at its top, and the keyboard with it.
function Content({ children }: { children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const [path] = useLocation();
  useEffect(() => {
    void path;
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <main id="content" ref={main} tabIndex={-1} className={css.main}>
      {children}
    </main>
  );
}

function isLink(target: EventTarget): boolean {
  return target instanceof Element && target.closest('a') !== null;
}
