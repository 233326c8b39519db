import { useQuery } from '@tanstack/react-query';
import { lazy, type ReactNode, Suspense } from 'react';
import { Redirect, Route, Switch, useLocation, useSearch } from 'wouter';
import { grantAt, mayAt } from './access.ts';
import { sessionQuery } from './api/queries.ts';
import type { Session } from './api/types.ts';
import { AccountPage } from './pages/Account.tsx';
import { AuditPage } from './pages/Audit.tsx';
import { CustomersPage } from './pages/Customers.tsx';
import { DuePage } from './pages/Due.tsx';
import { FailureGroupPage } from './pages/FailureGroup.tsx';
import { FailuresPage } from './pages/Failures.tsx';
import { MonitorPage } from './pages/Monitor.tsx';
import { ChangeMonitorPage, NewMonitorPage } from './pages/MonitorForm.tsx';
import { MonitorsPage } from './pages/Monitors.tsx';
import { NotFoundPage } from './pages/NotFound.tsx';
import { OutsidePage } from './pages/Outside.tsx';
import { OverviewPage } from './pages/Overview.tsx';
import { PasswordLinkPage } from './pages/PasswordLink.tsx';
import { RunPage } from './pages/Run.tsx';
import { ScriptPage } from './pages/Script.tsx';
import { EditScriptPage, NewScriptPage } from './pages/ScriptEditor.tsx';
import { ScriptsPage } from './pages/Scripts.tsx';
import { SentinelsPage } from './pages/Sentinels.tsx';
import { SignInPage } from './pages/SignIn.tsx';
import { TokensPage } from './pages/Tokens.tsx';
import { UsersPage } from './pages/Users.tsx';
import { Crash } from './parts/Crash.tsx';
import { Frame } from './parts/Frame.tsx';
import { Refused } from './parts/Notice.tsx';
import { words } from './words.ts';

// What most visits don't need comes when it is wanted.
const ReportsPage = lazy(() => import('./pages/Reports.tsx').then((file) => ({ default: file.ReportsPage })));
const TargetsPage = lazy(() => import('./pages/Targets.tsx').then((file) => ({ default: file.TargetsPage })));

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
            <NewMonitorPage customerId={customerId} />
          </Framed>
        )}
      </Route>
      <Route path="/c/:customerId/monitors/:monitorId/settings">
        {({ customerId, monitorId }) => (
          <Framed session={session} customerId={customerId}>
            <ChangeMonitorPage key={monitorId} customerId={customerId} monitorId={monitorId} />
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
            <NewScriptPage customerId={customerId} />
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
            <EditScriptPage key={script} customerId={customerId} script={script} />
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
