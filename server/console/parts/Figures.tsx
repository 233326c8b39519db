import type { ReactNode } from 'react';
import type { Monitor } from '../api/types.ts';
import { count, share } from '../format.ts';
import { outcomeWords, skipWords, words } from '../messages/messages.ts';
import css from './Figures.module.css';
import { Shape } from './State.tsx';

/** One figure with its name above and, small, what it means or is made of below. */
export function Figure({ name, value, children }: { name: string; value: ReactNode; children?: ReactNode }) {
  return (
    <div className={css.figure}>
      <dt className={css.name}>{name}</dt>
      <dd className={css.value}>{value}</dd>
      {children && <dd className={css.note}>{children}</dd>}
    </div>
  );
}

/** Availability with the rule it is counted by, coverage, and the runs behind them. */
export function Figures({ monitor, rule }: { monitor: Monitor; rule: string }) {
  const { counts } = monitor;
  return (
    <dl className={`panel ${css.figures}`}>
      <Figure name={words.availability} value={share(monitor.availability)}>
        {rule}
      </Figure>
      <Figure name={words.coverage} value={share(monitor.coverage)}>
        {words.coverageRule}
      </Figure>
      <Figure name={words.runs} value={count(counts.passed + counts.failed + counts.errored + counts.skipped)}>
        <ul className={css.counts}>
          {(['passed', 'failed', 'errored', 'skipped'] as const).map((outcome) => (
            <li key={outcome}>
              <Shape kind={outcome} size={9} />
              {count(counts[outcome])} {outcomeWords[outcome].toLowerCase()}
              {outcome === 'skipped' && <SkippedBy reasons={counts.skippedBy} />}
            </li>
          ))}
          <li>
            <Shape kind="lost" size={9} />
            {count(counts.lost)} {words.lost.toLowerCase()}
          </li>
        </ul>
      </Figure>
    </dl>
  );
}

/** ` (29 device asleep, 9 sentinel off)`; nothing where no times were skipped. */
function SkippedBy({ reasons }: { reasons: Monitor['counts']['skippedBy'] }) {
  const parts = Object.entries(reasons).map(([reason, runs]) => `${count(runs)} ${skipWords[reason] ?? reason}`);
  return parts.length === 0 ? null : ` (${parts.join(', ')})`;
}
