import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { RunDetail } from '../api/types.ts';
import { duration } from '../format.ts';
import { because, messages, words } from '../messages/messages.ts';
import css from './Fault.module.css';
import { Instant } from './Instant.tsx';
import { SourceLines } from './SourceLines.tsx';

type RunError = NonNullable<RunDetail['error']>;

interface FaultProps {
  error: RunError;
  /** The one that went wrong, if it was one. */
  transaction: string | undefined;
  /** Left out where there are no runs before it. */
  lastPassed: RunDetail['lastPassed'] | undefined;
  customerId: string;
}

/** What went wrong in a run: a sentence, the code with its meaning, what to do, the message as it came, the place in the script. */
export function Fault({ error, transaction, lastPassed, customerId }: FaultProps) {
  const nextStep = messages.run.nextSteps[error.code];
  return (
    <section className={`panel ${css.fault}`} aria-labelledby="fault">
      <h2 id="fault">
        {transaction ?? words.errorTitle}: {because(error.code, error.message)}
      </h2>
      <p>
        <code className={css.code}>{error.code}</code> <span className="muted">{error.meaning}</span>
      </p>
      <dl className={css.facts}>
        {nextStep !== undefined && (
          <Fact name={messages.run.nextStep}>
            <WithCode text={nextStep} />
          </Fact>
        )}
        {transaction !== undefined && lastPassed !== undefined && (
          <Fact name={messages.run.lastPassed}>
            <LastPassed run={lastPassed} customerId={customerId} />
          </Fact>
        )}
      </dl>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long message scrolls in itself, by keyboard too */}
      <pre className={css.message} tabIndex={0}>
        {error.message}
      </pre>
      {error.location && <SourceLines place={error.location} source={error.source} />}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function LastPassed({ run, customerId }: { run: RunDetail['lastPassed']; customerId: string }) {
  if (run === null) return messages.run.neverPassed;
  return (
    <>
      <Link href={`/c/${customerId}/runs/${run.runId}`}>
        <Instant at={run.startedAt} />
      </Link>{' '}
      {messages.run.lastPassedAt(run.location, duration(run.responseUs))}
    </>
  );
}

/** What stands between backticks is to be typed. */
function WithCode({ text }: { text: string }) {
  return text.split('`').map((part, i) => (i % 2 === 1 ? <code key={part}>{part}</code> : part));
}
