import { Link } from 'wouter';
import type { Overview, ScriptVersion } from '../api/types.ts';
import { listed, messages, stateWords } from '../messages/messages.ts';
import css from './ScriptUse.module.css';
import { Shape } from './State.tsx';

const say = messages.scripts;

interface ScriptUseProps {
  monitors: readonly (Overview['monitors'][number] & { at: readonly string[] })[];
  newest: ScriptVersion;
  customerId: string;
  script: string;
  mayChange: boolean;
}

/** Which monitors run a script and where, and what its newest version may do. */
export function ScriptUse({ monitors, newest, customerId, script, mayChange }: ScriptUseProps) {
  return (
    <section className="panel" aria-label={say.usedBy}>
      <dl className={css.facts}>
        <div>
          <dt>{say.usedBy}</dt>
          <dd>
            {monitors.length === 0 && say.usedByNobody}
            {monitors.length === 0 && mayChange && (
              <>
                {' '}
                <Link href={`/c/${customerId}/monitors/new?script=${encodeURIComponent(script)}`}>{say.monitorIt}</Link>
              </>
            )}
            {monitors.map(({ id, name, state, at }) => (
              <span key={id} className={css.monitor}>
                <span title={stateWords[state]}>
                  <Shape kind={state} size={10} />
                </span>{' '}
                <Link href={`/c/${customerId}/monitors/${id}`}>{name}</Link>
                {at.length > 0 && (
                  <span className="muted" title={at.join(', ')}>
                    {' '}
                    {say.runsAt(listed(at))}
                  </span>
                )}
              </span>
            ))}
          </dd>
        </div>
        <div>
          <dt>{say.hosts}</dt>
          <dd>{newest.hosts.length === 0 ? say.noHosts : newest.hosts.join(', ')}</dd>
        </div>
        <div>
          <dt>{say.secrets}</dt>
          <dd>{newest.secrets.length === 0 ? say.noSecrets : newest.secrets.join(', ')}</dd>
        </div>
        {newest.defaults.length > 0 && (
          <div>
            <dt>{say.defaults}</dt>
            <dd>{newest.defaults.join(', ')}</dd>
          </div>
        )}
        <div>
          <dt>{say.signedBy}</dt>
          <dd>
            {newest.byAuthorKey ? say.ownKey : say.customerKey} <code className="faint">{newest.keyId}</code>
          </dd>
        </div>
      </dl>
    </section>
  );
}
