import type { MonitorState, Outcome, SentinelState } from '../api/types.ts';
import { outcomeMeanings, outcomeWords, stateWords, words } from '../messages/messages.ts';
import { Instant } from './Instant.tsx';
import css from './State.module.css';

type Kind = MonitorState | Outcome | SentinelState | 'lost';

const dot = <circle cx="6" cy="6" r="5" />;
const ring = <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" />;
const triangle = <path d="M6 .8 11.6 11H.4z" />;
const square = <path d="M1.2 1.200h9.600v9.600H1.200z" />;
const diamond = <path d="M6 0l6 6-6 6-6-6z" />;

/* A state is told by its shape and its word; its colour only repeats them. */
const shapes: Record<Kind, { colour: string; drawing: React.ReactNode }> = {
  up: { colour: 'good', drawing: dot },
  passed: { colour: 'good', drawing: dot },
  connected: { colour: 'good', drawing: dot },
  degraded: { colour: 'warn', drawing: triangle },
  problems: { colour: 'warn', drawing: triangle },
  failing: { colour: 'bad', drawing: square },
  failed: { colour: 'bad', drawing: square },
  away: { colour: 'bad', drawing: ring },
  errored: { colour: 'ours', drawing: diamond },
  parked: { colour: 'ours', drawing: diamond },
  noData: { colour: 'none', drawing: ring },
  lost: { colour: 'none', drawing: ring },
  unused: { colour: 'none', drawing: ring },
  revoked: { colour: 'none', drawing: <path d="m2 2 8 8m0-8-8 8" stroke="currentColor" strokeWidth="2" /> },
  skipped: { colour: 'none', drawing: <path d="M1 5h10v2H1z" /> },
  paused: { colour: 'none', drawing: <path d="M2 1.500h3v9H2zM7 1.500h3v9H7z" /> },
};

export function Shape({ kind, size = 12 }: { kind: Kind; size?: number }) {
  const { colour, drawing } = shapes[kind];
  return (
    <svg
      className={css.shape}
      width={size}
      height={size}
      viewBox="0 0 12 12"
      fill="currentColor"
      aria-hidden="true"
      style={{ color: `var(--${colour})` }}
    >
      {drawing}
    </svg>
  );
}

/** `■ Failing since 10:42`. */
export function State({ state, since }: { state: MonitorState; since?: number | null }) {
  return (
    <span className={css.badge} style={tint(state)}>
      <Shape kind={state} />
      <span className={css.word}>{stateWords[state]}</span>
      {since ? (
        <span className={css.since}>
          {words.since('')}
          <Instant at={since} precision="minutes" />
        </span>
      ) : null}
    </span>
  );
}

/** `● Passed`. */
export function OutcomeMark({ outcome }: { outcome: Outcome }) {
  return (
    <span className={css.outcome} title={outcomeMeanings[outcome]}>
      <Shape kind={outcome} size={10} />
      {outcomeWords[outcome]}
    </span>
  );
}

/** A state or outcome that leads a page: larger, on its own tint. */
export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  return (
    <span className={css.badge} style={tint(outcome)} title={outcomeMeanings[outcome]}>
      <Shape kind={outcome} />
      <span className={css.word}>{outcomeWords[outcome]}</span>
    </span>
  );
}

function tint(kind: Kind): React.CSSProperties {
  const { colour } = shapes[kind];
  return { color: `var(--${colour})`, background: `var(--${colour}-soft)` };
}
