import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { grantAt, mayAt } from './access.ts';
import { sessionQuery } from './api/queries.ts';
import type { Session } from './api/types.ts';
import { words } from './messages/messages.ts';
import { MonitorPage } from './pages/Monitor.tsx';
import { NotFoundPage } from './pages/NotFound.tsx';
import { OverviewPage } from './pages/Overview.tsx';
import { SignInPage } from './pages/SignIn.tsx';
import { Crash } from './parts/Crash.tsx';
import { Frame } from './parts/Frame.tsx';
import { Missing } from './parts/Missing.tsx';
import { Refused } from './parts/Notice.tsx';

// Whoever opens the console comes to the overview or to a monitor: the other pages come when they are wanted.
const AccountPage = lazy(() => import('./pages/Account.tsx').then((file) => ({ default: file.AccountPage })));
const ArchivePage = lazy(() => import('./pages/Archive.tsx').then((file) => ({ default: file.ArchivePage })));
const AuditPage = lazy(() => import('./pages/Audit.tsx').then((file) => ({ default: file.AuditPage })));
const CustomersPage = lazy(() => import('./pages/Customers.tsx').then((file) => ({ default: file.CustomersPage })));
const DuePage = lazy(() => import('./pages/Due.tsx').then((file) => ({ default: file.DuePage })));
const FailureGroupPage = lazy(() =>
  import('./pages/FailureGroup.tsx').then((file) => ({ default: file.FailureGroupPage })),
);
const FailuresPage = lazy(() => import('./pages/Failures.tsx').then((file) => ({ default: file.FailuresPage })));
const ChangeMonitorPage = lazy(() =>
  import('./pages/MonitorForm.tsx').then((file) => ({ default: file.ChangeMonitorPage })),
);
const NewMonitorPage = lazy(() => import('./pages/MonitorForm.tsx').then((file) => ({ default: file.NewMonitorPage })));
const MonitorsPage = lazy(() => import('./pages/Monitors.tsx').then((file) => ({ default: file.MonitorsPage })));
const OutsidePage = lazy(() => import('./pages/Outside.tsx').then((file) => ({ default: file.OutsidePage })));
const PasswordLinkPage = lazy(() =>
  import('./pages/PasswordLink.tsx').then((file) => ({ default: file.PasswordLinkPage })),
);
const ReportsPage = lazy(() => import('./pages/Reports.tsx').then((file) => ({ default: file.ReportsPage })));
const RestoredPage = lazy(() => import('./pages/Restored.tsx').then((file) => ({ default: file.RestoredPage })));
const RunPage = lazy(() => import('./pages/Run.tsx').then((file) => ({ default: file.RunPage })));
const ScriptPage = lazy(() => import('./pages/Script.tsx').then((file) => ({ default: file.ScriptPage })));
const EditScriptPage = lazy(() =>
  import('./pages/ScriptEditor.tsx').then((file) => ({ default: file.EditScriptPage })),
);
const NewScriptPage = lazy(() => import('./pages/ScriptEditor.tsx').then((file) => ({ default: file.NewScriptPage })));
const ScriptsPage = lazy(() => import('./pages/Scripts.tsx').then((file) => ({ default: file.ScriptsPage })));
const SentinelsPage = lazy(() => import('./pages/Sentinels.tsx').then((file) => ({ default: file.SentinelsPage })));
const TargetsPage = lazy(() => import('./pages/Targets.tsx').then((file) => ({ default: file.TargetsPage })));
const TokensPage = lazy(() => import('./pages/Tokens.tsx').then((file) => ({ default: file.TokensPage })));
const UsersPage = lazy(() => import('./pages/Users.tsx').then((file) => ({ default: file.UsersPage })));

export function App() {
  const session = useQuery(sessionQuery);
  if (session.data) return <SignedIn session={session.data} />;
  if (session.data === null) return <SignedOut />;
  if (session.isPending) return null;
  return (
    <Refused
      title={words.failedToLoad}
      next={words.unreachable}
      action={words.tryAgain}
      onAction={() => void session.refetch()}
    />
  );
}

// Whoever comes without a session signs in, and is then taken where they wanted to go.
function SignedOut() {
  const [path] = useLocation();
  const search = useSearch();
  if (path === '/sign-in') return <SignInPage />;
  if (path === '/password') return <PasswordLinkPage />;
  const here = path + (search === '' ? '' : `?${search}`);
  return <Redirect to={here === '/' ? '/sign-in' : `/sign-in?to=${encodeURIComponent(here)}`} replace />;
}

function SignedIn({ session }: { session: Session }) {
  const [path] = useLocation();
  if (path === '/password') return <PasswordLinkPage />;
  if (session.due) return <DuePage session={session} />;
  return (
    <Switch>
      <Route path="/sign-in">
        <Onward />
      </Route>
      <Route path="/">
        {session.customer ? <Redirect to={`/c/${session.customer.id}`} replace /> : <Home session={session} />}
      </Route>
      <Route path="/account">
        <Framed session={session} {...(session.customer ? { customerId: session.customer.id } : {})}>
          <AccountPage session={session} />
        </Framed>
      </Route>
      <Route path="/users">
        <Framed session={session}>
          <UsersPage whose="everybody" />
        </Framed>
      </Route>
      <Route path="/c/:customerId/users">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <UsersPage whose={customerId} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <OverviewPage customerId={customerId} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/sentinels">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <SentinelsPage customerId={customerId} mayChange={mayAt(session, customerId, 'change sentinels')} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/reports">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <ReportsPage key={customerId} customerId={customerId} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/targets">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <TargetsPage customerId={customerId} mayChange={mayAt(session, customerId, 'change targets')} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/archive">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <ArchivePage
              key={customerId}
              customerId={customerId}
              mayChange={mayAt(session, customerId, 'change archive')}
              mayKeep={mayAt(session, customerId, 'keep archive keys')}
            />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/archive/:month">
        {({ customerId, month }) => (
          <Framed session={session} customerId={customerId}>
            <RestoredPage key={month} customerId={customerId} month={month} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/tokens">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <TokensPage customerId={customerId} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/audit">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId} withPeriod>
            <AuditPage customerId={customerId} />
          </Framed>
        )}
      </Route>
      <Route path="/audit">
        <Framed session={session} withPeriod>
          <AuditPage />
        </Framed>
      </Route>
      <Route path="/c/:customerId/failures">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId} withPeriod>
            <FailuresPage customerId={customerId} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/failures/:groupId">
        {({ customerId, groupId }) => (
          <Framed session={session} customerId={customerId} withPeriod>
            <FailureGroupPage key={groupId} customerId={customerId} groupId={groupId} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/monitors">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <MonitorsPage
              customerId={customerId}
              mayChange={mayAt(session, customerId, 'change monitors')}
              mayPlan={mayAt(session, customerId, 'change maintenance')}
            />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/monitors/new">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <ForAuthors session={session} customerId={customerId}>
              <NewMonitorPage customerId={customerId} />
            </ForAuthors>
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/monitors/:monitorId/settings">
        {({ customerId, monitorId }) => (
          <Framed session={session} customerId={customerId}>
            <ForAuthors session={session} customerId={customerId}>
              <ChangeMonitorPage key={monitorId} customerId={customerId} monitorId={monitorId} />
            </ForAuthors>
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/monitors/:monitorId">
        {({ customerId, monitorId }) => (
          <Framed session={session} customerId={customerId} withPeriod>
            <MonitorPage
              key={monitorId}
              customerId={customerId}
              monitorId={monitorId}
              mayRun={mayAt(session, customerId, 'run monitors')}
              mayChange={mayAt(session, customerId, 'change monitors')}
            />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/scripts">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <ScriptsPage customerId={customerId} mayChange={mayAt(session, customerId, 'change monitors')} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/scripts/new">
        {({ customerId }) => (
          <Framed session={session} customerId={customerId}>
            <ForAuthors session={session} customerId={customerId}>
              <NewScriptPage customerId={customerId} />
            </ForAuthors>
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/scripts/:script">
        {({ customerId, script }) => (
          <Framed session={session} customerId={customerId}>
            <ScriptPage
              key={script}
              customerId={customerId}
              script={script}
              mayChange={mayAt(session, customerId, 'change monitors')}
            />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/scripts/:script/edit">
        {({ customerId, script }) => (
          <Framed session={session} customerId={customerId}>
            <ForAuthors session={session} customerId={customerId}>
              <EditScriptPage key={script} customerId={customerId} script={script} />
            </ForAuthors>
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/runs/:runId">
        {({ customerId, runId }) => (
          <Framed session={session} customerId={customerId}>
            <RunPage customerId={customerId} runId={runId} />
          </Framed>
        )}
      </Route>
      <Route>
        <Framed session={session} {...(session.customer ? { customerId: session.customer.id } : {})}>
          <NotFoundPage />
        </Framed>
      </Route>
    </Switch>
  );
}

function Home({ session }: { session: Session }) {
  return (
    <Framed session={session}>
      <CustomersPage session={session} />
    </Framed>
  );
}

/** What only those see who may change monitors and scripts; for all others it is not there. */
function ForAuthors({ session, customerId, children }: { session: Session; customerId: string; children: ReactNode }) {
  return mayAt(session, customerId, 'change monitors') ? children : <Missing />;
}

function Framed(props: { session: Session; customerId?: string; withPeriod?: boolean; children: ReactNode }) {
  const { session, customerId, children } = props;
  const isOutside = session.customer === null && customerId !== undefined && !grantAt(session, customerId);
  if (isOutside) {
    return (
      <Frame session={session}>
        <OutsidePage customerId={customerId} />
      </Frame>
    );
  }
  return (
    <Frame {...props}>
      <Crash>
        <Suspense>{children}</Suspense>
      </Crash>
    </Frame>
  );
}

function Onward() {
  const to = new URLSearchParams(useSearch()).get('to') ?? '/';
  // Only addresses of our own: `//elsewhere` and `/\elsewhere` would be another site's.
  const own = /^\/(?![/\\])/.test(to);
  return <Redirect to={own ? to : '/'} replace />;
}
