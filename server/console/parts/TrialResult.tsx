import { Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { trialQuery } from '../api/script-queries.ts';
import type { RunDetail, Trial } from '../api/types.ts';
import { duration } from '../format.ts';
import { messages, reasonWords, words } from '../messages/messages.ts';
import { colourNumbers } from '../series.ts';
import { Facts } from './Facts.tsx';
import { Fault } from './Fault.tsx';
import { Loaded } from './Loaded.tsx';
import { PageFacts } from './PageFacts.tsx';
import { Screenshot } from './Screenshot.tsx';
import { OutcomeBadge } from './State.tsx';
import css from './TrialResult.module.css';
import { Waterfall } from './Waterfall.tsx';

const say = messages.scripts;

/** How a trial stands, and what came of it as soon as it is there. */
export function TrialResult({ customerId, trialId }: { customerId: string; trialId: string }) {
  const query = useQuery(trialQuery(customerId, trialId));
  return (
    <Loaded query={query} skeleton={<Loader size="sm" />}>
      {(trial) => (
        <div className={css.trial} role="status">
          <Head trial={trial} />
          {trial.run && <Result run={trial.run} customerId={customerId} />}
        </div>
      )}
    </Loaded>
  );
}

function Head({ trial }: { trial: Trial }) {
  const { state, run, sentinel } = trial;
  const isGoing = state === 'asked' || state === 'fetched';
  return (
    <section className={`panel ${css.head}`}>
      <h2>{say.trialOf(sentinel.name, sentinel.location)}</h2>
      {isGoing && <Loader size="xs" />}
      {run ? (
        <p className={css.outcome}>
          <OutcomeBadge outcome={run.outcome} />{' '}
          <span className="muted">{say.trialTook(duration(run.durationUs))}</span>
        </p>
      ) : (
        <p className="muted">{say.states[state]}</p>
      )}
    </section>
  );
}

function Result({ run, customerId }: { run: RunDetail; customerId: string }) {
  const wrong = run.transactions.find((t) => t.outcome === 'failed' || t.outcome === 'errored');
  const error = run.error ?? wrong?.error ?? null;
  return (
    <>
      {error && <Fault error={error} transaction={wrong?.name} lastPassed={undefined} customerId={customerId} />}
      {run.reason && <p className={`panel ${css.reason}`}>{reasonWords[run.reason] ?? run.reason}</p>}
      {run.transactions.length > 0 && (
        <section className="panel" aria-labelledby="transactions">
          <header className="panel-head">
            <h2 id="transactions">{words.transactions}</h2>
            <p className="muted small">{words.waterfallHow}</p>
          </header>
          <Waterfall run={run} colours={colourNumbers(run.transactions.map(({ name }) => name))} />
        </section>
      )}
      {run.outcome !== 'skipped' && (
        <div className={css.columns}>
          <div className={css.trial}>
            <Screenshot run={run} customerId={customerId} />
            <PageFacts run={run} />
          </div>
          <Facts run={run} />
        </div>
      )}
    </>
  );
}
