import { useState } from 'react';
import type { Session } from '../api/types.ts';
import { accountWords as say, words } from '../messages/messages.ts';
import { FactorPanel } from '../parts/FactorPanel.tsx';
import css from '../parts/Form.module.css';
import { Instant } from '../parts/Instant.tsx';
import { OwnSessions } from '../parts/OwnSessions.tsx';
import { PasswordForm } from '../parts/PasswordForm.tsx';

/** One's own account: password, second factor, and where one is signed in. */
export function AccountPage({ session: { user } }: { session: Session }) {
  const [changed, setChanged] = useState(false);
  return (
    <div className="page">
      <title>{`${words.account} · ${words.product}`}</title>
      <div className="page-head">
        <div>
          <h1>{user.name}</h1>
          <p className="muted">{words.role[user.role]}</p>
        </div>
      </div>
      <section className="panel" aria-labelledby="password">
        <header className="panel-head">
          <h2 id="password">{say.password}</h2>
          <p className="muted small">
            {user.passwordEndsAt === null ? (
              say.endsNever
            ) : (
              <>
                {say.endsAt} <Instant at={user.passwordEndsAt} precision="minutes" />
              </>
            )}
          </p>
        </header>
        <div className={`${css.body} ${css.narrow}`}>
          {changed && (
            <p role="status" className={css.hint}>
              {say.changed}
            </p>
          )}
          <PasswordForm name={user.name} onDone={() => setChanged(true)} />
        </div>
      </section>
      <FactorPanel user={user} />
      <OwnSessions />
    </div>
  );
}
