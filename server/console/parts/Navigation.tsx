import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useLocation, useSearch } from 'wouter';
import { mayAt } from '../access.ts';
import { overviewQuery } from '../api/queries.ts';
import type { Overview, Session } from '../api/types.ts';
import { messages, accessWords as say, stateWords, words } from '../messages/messages.ts';
import { periodOf } from '../period.ts';
import { Account } from './Account.tsx';
import { Icon } from './Icon.tsx';
import { useKey } from './keys.ts';
import { Logo } from './Logo.tsx';
import css from './Navigation.module.css';
import { Shape } from './State.tsx';

/** Where one can go: only to what is there. */
export function Navigation(props: { session: Session; customerId: string | undefined; onHelp(): void }) {
  const { session, customerId, onHelp } = props;
  return (
    <nav className={css.navigation} aria-label={words.navigation}>
      <div className={css.brand}>
        <Link href="/" aria-label={words.product}>
          <Logo />
        </Link>
      </div>
      <div className={css.places}>
        {session.customer === null && (
          <>
            <Place href="/" icon={<Icon name="customers" />}>
              {words.customers}
            </Place>
            <Place href="/audit" icon={<Icon name="audit" />}>
              {words.audit.title}
            </Place>
            {session.may.includes('manage operators') && (
              <Place href="/users" icon={<Icon name="user" />}>
                {words.users}
              </Place>
            )}
          </>
        )}
        {customerId && <CustomerPlaces session={session} customerId={customerId} />}
      </div>
      <Account session={session} onHelp={onHelp} />
    </nav>
  );
}

function CustomerPlaces({ session, customerId }: { session: Session; customerId: string }) {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const { data } = useQuery(overviewQuery(customerId));
  const home = `/c/${customerId}`;
  useKey('o', words.keyHelp.overview, () => navigate(home + periodOf(search)));
  useKey('f', words.keyHelp.failures, () => navigate(`${home}/failures${periodOf(search)}`));
  useKey('m', messages.keys.monitors, () => navigate(`${home}/monitors`));
  useKey('r', messages.reports.keys.reports, () => navigate(`${home}/reports`));
  useKey('s', words.keyHelp.sentinels, () => navigate(`${home}/sentinels`));
  const monitors = listed(data?.monitors ?? [], path);
  return (
    <>
      <Place href={home} search={periodOf(search)} icon={<Icon name="overview" />}>
        {words.overview}
      </Place>
      <Place href={`${home}/failures`} search={periodOf(search)} icon={<Icon name="failures" />}>
        {words.failures}
      </Place>
      <Place href={`${home}/monitors`} icon={<Icon name="monitors" />}>
        {words.monitors}
      </Place>
      <Place href={`${home}/reports`} icon={<Icon name="reports" />}>
        {messages.reports.title}
      </Place>
      <Place href={`${home}/scripts`} icon={<Icon name="scripts" />}>
        {messages.scripts.title}
      </Place>
      <Place href={`${home}/sentinels`} icon={<Icon name="sentinels" />}>
        {words.sentinels}
      </Place>
      <Place href={`${home}/archive`} icon={<Icon name="archive" />}>
        {messages.archive.title}
      </Place>
      {mayAt(session, customerId, 'manage users') && (
        <Place href={`${home}/users`} icon={<Icon name="user" />}>
          {words.users}
        </Place>
      )}
      {mayAt(session, customerId, 'manage tokens') && (
        <Place href={`${home}/tokens`} icon={<Icon name="tokens" />}>
          {say.tokens}
        </Place>
      )}
      {mayAt(session, customerId, 'see audit trail') && (
        <Place href={`${home}/audit`} search={periodOf(search)} icon={<Icon name="audit" />}>
          {words.audit.title}
        </Place>
      )}
      {monitors.length > 0 && <h2 className={css.heading}>{words.monitors}</h2>}
      {monitors.map((monitor) => (
        <Place
          key={monitor.id}
          href={`${home}/monitors/${monitor.id}`}
          search={periodOf(search)}
          icon={<Shape kind={monitor.state} size={10} />}
          title={`${monitor.name}: ${stateWords[monitor.state]}`}
        >
          {monitor.name}
          <span className="hidden">, {stateWords[monitor.state]}</span>
        </Place>
      ))}
    </>
  );
}

/** More monitors than this would bury the rest: then only those that need a look are listed, and the one that is shown. */
const mostMonitors = 15;

function listed(monitors: Overview['monitors'], path: string): Overview['monitors'] {
  const byName = monitors.toSorted((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
  if (monitors.length <= mostMonitors) return byName;
  const urgent = monitors.filter(({ state }) => state === 'failing' || state === 'degraded').slice(0, mostMonitors);
  return byName.filter((monitor) => urgent.includes(monitor) || path.endsWith(monitor.id));
}

function Place(props: { href: string; search?: string; icon: ReactNode; title?: string; children: ReactNode }) {
  const [path] = useLocation();
  return (
    <Link
      href={props.href + (props.search ?? '')}
      className={css.place ?? ''}
      aria-current={path === props.href ? 'page' : undefined}
      title={props.title}
    >
      <span className={css.icon}>{props.icon}</span>
      <span className={css.name}>{props.children}</span>
    </Link>
  );
}
